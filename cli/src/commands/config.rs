//! `config`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Which settings apply, and where each came from.
#[derive(Debug, Args)]
pub(crate) struct Config {}

impl Config {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
