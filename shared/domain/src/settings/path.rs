//! The promotion path: the order in which a change passes through environments, which is the order of every list
//! and matrix.
//!
//! Settings list it. Without them it is that of usual names: `dev…`, `test…`, `qa…`, `uat…`, `stag…`, `pre…`,
//! `prod…`. Other names stand before the last of these, and are on no path: nothing says what comes before them.

use crate::Environment;
use crate::identifiers::Label;
use crate::pattern::Pattern;

/// How usual names begin, in the order of the path, whatever their case; the last of them are those of production.
const USUAL: [&[&str]; 7] =
    [&["dev"], &["test", "tst"], &["qa"], &["uat"], &["stag", "stg"], &["pre"], &["prod", "prd"]];

/// Which environments come and go, where settings don't say it.
pub(super) const USUALLY_EPHEMERAL: [&str; 4] = ["preview*", "pr-*", "pr #*", "review/*"];

/// The order of environments.
#[derive(Debug, Clone)]
pub struct Path {
    /// Those that settings list, each with its aliases.
    listed: Vec<Vec<Environment>>,
    ephemeral: Vec<Pattern>,
}

/// Where an environment stands: an earlier one is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Settings list it, or it is an alias of the one that they list, as the n-th.
    Listed(usize),
    /// It has the n-th of the usual names, before that of production.
    Usual(usize),
    /// No usual name.
    Other,
    /// A usual name of production.
    Production,
    /// It comes and goes.
    Ephemeral,
    /// Nobody named one.
    Unknown,
}

impl Path {
    /// The path through these environments, each with its aliases; of usual names where there are none.
    #[must_use]
    pub(super) fn new(listed: Vec<Vec<Environment>>, ephemeral: &[Label]) -> Self {
        let pattern = |pattern: &Label| Pattern::new_case_insensitive(pattern.as_str());
        Self { listed, ephemeral: ephemeral.iter().map(pattern).collect() }
    }

