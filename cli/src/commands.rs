//! The commands: a file for each, with its flags, its help and its output.

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
use crate::arguments::{Arguments, Command, Global};
use crate::failure::Failure;
use crate::output::{Look, Printer};
use crate::settings::Settings;

/// What a command needs to run.
pub(crate) struct Context {
    /// The settings.
    pub(crate) settings: Settings,
    /// Prints the output.
    pub(crate) printer: Printer,
}

impl Context {
    /// The settings and the output of a call with these flags.
    fn of(global: &Global) -> Result<Self, Failure> {
        // A variable that is not UTF-8 is a wrong value, not a missing one.
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let settings = Settings::resolve(global, variable)?;
        let look = Look::of_stdout(global.no_color, api::now());
        let printer = Printer { look, output: settings.output.value };
        Ok(Self { settings, printer })
    }

    /// The API.
    ///
    /// # Errors
    /// When the settings give no address, or no usable authentication.
    pub(crate) fn api(&self) -> Result<Api, Failure> {
        Api::open(&self.settings)
    }
}

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
        Command::Metrics(metrics) => metrics.run(&context()?),
        Command::Record(record) => record.run(&context()?),
        Command::Verify(verify) => verify.run(&context()?),
        // Needs no settings: a shell must start even with a wrong config file.
        Command::Completions(completions) => completions.run(),
        Command::Config(config) => config.run(&context()?),
    }
}
