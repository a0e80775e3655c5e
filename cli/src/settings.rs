//! The settings, and where each comes from: flag, environment variable, config file, default, in this
//! order.

use std::time::Duration;

use clap::ValueEnum;

use crate::failure::{Exit, Failure};
use crate::output::Output;

mod file;
mod flags;
mod values;

pub(crate) use file::path as config_path;
pub(crate) use flags::Global;
use values::one_of;
pub(crate) use values::{Auth, Origin, Setting, Token, parse_duration};

/// All settings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The API's address; absent when it is in the stack's parameter.
    pub(crate) url: Option<Setting<String>>,
    /// The deployed stack, whose parameter has the API's address.
    pub(crate) stack: Setting<String>,
    /// The environment; absent for all.
    pub(crate) environment: Option<Setting<String>>,
    /// The AWS region; absent for the profile's region.
    pub(crate) region: Option<Setting<String>>,
    /// The AWS profile; absent for the default profile.
    pub(crate) profile: Option<Setting<String>>,
    /// The output format.
    pub(crate) output: Setting<Output>,
    /// How long to wait: for an answer; for `watch`, until the deployment finishes.
    pub(crate) timeout: Option<Setting<Duration>>,
    /// The authentication.
    pub(crate) auth: Setting<Auth>,
    /// The bearer token, if there is one.
    pub(crate) token: Option<Setting<Token>>,
}

/// The default time to wait for an answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// The default name of the stack.
const STACK: &str = "deployment-status";

impl Settings {
    /// The settings of a call with these flags; `variable` reads an environment variable.
    ///
    /// # Errors
    /// When the config file can't be read, or a value in it or in a variable is wrong.
    pub(crate) fn resolve(global: &Global, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let variable = |name: &'static str| {
            // An empty variable counts as not set, as in the AWS tools; but an empty environment means "all".
            let value = variable(name).filter(|value| !value.is_empty() || name == "DEPLOYMENT_STATUS_ENVIRONMENT");
            value.map(|value| Setting { value, origin: Origin::Variable(name) })
        };
        let (file, path) = file::read(&variable)?;
        let from_file = |value: Option<String>| {
            value.zip(path.clone()).map(|(value, path)| Setting { value, origin: Origin::File(path) })
        };
        let flag =
            |name, value: &Option<String>| value.clone().map(|value| Setting { value, origin: Origin::Flag(name) });
        let chosen = |value: Option<Setting<String>>, default: &str| {
            value.unwrap_or_else(|| Setting { value: default.to_owned(), origin: Origin::Default })
        };
        let aws_region = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let output = match global.output {
            Some(value) => Setting { value, origin: Origin::Flag("--output") },
            None => choice(chosen(variable("DEPLOYMENT_STATUS_OUTPUT").or(from_file(file.output)), "table"), "output")?,
        };
        let auth = match global.auth {
            Some(value) => Setting { value, origin: Origin::Flag("--auth") },
            None => choice(chosen(variable("DEPLOYMENT_STATUS_AUTH").or(from_file(file.auth)), "auto"), "auth")?,
        };
        let timeout = match global.timeout {
            Some(value) => Some(Setting { value, origin: Origin::Flag("--timeout") }),
            None => variable("DEPLOYMENT_STATUS_TIMEOUT").or(from_file(file.timeout)).map(timeout).transpose()?,
        };
        let environment = flag("--environment", &global.environment)
            .or(variable("DEPLOYMENT_STATUS_ENVIRONMENT"))
            .or(from_file(file.environment));
        Ok(Self {
            url: flag("--url", &global.url).or(variable("DEPLOYMENT_STATUS_URL")).or(from_file(file.url)),
            stack: chosen(
                flag("--stack", &global.stack).or(variable("DEPLOYMENT_STATUS_STACK")).or(from_file(file.stack)),
                STACK,
            ),
            environment,
            region: flag("--region", &global.region).or(aws_region()).or(from_file(file.region)),
            profile: flag("--profile", &global.profile).or(variable("AWS_PROFILE")).or(from_file(file.profile)),
            output,
            timeout,
            auth,
            token: variable("DEPLOYMENT_STATUS_TOKEN")
                .or(from_file(file.token.map(|token| token.0)))
                .map(|token| Setting { value: Token(token.value), origin: token.origin }),
        })
    }

    /// The environment; none means all.
    pub(crate) fn environment(&self) -> Option<&str> {
        self.environment.as_ref().map(|setting| setting.value.as_str()).filter(|name| !name.is_empty())
    }

    /// How long to wait for an answer.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.timeout.as_ref().map_or(TIMEOUT, |setting| setting.value)
    }
}

fn timeout(text: Setting<String>) -> Result<Setting<Duration>, Failure> {
    let wrong = |wrong| Failure::new(Exit::Usage, format!("timeout: {wrong} ({})", text.origin));
    let value = parse_duration(&text.value).map_err(wrong)?;
    Ok(Setting { value, origin: text.origin })
}

fn choice<T: ValueEnum>(text: Setting<String>, name: &str) -> Result<Setting<T>, Failure> {
    let wrong = |wrong| Failure::new(Exit::Usage, format!("{name}: {wrong} ({})", text.origin));
    let value = one_of(&text.value).map_err(wrong)?;
    Ok(Setting { value, origin: text.origin })
}