    /// Whether settings list it.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        !self.listed.is_empty()
    }

    /// Where an environment stands. Of two that stand in the same place, the name says which comes first.
    #[must_use]
    pub fn standing(&self, environment: &Environment) -> Standing {
        if let Some(nth) = self.listed.iter().position(|names| names.contains(environment)) {
            return Standing::Listed(nth);
        }
        if self.ephemeral.iter().any(|pattern| pattern.matches(environment.as_str())) {
            return Standing::Ephemeral;
        }
        let name = environment.as_str().to_lowercase();
        match USUAL.iter().position(|begins| begins.iter().any(|begin| name.starts_with(begin))) {
            Some(nth) if nth + 1 == USUAL.len() => Standing::Production,
            Some(nth) => Standing::Usual(nth),
            None if *environment == Environment::unknown() => Standing::Unknown,
            None => Standing::Other,
        }
    }

    /// Whether a name is a usual one of production.
    #[must_use]
    pub fn is_usual_production(environment: &Environment) -> bool {
        let name = environment.as_str().to_lowercase();
        USUAL.last().is_some_and(|begins| begins.iter().any(|begin| name.starts_with(begin)))
    }

    /// The order of an environment among all: where it stands, then, of those that settings list, the name before its
    /// aliases, and last by name.
    #[must_use]
    pub fn order(&self, environment: &Environment) -> (Standing, usize, Environment) {
        let standing = self.standing(environment);
        let nth_name = match standing {
            Standing::Listed(nth) => self.listed[nth].iter().position(|name| name == environment).unwrap_or_default(),
            _ => 0,
        };
        (standing, nth_name, environment.clone())
    }

    /// Whether an environment comes and goes.
    #[must_use]
    pub fn is_ephemeral(&self, environment: &Environment) -> bool {
        self.standing(environment) == Standing::Ephemeral
    }

    /// Sorts things by their environments.
    pub fn sort<T>(&self, things: &mut [T], environment: impl Fn(&T) -> &Environment) {
        things.sort_by_cached_key(|thing| self.order(environment(thing)));
    }

    /// Whether a change passes through an environment on its way.
    #[must_use]
    pub fn leads_through(&self, environment: &Environment) -> bool {
        match self.standing(environment) {
            Standing::Listed(_) => true,
            Standing::Usual(_) | Standing::Production => self.listed.is_empty(),
            Standing::Other | Standing::Ephemeral | Standing::Unknown => false,
        }
    }

    /// Whether two environments are the same, or a change passes through both.
    #[must_use]
    pub fn is_along(&self, one: &Environment, other: &Environment) -> bool {
        one == other || self.leads(one, other) || self.leads(other, one)
    }

    /// Whether a change passes through one environment before it comes to another.
    #[must_use]
    pub fn leads(&self, from: &Environment, to: &Environment) -> bool {
        self.leads_through(from) && self.leads_through(to) && self.standing(from) < self.standing(to)
    }

    /// The environment that a change passes through just before it comes to another: that which settings list before
    /// it, and without a list the nearest of those that are `known`.
    #[must_use]
    pub fn before<'e>(&'e self, environment: &Environment, known: &'e [Environment]) -> Option<&'e Environment> {
        match self.standing(environment) {
            Standing::Listed(nth) => self.listed[..nth].last()?.first(),
            _ => known.iter().filter(|other| self.leads(other, environment)).max_by_key(|other| self.order(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Settings;
    use crate::fields::Unknown;
    use crate::identifiers::Identifier as _;

    fn environments(names: &[&str]) -> Vec<Environment> {
        names.iter().map(|name| Environment::parse(name).unwrap()).collect()
    }

    fn sorted(path: &Path, names: &[&str]) -> Vec<String> {
        let mut sorted = environments(names);
        path.sort(&mut sorted, |name| name);
        sorted.iter().map(ToString::to_string).collect()
    }

    fn leads(path: &Path, from: &str, to: &str) -> bool {
        let [from, to] = [from, to].map(|name| Environment::parse(name).unwrap());
        path.leads(&from, &to)
    }

    #[test]
    fn without_settings_the_order_is_that_of_usual_names() {
        let path = Settings::default().path();
        let names = [
            "unknown",
            "pr-7",
            "Production",
            "production",
            "Preview 3",
            "blue",
            "canary",
            "pre-prod",
            "staging",
            "uat",
            "QA",
            "test-eu",
            "dev",
            "PR #12",
        ];
        let order = [
            "dev",
            "test-eu",
            "QA",
            "uat",
            "staging",
            "pre-prod",
            "blue",
            "canary",
            "Production",
            "production",
            "PR #12",
            "Preview 3",
            "pr-7",
            "unknown",
        ];
        assert_eq!(sorted(&path, &names), order);
        assert!(leads(&path, "pre-prod", "production") && leads(&path, "dev", "staging"));
        for (from, to) in [("production", "pre-prod"), ("dev", "dev"), ("blue", "production"), ("dev", "pr-7")] {
            assert!(!leads(&path, from, to), "{from} {to}");
        }
    }

    #[test]
    fn before_an_environment_stands_the_nearest_that_a_change_passes_through() {
        let known = environments(&["production", "blue", "dev", "staging", "pr-7"]);
        let usual = Settings::default().path();
        let listed =
            json!({"environments": [{"name": "dev"}, {"name": "qa", "aliases": ["blue"]}, {"name": "production"}]});
        let listed = Settings::read(listed, Unknown::Refused).unwrap().path();
        for (path, environment, before) in [
            (&usual, "production", Some("staging")),
            (&usual, "staging", Some("dev")),
            (&usual, "qa", Some("dev")),
            (&usual, "dev", None),
            (&usual, "blue", None),
            (&usual, "pr-7", None),
            // Whether anything ever ran there or not.
            (&listed, "production", Some("qa")),
            (&listed, "blue", Some("dev")),
            (&listed, "dev", None),
            (&listed, "staging", None),
        ] {
            let found = path.before(&Environment::parse(environment).unwrap(), &known);
            assert_eq!(found.map(Environment::as_str), before, "{environment}");
        }
    }

    #[test]
    fn settings_list_the_order_and_what_they_do_not_list_is_on_no_path() {
        let document = json!({
            "environments": [{"name": "blue"}, {"name": "pr-main"}, {"name": "green"}],
            "ephemeral": ["pr-*"]
        });
        let path = Settings::read(document, Unknown::Refused).unwrap().path();
        let names = ["production", "preview-1", "green", "pr-2", "staging", "pr-main", "blue"];
        let order = ["blue", "pr-main", "green", "staging", "preview-1", "production", "pr-2"];
        assert_eq!(sorted(&path, &names), order);
        assert!(leads(&path, "pr-main", "green") && leads(&path, "blue", "green"));
        assert!(!leads(&path, "green", "production") && !leads(&path, "staging", "production"));
    }

    #[test]
    fn no_environment_is_ephemeral_where_settings_say_so() {
        let path = Settings::read(json!({"ephemeral": []}), Unknown::Refused).unwrap().path();
        assert_eq!(path.standing(&Environment::parse("pr-7").unwrap()), Standing::Other);
    }
}
