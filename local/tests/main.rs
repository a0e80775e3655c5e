//! The real binary of `local`.

mod rebuild;
mod walkthrough;
