//! `completions`: the completion script for a shell.

use std::env;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::completion::SHELLS;
use crate::failure::{Exit, Failure};

/// Print the completion script for a shell: it completes commands, flags and names.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples, for the file that the shell reads when it starts:\n  \
        source <(deployment-status completions bash)              in ~/.bashrc\n  \
        source <(deployment-status completions zsh)               in ~/.zshrc, after compinit\n  \
        deployment-status completions fish | source               in ~/.config/fish/config.fish\n  \
        eval (deployment-status completions elvish | slurp)       in ~/.config/elvish/rc.elv\n  \
        deployment-status completions powershell | Out-String | iex    in $PROFILE",
    after_help = "The script calls deployment-status to complete environments and services, which are cached for 5 \
                  minutes, and the latest deployments. It uses the flags that are already typed, the variables and \
                  the config file. It waits for the API for one second, or for the time in the variable \
                  DEPLOYMENT_STATUS_COMPLETION_TIMEOUT, and never starts a login."
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

/// How the script calls this program: by its name if it was called by its name, so that an update needs no
/// new script; else by its whole path.
fn called() -> String {
    let name = PathBuf::from(env::args_os().next().unwrap_or_default());
    let whole = if name.components().count() > 1 {
        env::current_dir().map(|folder| folder.join(&name))
    } else {
        Ok(name.clone())
    };
    whole.unwrap_or(name).to_string_lossy().into_owned()
}
