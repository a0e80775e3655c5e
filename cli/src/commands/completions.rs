//! `completions`.

use clap::Args;

use super::Context;
use crate::failure::Failure;

/// Print the script with which a shell completes commands and names.
#[derive(Debug, Args)]
pub(crate) struct Completions {}

impl Completions {
    pub(crate) fn run(&self, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
}
