//! Standard output. Whoever reads it may have gone (`| head -1`), and nothing ends for that: a server goes on
//! serving, and a command does what it was asked to, and ends with the code that says how it went.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something could not be printed that somebody was to read.
static INCOMPLETE: AtomicBool = AtomicBool::new(false);

/// Prints a line of a command's answer. Where that can't be done, [`ended`] says so.
pub fn print(line: impl Display) {
    if let Err(error) = try_print(line)
        && error.kind() != ErrorKind::BrokenPipe
        && !INCOMPLETE.swap(true, Ordering::Relaxed)
    {
        complain(format_args!("can't write the output: {error}"));
    }
}

/// Prints a line, or nothing where the line is empty.
///
/// # Errors
/// When it can't be written.
pub fn try_print(line: impl Display) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let line = line.to_string();
    if !line.is_empty() {
        writeln!(output, "{line}")?;
    }
    output.flush()
}

/// Prints a line that a server says. Where that can't be done, it stands in the log.
pub fn say(line: impl Display) {
    if let Err(error) = try_print(&line) {
        tracing::warn!(%error, said = %line, "standard output can't be written");
    }
}

/// Prints an error of the command. Where that can't be done, its exit code is all that is left.
pub fn complain(error: impl Display) {
    let _ = writeln!(io::stderr(), "deployment-status-local: {error}");
}

/// How a command ends that ended with an error. To write to nobody is none.
#[must_use]
pub fn failed(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    complain(error);
    ExitCode::FAILURE
}

/// How a command ends that ended with `code`, if all of its answer could be printed.
#[must_use]
pub fn ended(code: ExitCode) -> ExitCode {
    let is_incomplete = INCOMPLETE.load(Ordering::Relaxed) && code == ExitCode::SUCCESS;
    if is_incomplete { ExitCode::FAILURE } else { code }
}
