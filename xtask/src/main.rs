//! `cargo xtask STEP` runs one step of building or checking this project. Without a step it lists all
//! of them. `.ci/run` runs them all.

mod command;
mod steps;
mod workspace;

use std::process::ExitCode;

use crate::steps::STEPS;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["help" | "--help" | "-h"] => {
            print!("{}", usage());
            Ok(())
        }
        ["all"] => steps::all(),
        // One step takes options, and reads them itself.
        [name] | [name @ "bench", ..] => match STEPS.iter().find(|step| step.name == name) {
            Some(step) => (step.run)(),
            None => Err(format!("there is no step {name:?}\n\n{}", usage())),
        },
        _ => Err(format!("one step at a time\n\n{}", usage())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let all = ("all", "each of these but `fast` and `bench`, as .ci/run does");
    let steps = STEPS.iter().map(|step| (step.name, step.about)).chain([all]);
    let lines = steps.map(|(name, about)| format!("  {name:<9} {about}\n"));
    format!("Usage: cargo xtask STEP\n\nSteps:\n{}", lines.collect::<String>())
}
