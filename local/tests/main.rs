//! The real binary of `local`.

#![recursion_limit = "256"]

mod explain;
mod rebuild;
mod upgrade;
mod walkthrough;
