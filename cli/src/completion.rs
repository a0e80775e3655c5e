//! Completion of environments, services and deployments.
//!
//! Completion must be fast and silent. Names come from the API and are cached for minutes, the latest
//! deployments for seconds. Errors, and answers that take longer than a second, are ignored: then the last
//! cached names are offered, or none. Completion never starts a login: where AWS credentials come from a
//! program of the user, that program is not run.
//!
//! The API's address comes from the same settings as in every call: the flags that are already typed,
//! variables, and the config file.

use std::env;
use std::ffi::{OsStr, OsString};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use api::{ListedDeployment, ListedRelease, Page};
use clap::{Command, FromArgMatches as _};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use domain::health::piece::Rule;
use domain::identifiers::normalised;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::Api;
use crate::arguments;
use crate::cache::{self, Entry};
use crate::failure::Failure;
use crate::names::Names;
use crate::output::{shown, word};
use crate::settings::{Global, Origin, Setting, Settings, parse_duration};

mod bash;
mod login;
mod shells;
mod typed;
mod words;

pub(crate) use shells::SHELLS;

/// How long to wait for the API, unless the variable is set: a cold start can take longer.
const TIMEOUT: Duration = Duration::from_secs(1);
const TIMEOUT_VARIABLE: &str = "DEPLOYMENT_STATUS_COMPLETION_TIMEOUT";

/// A deployment to offer.
#[derive(serde::Serialize, serde::Deserialize)]
struct Offered {
    id: String,
    /// A description, for shells that show one.
    about: String,
}

/// The command line, with completion of its arguments.
pub(crate) fn command() -> Command {
    completing(arguments::command()).mut_subcommands(|nested| completing(nested).mut_subcommands(completing))
}

/// A command whose arguments are completed with existing names, depending on the arguments' names.
fn completing(command: Command) -> Command {
    let (watches, observes) = (command.get_name() == "watch", command.get_name() == "observe");
    command.mut_args(|arg| match arg.get_id().as_str() {
        "environment" | "from" | "to" => {
            arg.add(ArgValueCompleter::new(|typed: &OsStr| names(typed, |names| names.environments)))
        }
        "what" => arg.add(ArgValueCompleter::new(services)),
        "release" => arg.add(ArgValueCompleter::new(releases)),
        "service" => arg.add(ArgValueCompleter::new(|typed: &OsStr| names(typed, |names| names.services))),
        "id" if arg.is_positional() && watches => {
            arg.add(ArgValueCompleter::new(|typed: &OsStr| deployments(typed, " active first", active_first)))
        }
        "metric" | "baseline" if observes => arg.add(ArgValueCompleter::new(figures)),
        "id" if arg.is_positional() || observes => {
            arg.add(ArgValueCompleter::new(|typed: &OsStr| deployments(typed, "", latest)))
        }
        _ => arg,
    })
}

fn names(typed: &OsStr, of: fn(Names) -> Vec<String>) -> Vec<CompletionCandidate> {
    let known = known(cache::CATALOG, "", Names::fetch).map(of).unwrap_or_default();
    known.into_iter().filter(|name| fits(name, typed)).map(CompletionCandidate::new).collect()
}

/// Services, of which a version is named next.
fn services(typed: &OsStr) -> Vec<CompletionCandidate> {
    let of = |names: Names| names.services.into_iter().map(|service| format!("{service}@")).collect();
    names(typed, of)
}

fn releases(typed: &OsStr) -> Vec<CompletionCandidate> {
    let known = known(cache::DEPLOYMENTS, " releases", |api| {
        let page = api.get::<Page<ListedRelease>>("/v1/releases", &[("limit", Some("100"))])?.value;
        Ok(page.items.into_iter().map(|listed| listed.release).collect::<Vec<String>>())
    });
    let fitting = known.unwrap_or_default().into_iter().filter(|name| fits(name, typed));
    fitting.map(CompletionCandidate::new).collect()
}

/// The metrics by which a deployment is judged, of each of which a number is given next.
fn figures(typed: &OsStr) -> Vec<CompletionCandidate> {
    let judged = [Rule::HealthScore, Rule::ErrorRate, Rule::LatencyP95Ms].map(|rule| format!("{}=", rule.as_str()));
    judged.into_iter().filter(|name| fits(name, typed)).map(CompletionCandidate::new).collect()
}

