//! The config file: TOML, all keys optional.

use std::io::ErrorKind;
use std::path::PathBuf;

use clap::ValueEnum;
use etcetera::BaseStrategy as _;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::values::{Auth, Setting, Token, one_of, parse_duration};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The keys of the config file. An unknown key is an error: a misspelt key must not be ignored silently.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) url: Option<String>,
    pub(super) stack: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) region: Option<String>,
    pub(super) profile: Option<String>,
    #[serde(default, deserialize_with = "checked::<Output, _>")]
    pub(super) output: Option<String>,
    #[serde(default, deserialize_with = "a_duration")]
    pub(super) timeout: Option<String>,
    #[serde(default, deserialize_with = "checked::<Auth, _>")]
    pub(super) auth: Option<String>,
    pub(super) token: Option<Token>,
}

/// Checks a choice while the file is parsed, so that an error names the line.
fn checked<'de, T: ValueEnum, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(value)?;
    one_of::<T>(&text).map_err(D::Error::custom)?;
    Ok(Some(text))
}

fn a_duration<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(value)?;
    parse_duration(&text).map_err(D::Error::custom)?;
    Ok(Some(text))
}

/// Where the config file is: `DEPLOYMENT_STATUS_CONFIG`, else `deployment-status/config.toml` in the
/// folder for configuration (`$XDG_CONFIG_HOME`, `~/.config`; `%APPDATA%` on Windows).
pub(crate) fn path(chosen: Option<String>) -> Option<PathBuf> {
    let usual = || Some(etcetera::choose_base_strategy().ok()?.config_dir().join("deployment-status/config.toml"));
    chosen.map(PathBuf::from).or_else(usual)
}

/// The config file's content, and its path if it exists. Only a file that is named by the variable must
/// exist.
pub(super) fn read(
    variable: &impl Fn(&'static str) -> Option<Setting<String>>,
) -> Result<(File, Option<PathBuf>), Failure> {
    let chosen = variable("DEPLOYMENT_STATUS_CONFIG").map(|setting| setting.value);
    let must_exist = chosen.is_some();
    let Some(path) = path(chosen) else { return Ok((File::default(), None)) };
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok((File::default(), None)),
        Err(error) => {
            let message = format!("can't read the config file {}: {error}", path.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(text) => text,
    };
    match toml::from_str(&text) {
        Ok(file) => Ok((file, Some(path))),
        Err(error) => {
            let place = error.span().map_or(String::new(), |span| {
                format!(", line {}", text[..span.start.min(text.len())].matches('\n').count() + 1)
            });
            // Not the parser's whole message: it quotes the line, which can contain a token.
            let message = format!("error in the config file {}{place}: {}", path.display(), error.message());
            Err(Failure::new(Exit::Usage, message))
        }
    }
}
