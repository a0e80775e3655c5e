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
use crate::arguments::{Arguments, Command, Global};
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
    /// The settings that apply to a call with these flags, and how its answer looks.
    fn of(global: &Global) -> Result<Self, Failure> {
        // What is no text is a wrong value, rather than none.
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let settings = Settings::resolve(global, variable)?;
        let look = Look::of_stdout(global.no_color, api::now());
        let printer = Printer { look, output: settings.output.value };
        Ok(Self { settings, printer })
    }

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
        // Without settings: a shell must start, whatever stands in the config file.
        Command::Completions(completions) => completions.run(),
        Command::Config(config) => config.run(&context()?),
    }
}
