//! The flags that every command has. All but `--no-color` are settings.

use std::time::Duration;

use clap::Args;

use super::values::{Auth, parse_duration};
use crate::output::Output;

/// The flags of every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The API's address
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The deployed stack; its parameter has the API's address when no setting has it
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    /// The environment; an empty name means all
    #[arg(long, short, global = true, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// The AWS region
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The AWS profile
    #[arg(long, global = true, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Authentication: auto means none on loopback and over plain http, else the token if one is set, else AWS
    /// credentials
    #[arg(long, global = true, value_enum, hide_possible_values = true, value_name = "auto|iam|token|none")]
    pub(crate) auth: Option<Auth>,
    /// The output format; text has one line per item, for cut and awk
    #[arg(long, short, global = true, value_enum, hide_possible_values = true, value_name = "table|json|jsonl|text")]
    pub(crate) output: Option<Output>,
    /// Print without colour, as with the variable `NO_COLOR`
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// How long to wait for an answer [default: 30s]; watch waits for the deployment to finish
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
}
