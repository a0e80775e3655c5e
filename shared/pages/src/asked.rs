//! What was asked: the path, its parameters, and the times that all links of the page keep.

use domain::Timestamp;
use domain::page_paths::name_of;

use crate::route::NAME;
use crate::{Route, address};

/// A request for a page.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path, decoded.
    pub path: String,
    /// The parameters, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// When it is answered.
    pub now: Timestamp,
    /// Who asks, where people log in.
    pub signed_in: Option<SignedIn>,
}

/// Someone who has logged in, as a page shows and needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// How they are called.
    pub name: String,
    /// Whether they may record.
    pub may_record: bool,
    /// What each form of theirs has in its hidden field `csrf`.
    pub csrf: String,
}

/// The parameters that are kept while walking on.
pub(crate) const TIMES: [&str; 2] = ["asOf", "knownAt"];
/// The parameters that are times where a page takes a time.
const FIELDS: [&str; 5] = ["asOf", "knownAt", "from", "to", "at"];

impl Asked {
    /// A request at a time. A time from a field of a form has no zone; it is in UTC.
    #[must_use]
    pub fn new(path: &str, query: &[(String, String)], now: Timestamp) -> Self {
        let whole = |name: &str, value: &str| {
            let is_field = || chrono::NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M").is_ok();
            if FIELDS.contains(&name) && is_field() { format!("{value}:00Z") } else { value.to_owned() }
        };
        // A parameter that is only named has no value; an empty field of a form was not filled in.
        let named = |name: &str, value: &str| {
            if name == "wall" && value.is_empty() { "true".to_owned() } else { whole(name, value) }
        };
        let given = query.iter().map(|(name, value)| (name.clone(), named(name, value)));
        let query = given.filter(|(_, value)| !value.is_empty()).collect();
        Self { path: path.to_owned(), query, now, signed_in: None }
    }

    /// A parameter that is not empty.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether the page takes a parameter.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        Route::find(&self.path).is_some_and(|route| route.parameters().contains(&name))
    }

    /// The name at the end of its path, behind what the path begins with; or the parameter that has it, in addresses of
    /// before.
    #[must_use]
    pub fn name(&self, begin: &str) -> Option<&str> {
        let named = self.path.strip_prefix(begin).filter(|name| !name.is_empty()).map(name_of);
        named.or_else(|| self.parameter(NAME))
    }

    /// Whether it is about the past.
    #[must_use]
    pub fn is_past(&self) -> bool {
        TIMES.iter().any(|name| self.parameter(name).is_some())
    }

    /// Whether who asks may record, as far as it is known here.
    #[must_use]
    pub fn may_record(&self) -> bool {
        self.signed_in.as_ref().is_none_or(|who| who.may_record)
    }

    /// What ties a form to the session of who asks, where they have logged in.
    #[must_use]
    pub fn csrf(&self) -> Option<&str> {
        self.signed_in.as_ref().map(|who| who.csrf.as_str())
    }

    /// Whether it is for a screen on a wall: without what one operates.
    #[must_use]
    pub fn is_wall(&self) -> bool {
        self.parameter("wall").is_some()
    }

    /// The time that it is about, or when it is answered.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.parameter("asOf").and_then(|text| Timestamp::parse_up_to(text).ok()).unwrap_or(self.now)
    }

    /// The time at which all of it was known, where that is not now.
    #[must_use]
    pub fn known_at(&self) -> Option<Timestamp> {
        self.parameter("knownAt").and_then(|text| Timestamp::parse_up_to(text).ok())
    }

    /// A link to a page of the same times.
    #[must_use]
    pub fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let named = path.split('?').next().unwrap_or(path);
        let known = Route::find(named).map_or(&TIMES[..], |route| route.parameters());
        let times = TIMES.iter().filter(|name| known.contains(name));
        let times = times.filter_map(|name| Some((*name, self.parameter(name)?)));
        let all: Vec<(&str, &str)> = parameters.iter().copied().chain(times).collect();
        address::with_query(path, &all)
    }

    /// A link to this page of other times. A page of a list of other times is another list.
    pub(crate) fn at_times(&self, as_of: Option<&str>, known_at: Option<&str>) -> String {
        let times = [("asOf", as_of), ("knownAt", known_at)].into_iter().filter(|(name, _)| self.takes(name));
        self.here(&times.chain([("cursor", None)]).collect::<Vec<_>>())
    }

    /// The times that it is about as options of the command line.
    pub(crate) fn flags(&self) -> String {
        let flags = [("asOf", "--as-of"), ("knownAt", "--known-at")];
        let flags = flags.into_iter().filter_map(|(name, flag)| Some((flag, self.parameter(name)?)));
        let flags: Vec<String> = flags.map(|(flag, time)| format!(" {flag}={}", address::quoted(time))).collect();
        flags.concat()
    }

    /// A link to this page with some parameters other than they are; `None` leaves one out.
    #[must_use]
    pub fn here(&self, changed: &[(&str, Option<&str>)]) -> String {
        let is_changed = |name: &str| changed.iter().any(|(other, _)| *other == name);
        let kept = self.query.iter().filter(|(name, value)| !is_changed(name) && !value.is_empty());
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let added = changed.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        address::with_query(&address::of(&self.path), &kept.chain(added).collect::<Vec<_>>())
    }
}
