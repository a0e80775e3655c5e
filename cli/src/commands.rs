//! What can be done: a file for each command, with its flags, its help and what it prints.

pub(crate) mod active;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod record;
pub(crate) mod status;
pub(crate) mod verify;
pub(crate) mod watch;

use crate::api::{self, Api};
use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::output::{Look, Printer};
use crate::settings::Settings;

/// What a command works with.
pub(crate) struct Context {
    /// The settings that apply.
    pub(crate) settings: Settings,
    /// Where its answer goes.
    pub(crate) printer: Printer,
}

impl Context {
    /// The API.
    ///
    /// # Errors
    /// When no setting says where it is or who asks.
    pub(crate) fn api(&self) -> Result<Api, Failure> {
        Api::open(&self.settings)
    }
}

/// Does what these arguments say.
///
/// # Errors
/// Whatever the command fails with.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let global = &arguments.global;
    let settings = Settings::resolve(global, |name| std::env::var(name).ok())?;
    let look = Look::of_stdout(global.no_color, api::now());
    let printer = Printer { look, output: settings.output.value };
    let context = Context { settings, printer };
    match &arguments.command {
        Command::Status(status) => status.run(&context),
        Command::History(history) => history.run(&context),
        Command::Active(active) => active.run(&context),
        Command::Watch(watch) => watch.run(&context),
        Command::Live(live) => live.run(&context),
        Command::Metrics(metrics) => metrics.run(&context),
        Command::Record(record) => record.run(&context),
        Command::Verify(verify) => verify.run(&context),
        Command::Completions(completions) => completions.run(&context),
        Command::Config(config) => config.run(&context),
    }
}
