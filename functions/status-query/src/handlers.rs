//! The questions, one file each.

mod active;
pub(crate) mod at;
mod catalog;
mod compare;
mod deployment;
mod gate;
mod history;
mod incidents;
pub(crate) mod live;
mod metrics;
mod rejected;
mod settings;
mod trail;
