//! The commands: a file for each, with its flags, its help and its output.

pub(crate) mod active;
pub(crate) mod assert;
pub(crate) mod bad;
pub(crate) mod bisect;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod cost;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod observe;
pub(crate) mod open;
pub(crate) mod record;
pub(crate) mod release;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod verify;
pub(crate) mod watch;

mod context;
mod named;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

pub(crate) use context::Context;

/// Runs the command of these arguments.
///
/// # Errors
/// The failure of the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let context = || Context::of(&arguments.global);
    match &arguments.command {
        Command::Status(status) => status.run(&context()?),
        Command::History(history) => history.run(&context()?),
        Command::Active(active) => active.run(&context()?),
        Command::Watch(watch) => watch.run(&context()?),
        Command::Live(live) => live.run(&context()?),
        Command::Compare(compare) => compare.run(&context()?),
        Command::Drift(drift) => drift.run(&context()?),
        Command::Bisect(bisect) => bisect.run(&context()?),
        Command::Gate(gate) => gate.run(&context()?),
        Command::Assert(assert) => assert.run(&context()?),
        Command::Bad(bad) => bad.run(&context()?),
        Command::Release(release) => release.run(&context()?),
        Command::Metrics(metrics) => metrics.run(&context()?),
        Command::Cost(cost) => cost.run(&context()?),
        Command::Record(record) => record.run(&context()?),
        Command::Observe(observe) => observe.run(&context()?),
        Command::Open(open) => open.run(&context()?),
        Command::Settings(settings) => settings.run(&context()?),
        Command::Explain(explain) => explain.run(&context()?),
        Command::Verify(verify) => verify.run(&context()?),
        Command::Export(export) => export.run(&context()?),
        // Needs no settings: a shell must start even with a wrong config file.
        Command::Completions(completions) => completions.run(),
        Command::Config(config) => config.run(&context()?),
    }
}
