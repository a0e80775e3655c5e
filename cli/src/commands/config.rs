//! `config`: all settings and their origins; on request also a check of the API.

use std::env;
use std::path::Path;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::Context;
use crate::api::Api;
use crate::failure::Failure;
use crate::output::{Column, Details, Field, Output, Table, shown};
use crate::settings::{Origin, Setting, Settings, config_path};

/// Show all settings of this program, and where each comes from.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status config                              each setting and its origin\n  \
        deployment-status config --resolve                    also check that the API answers\n  \
        deployment-status config -o text | grep '^url\\s'      name, value and origin",
    after_help = "The config file is TOML; every key is optional:\n  \
        url = \"https://abc123.execute-api.eu-central-1.amazonaws.com\"\n  \
        environment = \"production\"\n\
        Keys: url, stack, environment, region, profile, output, timeout, auth, token.\n\
        Variables: DEPLOYMENT_STATUS_URL, _STACK, _ENVIRONMENT, _OUTPUT, _TIMEOUT, _AUTH, _TOKEN and _CONFIG (another \
        file); AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE. A token is never shown."
)]
pub(crate) struct Config {
    /// Look up the API's address, show the authentication, and check that the API answers
    #[arg(long)]
    resolve: bool,
}

/// A setting to show.
#[derive(Debug, Serialize)]
struct Shown {
    name: &'static str,
    /// Absent when it is not set.
    value: Option<String>,
    /// Where it comes from, or what is used instead.
    origin: String,
}

impl Config {
    /// # Errors
    /// With `--resolve`, when the API is not found, denies access, or does not answer. The settings are still
    /// shown.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let settings = settings(&context.settings);
        let mut found = Vec::new();
        let resolved = if self.resolve { resolve(&context.settings, &mut found) } else { Ok(()) };
        let printer = &context.printer;
        match printer.output {
            Output::Table => {
                printer.table(&table(&settings))?;
                if !found.is_empty() {
                    printer.text(&format!("\n{}", details(&found).render(&printer.look)))?;
                }
            }
            Output::Text => printer.table(&table(settings.iter().chain(&found)))?,
            Output::Json => printer.json(&object(settings.iter().chain(&found)))?,
            Output::Jsonl => {
                for setting in settings.iter().chain(&found) {
                    printer.line(&json(setting))?;
                }
            }
        }
        resolved
    }
}

/// All settings, the most important first.
fn settings(settings: &Settings) -> Vec<Shown> {
    let s = settings;
    let parameter = format!("not set: read from the stack's parameter /{}/api-url", s.stack.value);
    let of_profile = "not set: the region of the AWS profile";
    let timeout = Setting {
        value: s.request_timeout(),
        origin: s.timeout.as_ref().map_or(Origin::Default, |t| t.origin.clone()),
    };
    let config = env::var("DEPLOYMENT_STATUS_CONFIG").ok().filter(|path| !path.is_empty());
    let config_origin =
        if config.is_some() { Origin::Variable("DEPLOYMENT_STATUS_CONFIG") } else { Origin::Default }.to_string();
    let config = config_path(config);
    let there = config.as_ref().is_some_and(|path| path.exists());
    // The part before an @ can be a password; such an address is rejected when it is used.
    let hidden = |url: String| url.rsplit_once('@').map(|(_, host)| format!("…@{host}")).unwrap_or(url);
    let url = s.url.clone().map(|url| Setting { value: hidden(url.value), ..url });
    vec![
        text("url", url.as_ref(), &parameter),
        text("stack", Some(&s.stack), ""),
        text("environment", s.environment.as_ref(), "not set: all environments"),
        text("region", s.region.as_ref(), of_profile),
        text("profile", s.profile.as_ref(), "not set: the default AWS profile"),
        set("output", name(&s.output.value), &s.output.origin),
        set("timeout", humantime::format_duration(timeout.value).to_string(), &timeout.origin),
        set("auth", name(&s.auth.value), &s.auth.origin),
        match &s.token {
            Some(token) => set("token", "set".to_owned(), &token.origin),
            None => Shown { name: "token", value: None, origin: "not set".to_owned() },
        },
        Shown {
            name: "config",
            value: config.map(|path| path.display().to_string()),
            origin: if there { config_origin } else { format!("{config_origin}; the file does not exist") },
        },
    ]
}

fn text(name: &'static str, setting: Option<&Setting<String>>, otherwise: &str) -> Shown {
    match setting {
        Some(setting) => set(name, setting.value.clone(), &setting.origin),
        None => Shown { name, value: None, origin: otherwise.to_owned() },
    }
}

fn set(name: &'static str, value: String, origin: &Origin) -> Shown {
    Shown { name, value: Some(value), origin: origin.to_string() }
}

fn name(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Looks up the API and checks it. The results go to `found`, even when a later step fails.
fn resolve(settings: &Settings, found: &mut Vec<Shown>) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Health {
        status: String,
    }
    let api = Api::open(settings)?;
    let endpoint = api.endpoint();
    found.push(Shown { name: "address", value: Some(endpoint.to_string()), origin: endpoint.found.clone() });
    let health = api.get::<Health>("/healthz", &[])?;
    found.push(set("access", api.access(), &settings.auth.origin));
    found.push(Shown { name: "health", value: Some(health.value.status), origin: "GET /healthz".to_owned() });
    Ok(())
}

fn table<'a>(settings: impl IntoIterator<Item = &'a Shown>) -> Table {
    let mut table = Table::new(&[Column::of("SETTING"), Column::of("VALUE"), Column::of("ORIGIN")]);
    for setting in settings {
        let value = match setting.value.as_deref() {
            // An environment that is set to an empty name means all.
            Some("") => Field::plain("\"\"").with_text(""),
            Some(path) if setting.name == "config" => Field::of(&from_home(path)).with_text(shown(path)),
            value => Field::maybe(value),
        };
        table.add(vec![Field::plain(setting.name), value, Field::of(&setting.origin)]);
    }
    table
}

/// A path with `~` for the user's home folder.
fn from_home(path: &str) -> String {
    let home = etcetera::home_dir().ok();
    let below = home.and_then(|home| Path::new(path).strip_prefix(home).ok().map(|below| Path::new("~").join(below)));
    below.map_or_else(|| path.to_owned(), |path| path.display().to_string())
}

fn details(found: &[Shown]) -> Details {
    let mut details = Details::new("The API");
    for shown in found {
        let name = match shown.name {
            "address" => "Address",
            "access" => "Access",
            _ => "Health",
        };
        details.add(name, Field::maybe(shown.value.as_deref()));
    }
    details
}

/// One object with all of them: `{"url":{"value":…,"origin":…},…}`.
fn object<'a>(settings: impl Iterator<Item = &'a Shown>) -> String {
    #[derive(Serialize)]
    struct Entry<'a> {
        value: Option<&'a str>,
        origin: &'a str,
    }
    let entry = |setting: &Shown| {
        let entry = Entry { value: setting.value.as_deref(), origin: &setting.origin };
        format!("{}:{}", json(&setting.name), json(&entry))
    };
    format!("{{{}}}", settings.map(entry).collect::<Vec<_>>().join(","))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
