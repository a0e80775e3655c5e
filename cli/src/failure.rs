//! How a command ends when it doesn't succeed: the exit code, what went wrong, and what to do next.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::output::shown;

/// The exit codes of the command line, as the contract has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 1: it failed.
    Failed = 1,
    /// 2: it was called wrongly, or lacks a setting.
    Usage = 2,
    /// 3: what was asked for does not exist.
    NotFound = 3,
    /// 4: the server does not let us.
    NotAllowed = 4,
    /// 5: the answer is "no": a deployment failed, a history is broken.
    ConditionNotMet = 5,
    /// 6: time is up.
    TimedOut = 6,
    /// 130: Ctrl-C, as shells report it (128 + SIGINT).
    Interrupted = 130,
}

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Ends with this code after having said why on stderr.
    Because {
        /// The exit code.
        exit: Exit,
        /// What went wrong, in one sentence.
        message: String,
        /// What to do next, line by line.
        advice: Vec<String>,
    },
    /// Whoever reads our output has seen enough: that is success (`| head`).
    ClosedPipe,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Because { exit, message: message.into(), advice: Vec::new() }
    }

    /// Adds a line that says what to do next.
    pub(crate) fn advise(mut self, line: impl Into<String>) -> Self {
        if let Self::Because { advice, .. } = &mut self {
            advice.push(line.into());
        }
        self
    }

    /// Whether it is the one that ends with this code.
    pub(crate) fn is(&self, code: Exit) -> bool {
        matches!(self, Self::Because { exit, .. } if *exit == code)
    }

    /// What went wrong, in one sentence.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Because { message, .. } => message,
            Self::ClosedPipe => "",
        }
    }

    /// Says on stderr what went wrong, and answers the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::ClosedPipe => ExitCode::SUCCESS,
            Self::Because { exit, .. } => {
                // Where stderr is closed too, there is nobody left to tell.
                let _ = io::Write::write_all(&mut io::stderr(), self.to_string().as_bytes());
                ExitCode::from(*exit as u8)
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Because { message, advice, .. } = self else { return Ok(()) };
        // Whatever a message has in it, of the server, of a program or of a file: it steers no terminal.
        if !message.is_empty() {
            writeln!(f, "deployment-status: {}", shown(message))?;
        }
        advice.iter().try_for_each(|line| writeln!(f, "  {}", shown(line)))
    }
}

/// Only writing to stdout fails with a bare I/O error: other failures are put into words where they
/// happen.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::new(Exit::Failed, format!("can't write the output: {error}")),
        }
    }
}
