//! Files on this machine that are nobody else's business.

pub(crate) mod journal;
pub(crate) mod private_files;

pub(crate) use self::{
    journal::Slot,
    private_files::{Unfit, User, remedy_of},
};
