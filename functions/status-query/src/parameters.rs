//! The parameters of a query, read with all that is wrong with them collected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::Request;
use api::TrailFormat;
use api::cursor::{self, ForeignCursor};
use api::routes::{MOST_VERSIONS, PAGE, Route};
use domain::identifiers::{Identifier, Label};
use domain::questions::asked::Asked;
use domain::questions::delivery::{Hours, Team};
use domain::questions::drift::{Kind, Severity};
use domain::questions::suspects::Window;
use domain::{DeploymentId, Environment, FieldError, Service, Status, Timestamp};

use store::reader::day::is_day;

use crate::SettingsInUse;

/// The default of `limit`.
const LIMIT: usize = PAGE.0;
/// The most that `limit` may be.
const MOST: usize = PAGE.1;

/// The parameters of a request to a route.
pub(crate) struct Parameters {
    /// What the list is, whatever the page: cursors are bound to it.
    query: String,
    values: BTreeMap<String, String>,
    settings: Arc<SettingsInUse>,
    errors: Vec<FieldError>,
}

impl Parameters {
    /// Reads the parameters that `route` knows; `scope` is what its path names.
    pub(crate) fn new(
        request: &Request,
        route: &Route,
        scope: &str,
        settings: Arc<SettingsInUse>,
    ) -> Result<Self, Vec<FieldError>> {
        let known: Vec<&str> = route.query.iter().map(|parameter| parameter.name).collect();
        let values = request.parameters(&known)?;
        let mut query = format!("{} {scope}", route.operation.name());
        for (name, value) in values.iter().filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit")) {
            query.extend(["\n", name, "=", value]);
        }
        Ok(Self { query, values, settings, errors: Vec::new() })
    }

    pub(crate) fn identifier<T: Identifier>(&mut self, name: &str) -> Option<T> {
        let parsed = T::parse(self.values.get(name)?);
        parsed.map_err(|invalid| self.wrong(name, invalid.to_string())).ok()
    }

    /// A name that must be there.
    pub(crate) fn required<T: Identifier>(&mut self, name: &str) -> Option<T> {
        if !self.values.contains_key(name) {
            self.wrong(name, "is required");
        }
        self.identifier(name)
    }

    /// The environment that is asked for.
    pub(crate) fn environment(&mut self) -> Asked<Environment> {
        let name = self.identifier("environment");
        name.map(|name| Asked::of(name, &self.settings.names.environments)).unwrap_or_default()
    }

    /// An environment that must be named.
    pub(crate) fn required_environment(&mut self, name: &str) -> Option<Environment> {
        let environment: Option<Environment> = self.required(name);
        environment.map(|environment| self.settings.names.environments.resolve(&environment).clone())
    }

    /// The service that is asked for.
    pub(crate) fn service(&mut self) -> Asked<Service> {
        let name = self.identifier("service");
        name.map(|name| Asked::of(name, &self.settings.names.services)).unwrap_or_default()
    }

    /// A team of the settings.
    pub(crate) fn team(&mut self, name: &str) -> Option<Team> {
        let team: Label = self.identifier(name)?;
        let SettingsInUse { settings, names, .. } = &*self.settings;
        Some(Team::named(team, settings, names))
    }

    /// Whether settings say that two names are of one environment.
    pub(crate) fn mean_the_same(&self, one: &str, other: &str) -> bool {
        let names = [one, other].map(Environment::parse);
        let [Ok(one), Ok(other)] = names else { return false };
        let environments = &self.settings.names.environments;
        environments.resolve(&one) == environments.resolve(&other)
    }

    /// The settings in force.
    pub(crate) fn settings(&self) -> &Arc<SettingsInUse> {
        &self.settings
    }

    pub(crate) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let parsed = Timestamp::parse(self.values.get(name)?);
        parsed.map_err(|invalid| self.wrong(name, invalid.to_string())).ok()
    }

    /// A day that must be there.
    pub(crate) fn day(&mut self, name: &str) -> Option<String> {
        let Some(day) = self.values.get(name).cloned() else {
            self.wrong(name, "is required");
            return None;
        };
        if is_day(&day) {
            return Some(day);
        }
        self.wrong(name, "must be a day such as 2026-03-01");
        None
    }

    /// A time up to which something is asked: a whole second is meant with all of it.
    pub(crate) fn time_up_to(&mut self, name: &str) -> Option<Timestamp> {
        let parsed = Timestamp::parse_up_to(self.values.get(name)?);
        parsed.map_err(|invalid| self.wrong(name, invalid.to_string())).ok()
    }

    /// The same, which must be there.
    pub(crate) fn required_time_up_to(&mut self, name: &str) -> Option<Timestamp> {
        if !self.values.contains_key(name) {
            self.wrong(name, "is required");
        }
        self.time_up_to(name)
    }

    /// Statuses, with commas between them; none where they are not asked for.
    pub(crate) fn statuses(&mut self, name: &str) -> BTreeSet<Status> {
        let Some(text) = self.values.get(name) else { return BTreeSet::new() };
        let statuses: Option<BTreeSet<Status>> = text.split(',').map(Status::parse).collect();
        statuses.unwrap_or_else(|| {
            self.wrong(name, format!("must be one of {}, or several with commas between them", Status::names()));
            BTreeSet::new()
        })
    }

    /// A kind of drift.
    pub(crate) fn kind(&mut self) -> Option<Kind> {
        let text = self.values.get("kind")?;
        let kind = Kind::parse(text);
        if kind.is_none() {
            self.wrong("kind", format!("must be one of {}", Kind::ALL.map(Kind::as_str).join(", ")));
        }
        kind
    }

    /// How bad a finding is.
    pub(crate) fn severity(&mut self) -> Option<Severity> {
        let text = self.values.get("severity")?;
        let severity = Severity::parse(text);
        if severity.is_none() {
            self.wrong("severity", format!("must be one of {}", Severity::ALL.map(Severity::as_str).join(", ")));
        }
        severity
    }

    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.values.get(name).map(String::as_str) {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }

    pub(crate) fn format(&mut self) -> TrailFormat {
        let [default, other] = TrailFormat::ALL;
        let Some(text) = self.values.get("format") else { return default };
        TrailFormat::parse(text).unwrap_or_else(|| {
            self.wrong("format", format!("must be {} or {}", default.as_str(), other.as_str()));
            default
        })
    }

    /// One of these words, as it is read.
    pub(crate) fn one_of<T>(&mut self, name: &str, words: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let read = read(self.values.get(name)?);
        if read.is_none() {
            self.wrong(name, format!("must be {}", words.join(" or ")));
        }
        read
    }

    pub(crate) fn limit(&mut self) -> usize {
        let Some(text) = self.values.get("limit") else { return LIMIT };
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.unwrap_or_else(|| {
            self.wrong("limit", format!("must be a whole number from 1 to {MOST}"));
            LIMIT
        })
    }

    /// The number of a version of the settings.
    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        let number = self.values.get(name)?.parse().ok().filter(|number| (1..=MOST_VERSIONS).contains(number));
        if number.is_none() {
            self.wrong(name, format!("must be a whole number from 1 to {MOST_VERSIONS}"));
        }
        number
    }

    /// For how long before a time something is looked for.
    pub(crate) fn window(&mut self) -> Window {
        let Some(text) = self.values.get("window") else { return Window::DEFAULT };
        Window::parse(text).unwrap_or_else(|wrong| {
            self.wrong("window", wrong.to_string());
            Window::DEFAULT
        })
    }

    pub(crate) fn hours(&mut self) -> Hours {
        let Some(text) = self.values.get("hours") else { return Hours::DEFAULT };
        Hours::parse(text).unwrap_or_else(|invalid| {
            self.wrong("hours", invalid.to_string());
            Hours::DEFAULT
        })
    }

    /// The position that the page begins at; none for the first page. Anyone can make a cursor of
    /// any position, so it must also be `possible` in this list.
    pub(crate) fn position(&mut self, possible: impl Fn(&str) -> bool) -> Option<String> {
        let decoded = cursor::decode(&self.query, self.values.get("cursor")?);
        let decoded = decoded.and_then(|position| if possible(&position) { Ok(position) } else { Err(ForeignCursor) });
        decoded.map_err(|foreign| self.wrong("cursor", foreign.to_string())).ok()
    }

    /// Two times, of which the first must not be the later one.
    pub(crate) fn range(&mut self, from: &str, to: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let range = (self.time(from), self.time(to));
        if let (Some(start), Some(end)) = range
            && start > end
        {
            self.wrong(from, format!("must not be later than `{to}`"));
        }
        range
    }

    /// All parameters are read: goes on when none was wrong.
    pub(crate) fn finish(&mut self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.errors)) }
    }

    /// The cursor of the page that begins at `position`.
    pub(crate) fn cursor(&self, position: Option<String>) -> Option<String> {
        position.map(|position| cursor::encode(&self.query, &position))
    }

    /// Notes that a parameter is wrong.
    pub(crate) fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(name, detail));
    }
}

/// Whether this is a position in a list of deployments by their start: `<13 digits>#<id>`.
pub(crate) fn is_start(position: &str) -> bool {
    after_millis(position).is_some_and(|id| DeploymentId::parse(id).is_ok())
}

/// What stands behind the time in a position `<13 digits>#…`.
pub(crate) fn after_millis(position: &str) -> Option<&str> {
    let (millis, rest) = position.split_once('#')?;
    (millis.len() == 13 && millis.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}
