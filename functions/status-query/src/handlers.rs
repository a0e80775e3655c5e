//! The questions, one file each.

mod active;
pub(crate) mod at;
mod bad;
mod catalog;
mod compare;
mod day;
mod deployment;
mod drift;
mod gate;
mod history;
mod incidents;
pub(crate) mod live;
pub(crate) mod metrics;
mod rejected;
mod release;
mod settings;
mod stalled;
mod suspects;
mod trail;
mod usage;
