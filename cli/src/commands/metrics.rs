//! `metrics`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Success rate, durations and the four keys of DORA over a window of time.
#[derive(Debug, Args)]
pub(crate) struct Metrics {}

impl Metrics {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
