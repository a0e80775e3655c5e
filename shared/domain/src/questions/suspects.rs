//! What changed before something went wrong, the likeliest cause first.
//!
//! The rule is simple on purpose, and each suspect says how it came to its score: first where it landed beside the
//! service that went wrong, then how shortly before, then what is unusual about it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::Timestamp;
use crate::identifiers::{DeploymentId, Environment, Service};
use crate::ledger::summary::Summary;
use crate::live::Place;
use crate::live::log::{Effect, Entry};
use crate::questions::drift::in_words;
use crate::settings::SettingsInUse;

mod dependencies;
#[cfg(test)]
mod tests;
mod window;

pub use dependencies::{DEPTH, Dependency, dependencies};
pub use window::{Window, WrongWindow};

/// What the service itself has, whatever else is said of a change.
const ITSELF: u32 = 300;
/// What a service has that it depends on.
const DEPENDENCY: u32 = 200;
/// What a dependency has more for each step by which it is nearer than the farthest that counts.
const STEP: u32 = 5;
/// What all else in the environment has.
const REST: u32 = 100;
/// What a change has more that is not over, or came at the very time; at the begin of the window it is nothing.
const NEAR: u32 = 40;
/// What a change has more for each thing that is unusual about it.
const UNUSUAL: u32 = 10;

/// Of what is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The service that went wrong, by the name that settings have.
    pub service: &'q Service,
    /// When it did.
    pub at: Timestamp,
    /// For how long before that changes are looked for.
    pub window: Window,
    /// What depends on what, and what names mean.
    pub settings: &'q SettingsInUse,
}

/// A change that is looked at.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Where it was, by the names that settings have.
    pub place: Place,
    /// What is known of the deployment.
    pub summary: Summary,
    /// Its latest landing within the window; none where it was under way.
    pub landed: Option<Entry>,
    /// Whether it put back what had landed earlier.
    pub is_rollback: bool,
    /// Whether what it brought is known to be bad, now.
    pub is_bad: bool,
    /// Whether a person triggered it.
    pub by_hand: bool,
    /// The environment before it on the promotion path, if what it brought had not landed there.
    pub unseen_in: Option<Environment>,
}

/// A change, and how likely it is that it caused what went wrong.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// The change.
    pub changed: Changed,
    /// How likely it is, among the suspects of one question: 100 to 390. It is no probability.
    pub score: u32,
    /// What the score is made of, in words.
    pub reasons: Vec<String>,
}

/// Where a suspect stands in the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    score: Reverse<u32>,
    landed: Reverse<Timestamp>,
    id: DeploymentId,
}

impl Question<'_> {
    /// From when on changes count: what landed at this very time does not.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.window.before(self.at)
    }

    /// Whether a landing counts.
    #[must_use]
    pub fn has(&self, entry: &Entry) -> bool {
        entry.effect.changes_live() && !entry.is_retirement() && self.from() < entry.at && entry.at <= self.at
    }

    /// Whether a deployment was under way at the time, as far as its last attempt says.
    #[must_use]
    pub fn was_under_way(&self, summary: &Summary) -> bool {
        let began = summary.started_at.is_some_and(|started| started <= self.at);
        began && (summary.is_active() || summary.finished_at().is_some_and(|finished| finished > self.at))
    }

    /// The changes in the order in which to look at them. Of equal ones that comes first which landed later.
    #[must_use]
    pub fn ranked(&self, changes: Vec<Changed>) -> Vec<Suspect> {
        let near = dependencies(self.service, self.settings);
        let mut suspects: Vec<Suspect> = changes.into_iter().map(|changed| self.suspect(changed, &near)).collect();
        suspects.sort_by_cached_key(Suspect::position);
        suspects
    }

    fn suspect(&self, changed: Changed, near: &BTreeMap<Service, Dependency>) -> Suspect {
        let (points, relation) = self.relation(&changed.place.service, near);
        let (nearness, when) = self.nearness(&changed);
        let unusual = unusual(&changed);
        let score = points + nearness + UNUSUAL * u32::try_from(unusual.len()).unwrap_or_default();
        let reasons = [relation, when].into_iter().chain(unusual).collect();
        Suspect { changed, score, reasons }
    }

    /// How near what changed is to what went wrong.
    fn relation(&self, changed: &Service, near: &BTreeMap<Service, Dependency>) -> (u32, String) {
        let asked = self.service;
        if changed == asked {
            return (ITSELF, format!("it changed {asked} itself"));
        }
        let Some(dependency) = near.get(changed) else {
            return (REST, "it changed something else in the environment".to_owned());
        };
        let points = DEPENDENCY + STEP * (DEPTH - dependency.depth());
        let through: Vec<&str> = dependency.through.iter().map(Service::as_str).collect();
        let through = if through.is_empty() { String::new() } else { format!(", through {}", through.join(" and ")) };
        (points, format!("{asked} depends on {changed}{through}"))
    }

    /// How near it was in time.
    fn nearness(&self, changed: &Changed) -> (u32, String) {
        let Some(entry) = &changed.landed else { return (NEAR, "it was under way then".to_owned()) };
        let before = self.at.millis() - entry.at.millis();
        let left = (self.window.millis() - before).max(0);
        let points = u32::try_from(i64::from(NEAR) * left / self.window.millis()).unwrap_or_default().min(NEAR);
        let what = match entry.effect {
            Effect::Removed | Effect::TornDown => "removed it",
            Effect::RolledBack => "was rolled back",
            Effect::Completed | Effect::Failed | Effect::Cancelled => "landed",
        };
        let when = match before {
            0 => "at that very time".to_owned(),
            seconds if seconds < 60_000 => "less than a minute before".to_owned(),
            before => format!("{} before", in_words(before)),
        };
        (points, format!("it {what} {when}"))
    }
}

/// What is unusual about a change.
fn unusual(changed: &Changed) -> Vec<String> {
    let unseen = changed.unseen_in.as_ref();
    let all = [
        changed.is_rollback.then(|| "it went back to an earlier version".to_owned()),
        changed.is_bad.then(|| "its version is known to be bad".to_owned()),
        changed.by_hand.then(|| "it came by hand".to_owned()),
        unseen.map(|before| format!("its version had not landed in {before} before")),
    ];
    all.into_iter().flatten().collect()
}

impl Suspect {
    /// Where it stands in the list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            score: Reverse(self.score),
            landed: Reverse(self.changed.landed.as_ref().map_or(Timestamp::MAX, |entry| entry.at)),
            id: self.changed.summary.deployment_id.clone(),
        }
    }
}

impl Position {
    /// As it stands in a cursor.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {} {}", self.score.0, self.landed.0.millis(), self.id)
    }

    /// Reads it again; none where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        use crate::identifiers::Identifier as _;
        let mut parts = text.splitn(3, ' ');
        let score = parts.next()?.parse().ok()?;
        let landed = Timestamp::from_millis(parts.next()?.parse().ok()?);
        Some(Self { score: Reverse(score), landed: Reverse(landed), id: DeploymentId::parse(parts.next()?).ok()? })
    }
}
