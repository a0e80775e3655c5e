//! `completions`: the script with which a shell completes commands and names.

use std::env;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::completion::SHELLS;
use crate::failure::{Exit, Failure};

/// Print the script with which a shell completes commands and names.
#[derive(Debug, Args)]
#[command(
    before_help = "In the file that your shell reads at its start:\n  \
        source <(deployment-status completions bash)              in ~/.bashrc\n  \
        source <(deployment-status completions zsh)               in ~/.zshrc, after compinit\n  \
        deployment-status completions fish | source               in ~/.config/fish/config.fish\n  \
        eval (deployment-status completions elvish | slurp)       in ~/.config/elvish/rc.elv\n  \
        deployment-status completions powershell | Out-String | iex    in $PROFILE",
    after_help = "The script calls deployment-status at Tab: for environments and services from the catalog, which it \
                  remembers for 5 minutes, and for the latest deployments. Which API it asks is settled by variables \
                  and config file, and by the flags that are typed already. It waits for a second at most, or as long \
                  as the variable DEPLOYMENT_STATUS_COMPLETION_TIMEOUT says, and never asks anybody to log in."
)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = PossibleValuesParser::new(SHELLS.names()))]
    shell: String,
}

impl Completions {
    /// # Errors
    /// When stdout can't be written.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        const NAME: &str = "deployment-status";
        let shell = SHELLS.completer(&self.shell);
        let shell = shell.ok_or_else(|| Failure::new(Exit::Usage, format!("there is no script for {}", self.shell)))?;
        let mut script = Vec::new();
        shell.write_registration("COMPLETE", NAME, NAME, &called(), &mut script)?;
        let mut out = io::stdout().lock();
        out.write_all(&script)?;
        Ok(out.flush()?)
    }
}

/// How to call this program again: by its name where it was found by that, so that a newer one takes
/// its place; else by its whole path.
fn called() -> String {
    let name = PathBuf::from(env::args_os().next().unwrap_or_default());
    let whole = if name.components().count() > 1 {
        env::current_dir().map(|folder| folder.join(&name))
    } else {
        Ok(name.clone())
    };
    whole.unwrap_or(name).to_string_lossy().into_owned()
}
