//! Completion: what a shell offers behind Tab for environments, services and deployments, and the
//! shells that it is for.
//!
//! Tab must be quick and silent. Names are asked for in the API and remembered for minutes, the latest
//! deployments for seconds; whatever fails, or takes longer than a second, is not told: then there is
//! what was remembered last, or nothing. Nobody is asked to log in for it: where AWS credentials come
//! from a program of the user's, that program is not run.
//!
//! Which API is asked is settled as in every call: by flags, as far as they are typed already,
//! variables and config file.

use std::env;
use std::ffi::{OsStr, OsString};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use api::{ListedDeployment, Page};
use clap::{Command, FromArgMatches as _};
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::Api;
use crate::arguments::{self, Global};
use crate::cache::{self, Kept};
use crate::failure::Failure;
use crate::names::Names;
use crate::output::{shown, word};
use crate::settings::{Origin, Setting, Settings, parse_duration};

mod bash;
mod login;
mod words;

/// The shells that can complete.
pub(crate) const SHELLS: Shells<'static> = Shells(&[&bash::Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// How long Tab waits for the API, unless the variable says otherwise: one that was not called for a
/// while can take longer.
const PATIENCE: Duration = Duration::from_secs(1);
const PATIENCE_VARIABLE: &str = "DEPLOYMENT_STATUS_COMPLETION_TIMEOUT";

/// What is typed so far: the words, and which of them is to be completed.
static TYPED: OnceLock<(Vec<OsString>, usize)> = OnceLock::new();

/// A deployment that is offered.
#[derive(serde::Serialize, serde::Deserialize)]
struct Offered {
    id: String,
    /// What it is, where shells show that.
    about: String,
}

/// A command whose arguments are completed with the names that exist, by what the arguments are called.
pub(crate) fn completing(command: Command) -> Command {
    let watches = command.get_name() == "watch";
    command.mut_args(|arg| match arg.get_id().as_str() {
        "environment" => arg.add(ArgValueCompleter::new(|typed: &OsStr| names(typed, |names| names.environments))),
        "service" => arg.add(ArgValueCompleter::new(|typed: &OsStr| names(typed, |names| names.services))),
        "id" if arg.is_positional() && watches => {
            arg.add(ArgValueCompleter::new(|typed: &OsStr| deployments(typed, " active first", active_first)))
        }
        "id" if arg.is_positional() => arg.add(ArgValueCompleter::new(|typed: &OsStr| deployments(typed, "", latest))),
        _ => arg,
    })
}

fn names(typed: &OsStr, of: fn(Names) -> Vec<String>) -> Vec<CompletionCandidate> {
    let known = known(cache::CATALOG, "", Names::fetch).map(of).unwrap_or_default();
    known.into_iter().filter(|name| fits(name, typed)).map(CompletionCandidate::new).collect()
}

fn deployments(typed: &OsStr, key: &str, fetch: fn(&Api) -> Result<Vec<Offered>, Failure>) -> Vec<CompletionCandidate> {
    let known = known(cache::DEPLOYMENTS, key, fetch).unwrap_or_default();
    let fitting = known.into_iter().filter(|deployment| fits(&deployment.id, typed));
    fitting.map(|Offered { id, about }| CompletionCandidate::new(id).help(Some(about.into()))).collect()
}

/// Whether a name begins as what is typed, and can be typed at all: what steers the terminal can't.
fn fits(name: &str, typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| name.starts_with(typed)) && shown(name) == name
}

fn latest(api: &Api) -> Result<Vec<Offered>, Failure> {
    offered(api, "/v1/deployments")
}

/// Those that have not ended, then the latest: one that has just ended is worth a look too.
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

/// What the API says, or said lately; when it does not answer, what it said last.
fn known<T: Serialize + DeserializeOwned + Send + 'static>(
    kept: Kept,
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
    let remembered = |kept| serde_json::from_str(&cache::read(kept, &key)?).ok();
    if let Some(known) = remembered(kept) {
        return Some(known);
    }
    let Some(found) = ask(settings, fetch) else { return remembered(kept.of_any_age()) };
    if let Ok(text) = serde_json::to_string(&found) {
        cache::write(kept, &key, &text);
    }
    Some(found)
}

/// Asks, and gives up in time. What still runs then ends with this process, which is about to.
fn ask<T: Send + 'static>(settings: Settings, fetch: fn(&Api) -> Result<T, Failure>) -> Option<T> {
    if login::may_be_asked_for(&settings) {
        return None;
    }
    let patience = settings.request_timeout();
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || {
        let found = Api::open(&settings).and_then(|api| fetch(&api.telling(|_| ())));
        // Nobody waits any more when it took too long.
        let _ = answer.send(found.ok());
    });
    answered.recv_timeout(patience).ok().flatten()
}

/// The settings that apply to the call that is being typed.
fn settings() -> Option<Settings> {
    let settings = Settings::resolve(&global(), |name| env::var(name).ok()).ok()?;
    let patience = env::var(PATIENCE_VARIABLE).ok().and_then(|text| parse_duration(&text).ok()).unwrap_or(PATIENCE);
    Some(Settings { timeout: Some(Setting { value: patience, origin: Origin::Default }), ..settings })
}

/// The flags of the call that is being typed, as far as they can be read.
fn global() -> Global {
    let (mut words, index) = TYPED.get().cloned().unwrap_or_else(from_shell);
    // Half a word may be wrong, and what stands behind it would not be read then. Any name will do.
    if let Some(word) = words.get_mut(index).filter(|word| !word.to_string_lossy().starts_with('-')) {
        *word = OsString::from("x");
    }
    let matches = arguments::command().ignore_errors(true).try_get_matches_from(words);
    matches.ok().and_then(|matches| Global::from_arg_matches(&matches).ok()).unwrap_or_default()
}

/// The words as all shells but bash pass them: behind `--`, and all but some say which one it is.
fn from_shell() -> (Vec<OsString>, usize) {
    let words: Vec<OsString> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let index = env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    let last = words.len().saturating_sub(1);
    (words, index.unwrap_or(last))
}
