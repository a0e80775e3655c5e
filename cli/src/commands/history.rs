//! `history`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Deployments, newest first.
#[derive(Debug, Args)]
pub(crate) struct History {}

impl History {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
