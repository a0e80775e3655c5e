//! `deployment-status`: the command line.
//!
//! The flow of a call: flags ([`arguments`]) and settings ([`settings`]) → a command ([`commands`]) →
//! requests to the [`api`] → printed [`output`], or a [`failure`] with its exit code. The rules for what an
//! answer means are in `domain`, which the server uses too.

use std::process::ExitCode;

use clap::{ColorChoice, FromArgMatches as _};

mod access;
mod account;
mod api;
mod arguments;
mod cache;
mod commands;
mod completion;
mod endpoint;
mod failure;
mod http;
mod moment;
mod names;
mod output;
mod settings;

use arguments::Arguments;

fn main() -> ExitCode {
    clap_complete::CompleteEnv::with_factory(completion::command).shells(completion::SHELLS).complete();
    // Help and usage errors are printed before the flags are parsed.
    let plain = std::env::args_os().any(|word| word == "--no-color");
    let command = arguments::command().color(if plain { ColorChoice::Never } else { ColorChoice::Auto });
    let arguments = match command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => return print_help_or_error(&error),
    };
    match commands::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints help (exit code 0) or a usage error (2).
fn print_help_or_error(help_or_error: &clap::Error) -> ExitCode {
    match help_or_error.print() {
        // Help goes to stdout, and must not get lost without an error.
        Err(error) if !help_or_error.use_stderr() => failure::Failure::from(error).report(),
        _ => ExitCode::from(u8::try_from(help_or_error.exit_code()).unwrap_or(1)),
    }
}
