//! A status as a flag: in lower case with dashes, as in the help, or as in events.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};
use domain::Status;

/// Reads `completed`, `rolled-back`, `rolled_back`, `ROLLED_BACK`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatusFlag;

impl TypedValueParser for StatusFlag {
    type Value = Status;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Status, clap::Error> {
        let text = value.to_string_lossy().to_uppercase().replace(['-', ' '], "_");
        if let Some(status) = Status::parse(&text) {
            return Ok(status);
        }
        // This parser makes the error: it lists all values and suggests a similar one.
        let names = PossibleValuesParser::new(Status::ALL.map(dashed));
        names.parse_ref(command, arg, value)?;
        Err(command.clone().error(clap::error::ErrorKind::InvalidValue, "this is not a status"))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Status::ALL.map(dashed).into_iter().map(PossibleValue::new)))
    }
}

/// A status as in the help.
fn dashed(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::InProgress => "in-progress",
        Status::Validating => "validating",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
        Status::Failed => "failed",
        Status::RolledBack => "rolled-back",
    }
}
