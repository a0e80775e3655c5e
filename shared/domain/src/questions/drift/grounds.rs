//! The grounds of a question: which environments it is about, in which order, and what is missing for an answer.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{DAY, EVIDENCE, Evidence, Finding, Kind, Known, Lacking, Question, Seen};
use crate::identifiers::{Environment, Region};
use crate::live::Live;
use crate::live::log::Place;
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::questions::compare::running;
use crate::settings::path::Standing;
use crate::settings::{Names, Path};
use crate::{Commit, Timestamp, Version, label};

/// Whether drift is looked for in an environment: not in those that come and go, and not under another name of one.
#[must_use]
pub fn considers(environment: &Environment, path: &Path, names: &Names) -> bool {
    let comes_and_goes = matches!(path.standing(environment), Standing::Ephemeral | Standing::Unknown);
    !comes_and_goes && names.environments.resolve(environment) == environment
}

/// A question with what is known, and what has to be known besides.
pub(super) struct Grounds<'g> {
    pub(super) question: &'g Question<'g>,
    pub(super) known: &'g Known,
    /// The environments in which anything ended by then, in their order.
    environments: Vec<&'g Environment>,
    pub(super) lacking: RefCell<Lacking>,
}

impl<'g> Grounds<'g> {
    pub(super) fn new(question: &'g Question<'g>, known: &'g Known) -> Self {
        let stands = |seen: &&Seen| !seen.landings.is_empty() || seen.cell.newest_attempt().is_some();
        let environments: BTreeSet<&Environment> =
            known.places.values().filter(stands).map(|seen| &seen.place.environment).collect();
        let here =
            |name: &&Environment| considers(name, question.path, question.names) && !known.retired.contains(*name);
        let mut environments: Vec<&Environment> = environments.into_iter().filter(here).collect();
        question.path.sort(&mut environments, |name| name);
        Self { question, known, environments, lacking: RefCell::default() }
    }

    /// The places where something runs, of the environments that drift is looked for in.
    pub(super) fn running(&self) -> impl Iterator<Item = &'g Seen> {
        let services = &self.question.names.services;
        self.known.places.values().filter(|seen| {
            seen.place.is_known()
                && self.has(&seen.place.environment)
                && services.resolve(&seen.place.service) == &seen.place.service
                && running(&seen.cell).is_some()
        })
    }

    /// Whether drift is looked for in an environment.
    pub(super) fn has(&self, environment: &Environment) -> bool {
        self.environments.contains(&environment)
    }

    /// Whether the question is about an environment.
    pub(super) fn asks_for(&self, environment: &Environment) -> bool {
        self.question.environment.is_none_or(|asked| asked == environment)
    }

    /// The environments that stand directly before another on the path: one, but where usual names are the path and
    /// several are of one kind.
    pub(super) fn directly_before(&self, environment: &Environment) -> Vec<&'g Environment> {
        let earlier = self.before(environment);
        let standing = |name: &Environment| self.question.path.standing(name);
        let last = earlier.iter().map(|name| standing(name)).max();
        earlier.into_iter().filter(|name| Some(standing(name)) == last).collect()
    }

    /// The environments that a change passes through before it comes to another.
    pub(super) fn before(&self, environment: &Environment) -> Vec<&'g Environment> {
        self.environments.iter().filter(|name| self.question.path.leads(name, environment)).copied().collect()
    }

    /// The environments that a change comes to from another.
    pub(super) fn after(&self, environment: &Environment) -> Vec<&'g Environment> {
        self.environments.iter().filter(|name| self.question.path.leads(environment, name)).copied().collect()
    }

    /// The service of a place in another environment.
    pub(super) fn in_environment(&self, seen: &Seen, environment: &Environment) -> Option<&'g Seen> {
        let place = Place { environment: environment.clone(), service: seen.place.service.clone() };
        self.known.places.get(&place)
    }

    /// What a look-up found; none where it has to be read first, which is noted.
    pub(super) fn noted<T>(&self, found: Result<T, Lacking>) -> Option<T> {
        found.map_err(|lacking| self.lacking.borrow_mut().add(lacking)).ok()
    }

    /// When a thing landed in a region of a place first: not known before it was read.
    #[expect(clippy::option_option, reason = "not known, or never")]
    pub(super) fn first(&self, seen: &Seen, thing: &Thing, region: Option<&Region>) -> Option<Option<LogKey>> {
        self.noted(self.known.first(seen, thing, region, self.question.at))
    }

    /// Whether something was longer ago than so many days.
    pub(super) fn is_longer_ago(&self, since: Timestamp, days: u32) -> bool {
        self.millis_since(since) > i64::from(days) * DAY
    }

    /// How long ago something was, in milliseconds.
    pub(super) fn millis_since(&self, since: Timestamp) -> i64 {
        self.question.at.millis() - since.millis()
    }

    /// How long ago something was, in words.
    pub(super) fn ago(&self, since: Timestamp) -> String {
        in_words(self.millis_since(since))
    }

    /// Whether an environment is production: as the settings say; where they call none so, by its name.
    pub(super) fn is_production(&self, environment: &Environment) -> bool {
        self.question.settings.is_production(environment)
    }

    /// A finding about a place.
    pub(super) fn finding(
        &self,
        kind: Kind,
        place: &Place,
        (since, what, suggestion): (Option<Timestamp>, String, String),
        evidence: impl IntoIterator<Item = Evidence>,
    ) -> Finding {
        Finding {
            kind,
            severity: kind.severity(self.is_production(&place.environment)),
            service: Some(place.service.clone()),
            environment: Some(place.environment.clone()),
            release: None,
            since,
            what,
            evidence: evidence.into_iter().take(EVIDENCE).collect(),
            suggestion,
            on_its_way: false,
        }
    }
}

/// A length of time, in whole days, or in hours below two of them, or in minutes below one of these.
pub(in crate::questions) fn in_words(millis: i64) -> String {
    const HOUR: i64 = DAY / 24;
    let (count, unit) = match millis {
        days if days >= 2 * DAY => (days / DAY, "day"),
        hours if hours >= HOUR => (hours / HOUR, "hour"),
        minutes => (minutes / (HOUR / 60), "minute"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// What runs, in words.
pub(super) fn called(live: &Live) -> String {
    let (version, commit) = (live.version.as_ref().map(Version::as_str), live.commit.as_ref().map(Commit::as_str));
    label(version, commit).unwrap_or_else(|| "a version that nobody named".to_owned())
}

/// Where, in a sentence: ` in us-west-2`, and nothing where no region is meant.
pub(super) fn in_region(region: Option<&Region>) -> String {
    region.map_or_else(String::new, |region| format!(" ({region})"))
}
