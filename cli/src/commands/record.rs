//! `record`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Report a deployment, or a stage of it.
#[derive(Debug, Args)]
pub(crate) struct Record {}

impl Record {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
