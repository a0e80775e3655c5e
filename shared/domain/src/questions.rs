//! Answers that are computed from what was recorded, one file each.

pub mod asked;
pub mod bad;
pub mod compare;
pub mod cost;
pub mod delivery;
pub mod drift;
pub mod expected;
pub mod gate;
pub mod lookalike;
pub mod month;
pub mod pace;
pub mod previous;
pub mod release;
pub mod suspects;
pub mod verdicts;
