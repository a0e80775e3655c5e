//! `active`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Deployments that have not ended.
#[derive(Debug, Args)]
pub(crate) struct Active {}

impl Active {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
