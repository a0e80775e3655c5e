//! The supported shells.

use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};

use super::bash::Bash;

/// The supported shells.
pub(crate) const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh]);
