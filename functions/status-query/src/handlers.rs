//! The questions, one file each.

mod active;
mod catalog;
mod deployment;
mod history;
mod live;
mod rejected;
mod trail;
