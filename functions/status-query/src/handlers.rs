//! The questions, one file each.

mod active;
mod catalog;
mod deployment;
mod history;
mod live;
mod metrics;
mod rejected;
mod trail;
