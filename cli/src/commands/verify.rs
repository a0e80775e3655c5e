//! `verify`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Recompute a deployment's hash chain on this side.
#[derive(Debug, Args)]
pub(crate) struct Verify {}

impl Verify {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
