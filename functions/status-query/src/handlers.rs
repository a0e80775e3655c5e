//! The questions, one file each.

mod active;
mod at;
mod bad;
mod catalog;
mod compare;
mod deployment;
mod drift;
mod gate;
mod history;
mod incidents;
mod live;
mod metrics;
mod rejected;
mod release;
mod settings;
mod trail;
