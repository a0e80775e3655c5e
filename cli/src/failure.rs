//! The failure of a command: the exit code, an error message, and advice.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::output::shown;

/// The exit codes, as docs/cli.md lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 1: failure.
    Failed = 1,
    /// 2: usage error: wrong flags, or a missing setting.
    Usage = 2,
    /// 3: not found.
    NotFound = 3,
    /// 4: access denied.
    NotAllowed = 4,
    /// 5: a check failed: the watched deployment did not complete, compared environments differ, a gate denied,
    /// something else runs than was asserted, the history is not intact, or settings are wrong or not those expected.
    ConditionNotMet = 5,
    /// 6: timeout.
    TimedOut = 6,
    /// 130: interrupted, as shells report it (128 + SIGINT).
    Interrupted = 130,
}

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The program prints this to stderr and exits with this code.
    Because {
        /// The exit code.
        exit: Exit,
        /// The error, in one sentence.
        message: String,
        /// Further lines: details, and what to do.
        advice: Vec<String>,
    },
    /// The reader closed the pipe (`| head`). This is success.
    ClosedPipe,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Because { exit, message: message.into(), advice: Vec::new() }
    }

    /// Adds a line of details or advice.
    pub(crate) fn advise(mut self, line: impl Into<String>) -> Self {
        if let Self::Because { advice, .. } = &mut self {
            advice.push(line.into());
        }
        self
    }

    /// Whether it has this exit code.
    pub(crate) fn is(&self, code: Exit) -> bool {
        matches!(self, Self::Because { exit, .. } if *exit == code)
    }

    /// The error, in one sentence.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Because { message, .. } => message,
            Self::ClosedPipe => "",
        }
    }

    /// The further lines: details, and what to do.
    pub(crate) fn advice(&self) -> &[String] {
        match self {
            Self::Because { advice, .. } => advice,
            Self::ClosedPipe => &[],
        }
    }

    /// Prints the error to stderr, and returns the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::ClosedPipe => ExitCode::SUCCESS,
            Self::Because { exit, .. } => {
                // When stderr is closed too, the exit code is all that is left.
                let _ = io::Write::write_all(&mut io::stderr(), self.to_string().as_bytes());
                ExitCode::from(*exit as u8)
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Because { message, advice, .. } = self else { return Ok(()) };
        // A message can contain text of a server, a program or a file: control characters are escaped.
        if !message.is_empty() {
            writeln!(f, "deployment-status: {}", shown(message))?;
        }
        advice.iter().try_for_each(|line| writeln!(f, "  {}", shown(line)))
    }
}

/// Only errors of writing to stdout are converted so: all others get a message where they happen.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::new(Exit::Failed, format!("can't write the output: {error}")),
        }
    }
}
