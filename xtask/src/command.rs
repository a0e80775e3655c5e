//! Running commands in the project's folder.

use std::env;
use std::process::{Command, Stdio};

use crate::workspace;

/// What went wrong, for whoever reads the terminal.
pub(crate) type Failure = String;

/// A command in the project's folder.
///
/// It does not get the variables that `cargo run` sets about this crate. Some build scripts watch them,
/// and all crates that depend on those would be compiled again.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    let of_this_crate = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_this_crate)) {
        command.env_remove(name);
    }
    command
}

/// The Cargo that runs this step.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command(&env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments)
}

/// Runs a command.
///
/// # Errors
/// When it can't be started, or fails.
pub(crate) fn run(mut command: Command) -> Result<(), Failure> {
    let shown = show(&command);
    eprintln!("$ {shown}");
    let status = command.status().map_err(|error| format!("{shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}

/// What a command prints.
///
/// # Errors
/// When it can't be started, or fails.
pub(crate) fn output(mut command: Command) -> Result<String, Failure> {
    let shown = show(&command);
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{shown}: {}", output.status))
    }
}

/// A command as one would type it.
fn show(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}='{}'", name.to_string_lossy(), value.to_string_lossy()))
    });
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    variables.chain([program]).chain(arguments).collect::<Vec<_>>().join(" ")
}
