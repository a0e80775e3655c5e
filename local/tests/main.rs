//! The real binary of `local`.

mod rebuild;
mod upgrade;
mod walkthrough;
