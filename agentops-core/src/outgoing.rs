//! A span as the endpoint is to see it: priced, masked, in the words of its reader. On the delivery thread.

mod content;
mod dialect;
mod mask;

pub(crate) use self::{
    content::clean_content,
    dialect::{leave_out, neutral, spell_for_agentops, translate},
    mask::{mask, mask_resource, mask_scope},
};
