//! Private files on the local disk.

pub(crate) mod journal;
pub(crate) mod private_files;

pub(crate) use self::{
    journal::Slot,
    private_files::{Unfit, User, remedy_of},
};
