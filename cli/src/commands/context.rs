//! What a command needs to run.

use crate::api::{self, Api};
use crate::failure::Failure;
use crate::output::{Look, Printer};
use crate::settings::{Global, Settings};

/// The settings, and where the output goes.
pub(crate) struct Context {
    /// The settings.
    pub(crate) settings: Settings,
    /// Prints the output.
    pub(crate) printer: Printer,
}

impl Context {
    /// The settings and the output of a call with these flags.
    ///
    /// # Errors
    /// When the config file can't be read, or a setting is wrong.
    pub(super) fn of(global: &Global) -> Result<Self, Failure> {
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
