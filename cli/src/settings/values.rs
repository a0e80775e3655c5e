//! The values of settings: each with its origin, and how its text is parsed.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

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

/// Reads one of the possible values.
///
/// # Errors
/// A message with the possible values.
pub(super) fn one_of<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, false).map_err(|_| {
        let names = T::value_variants().iter().filter_map(T::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        format!("`{text}` must be one of {}", names.join(", "))
    })
}
