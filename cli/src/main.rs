//! `deployment-status`: the command line.
//!
//! The flow of a call: flags ([`arguments`]) and settings ([`settings`]) → a command ([`commands`]) →
//! questions to the [`api`] → what is printed ([`output`]), or a [`failure`] with its exit code. What
//! an answer means is decided in `domain`, by the code that the server runs too.

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
    clap_complete::CompleteEnv::with_factory(arguments::command).shells(completion::SHELLS).complete();
    // Help and what is wrong with the flags are printed before the flags are read.
    let plain = std::env::args_os().any(|word| word == "--no-color");
    let command = arguments::command().color(if plain { ColorChoice::Never } else { ColorChoice::Auto });
    let arguments = match command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(said) => return say(&said),
    };
    match commands::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints help, or what is wrong with the flags: exit code 0 or 2.
fn say(said: &clap::Error) -> ExitCode {
    match said.print() {
        // Help is an answer, and answers get lost no more than others.
        Err(error) if !said.use_stderr() => failure::Failure::from(error).report(),
        _ => ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(1)),
    }
}
