//! `deployment-status`: the command line.
//!
//! The flow of a call: flags ([`arguments`]) and settings ([`settings`]) → a command ([`commands`]) →
//! questions to the [`api`] → what is printed ([`output`]), or a [`failure`] with its exit code. What
//! an answer means is decided in `domain`, by the code that the server runs too.

use std::process::ExitCode;

use clap::FromArgMatches as _;

mod access;
mod account;
mod api;
mod arguments;
mod cache;
mod commands;
mod endpoint;
mod failure;
mod moment;
mod names;
mod output;
mod settings;

use arguments::Arguments;

fn main() -> ExitCode {
    clap_complete::CompleteEnv::with_factory(arguments::command).complete();
    // Wrong flags end here with exit code 2, and help with 0.
    let matches = arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match commands::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
