//! The settings, and where each comes from: flag, environment variable, config file, default, in this
//! order.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::arguments::Global;
use crate::failure::{Exit, Failure};

mod file;

pub(crate) use file::path as config_path;

/// A value and its origin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of this call.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// The config file.
    File(PathBuf),
    /// The default.
    Default,
}

impl<T> Setting<T> {
    /// Whether it is a flag of this call.
    pub(crate) fn is_flag(&self) -> bool {
        matches!(self.origin, Origin::Flag(_))
    }
}

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Output {
    /// A table for people, as wide as the terminal
    Table,
    /// The API's answer as it came
    Json,
    /// One JSON value per line and item
    Jsonl,
    /// One line per item, fields separated by tabs, times in RFC 3339: for cut and awk
    Text,
}

/// How requests to the API are authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Auth {
    /// None on loopback and over plain http, else the token if one is set, else AWS credentials
    Auto,
    /// Requests are signed (`SigV4`) with the credentials of the default AWS chain
    Iam,
    /// The bearer token in `DEPLOYMENT_STATUS_TOKEN` or the config file
    Token,
    /// No authentication
    None,
}

/// A bearer token. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(pub(crate) String);

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        // The default error for a value of another type would quote it.
        String::deserialize(value).map(Self).map_err(|_| D::Error::custom("token must be a string in quotes"))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

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

/// Reads a duration: `30s`, `5m`, or a plain number of seconds.
///
/// # Errors
/// A message with examples.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()));
    let duration = seconds.or_else(|| humantime::parse_duration(text).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("`{text}` is not a duration; examples: 30s, 5m, 1h 30m"))
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

/// Reads one of the possible values.
///
/// # Errors
/// A message with the possible values.
fn one_of<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, false).map_err(|_| {
        let names = T::value_variants().iter().filter_map(T::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        format!("`{text}` must be one of {}", names.join(", "))
    })
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}
