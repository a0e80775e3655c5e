//! The real binary of `local`.

mod explain;
mod rebuild;
mod upgrade;
mod walkthrough;