fn deployments(typed: &OsStr, key: &str, fetch: fn(&Api) -> Result<Vec<Offered>, Failure>) -> Vec<CompletionCandidate> {
    let known = known(cache::DEPLOYMENTS, key, fetch).unwrap_or_default();
    let fitting = known.into_iter().filter(|deployment| fits(&deployment.id, typed));
    fitting.map(|Offered { id, about }| CompletionCandidate::new(id).help(Some(about.into()))).collect()
}

/// Whether a name begins with what is typed, and has no control characters, which can't be typed.
fn fits(name: &str, typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| name.starts_with(&*normalised(typed))) && shown(name) == name
}

fn latest(api: &Api) -> Result<Vec<Offered>, Failure> {
    offered(api, "/v1/deployments")
}

/// The active deployments, then the latest: one that has just finished can be of interest too.
fn active_first(api: &Api) -> Result<Vec<Offered>, Failure> {
    let mut all = offered(api, "/v1/deployments/active")?;
    let others = latest(api)?.into_iter().filter(|other| all.iter().all(|active| active.id != other.id));
    all.append(&mut others.collect());
    Ok(all)
}

fn offered(api: &Api, path: &str) -> Result<Vec<Offered>, Failure> {
    let page = api.get::<Page<ListedDeployment>>(path, &[("limit", Some("100"))])?.value;
    let offer = |listed: ListedDeployment| {
        let version = listed.version.map(|version| format!(" {version}")).unwrap_or_default();
        let about = format!("{}{version} in {}, {}", listed.service, listed.environment, word(listed.status));
        Offered { id: listed.deployment_id, about: shown(&about) }
    };
    Ok(page.items.into_iter().map(offer).collect())
}

/// The answer of the API, or a valid cache entry; when the API does not answer, an old cache entry.
fn known<T: Serialize + DeserializeOwned + Send + 'static>(
    entry: Entry,
    key: &str,
    fetch: fn(&Api) -> Result<T, Failure>,
) -> Option<T> {
    let settings = settings()?;
    let of =
        |setting: &Option<Setting<String>>| setting.as_ref().map(|setting| setting.value.clone()).unwrap_or_default();
    let place = settings.url.as_ref().map_or_else(
        || format!("{} {} {}", settings.stack.value, of(&settings.profile), of(&settings.region)),
        |url| url.value.clone(),
    );
    let key = format!("{place}{key}");
    let cached = |entry| serde_json::from_str(&cache::read(entry, &key)?).ok();
    if let Some(known) = cached(entry) {
        return Some(known);
    }
    let Some(found) = fetch_in_time(settings, fetch) else { return cached(entry.of_any_age()) };
    if let Ok(text) = serde_json::to_string(&found) {
        cache::write(entry, &key, &text);
    }
    Some(found)
}

/// Calls the API, and stops waiting after the timeout. A request that still runs ends with this process.
fn fetch_in_time<T: Send + 'static>(settings: Settings, fetch: fn(&Api) -> Result<T, Failure>) -> Option<T> {
    if login::may_start(&settings) {
        return None;
    }
    let timeout = settings.request_timeout();
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || {
        let found = Api::open(&settings).and_then(|api| fetch(&api.notifying(|_| ())));
        // After the timeout there is no receiver.
        let _ = answer.send(found.ok());
    });
    answered.recv_timeout(timeout).ok().flatten()
}

/// The settings of the command line that is being typed.
fn settings() -> Option<Settings> {
    let settings = Settings::resolve(&global(), |name| env::var(name).ok()).ok()?;
    let timeout = env::var(TIMEOUT_VARIABLE).ok().and_then(|text| parse_duration(&text).ok()).unwrap_or(TIMEOUT);
    Some(Settings { timeout: Some(Setting { value: timeout, origin: Origin::Default }), ..settings })
}

/// The flags of the command line that is being typed, as far as they can be parsed.
fn global() -> Global {
    let (mut words, index) = typed::get();
    // An incomplete word may be wrong, and would end the parsing of the words after it. Any name works.
    if let Some(word) = words.get_mut(index).filter(|word| !word.to_string_lossy().starts_with('-')) {
        *word = OsString::from("x");
    }
    let matches = arguments::command().ignore_errors(true).try_get_matches_from(words);
    matches.ok().and_then(|matches| Global::from_arg_matches(&matches).ok()).unwrap_or_default()
}
