//! `watch`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Follow a deployment until it ends.
#[derive(Debug, Args)]
pub(crate) struct Watch {}

impl Watch {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
