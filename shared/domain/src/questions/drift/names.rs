//! Two names that may mean the same: `LOOKALIKE`.

use std::collections::{BTreeMap, BTreeSet};

use super::grounds::Grounds;
use super::{Evidence, Finding, Kind};
use crate::identifiers::{Environment, Identifier as _, Service};
use crate::questions::lookalike;

/// Environments, and services, whose names look alike and that something runs in. Names that settings list are meant.
pub(super) fn lookalikes(grounds: &Grounds<'_>) -> Vec<Finding> {
    let (mut environments, mut services): (Used<'_>, Used<'_>) = Default::default();
    for seen in grounds.running() {
        let (environment, service) = (seen.place.environment.as_str(), seen.place.service.as_str());
        environments.entry(environment).or_default().insert(service);
        services.entry(service).or_default().insert(environment);
    }
    let settings = grounds.question.settings;
    let asked = |name: &str| grounds.question.environment.is_none_or(|asked| asked.as_str() == name);
    let listed = |name: &str| settings.environments.iter().any(|entry| entry.name.as_str() == name);
    let of_environments = pairs(&environments, listed).into_iter().filter(|(one, other)| asked(one) || asked(other));
    let of_environments = of_environments.map(|(doubtful, other)| {
        let evidence = |name: &str| Evidence { environment: Environment::parse(name).ok(), ..Evidence::default() };
        let environment = Environment::parse(doubtful).ok();
        Finding { environment, ..finding("environments", (doubtful, other), evidence) }
    });
    let listed = |name: &str| settings.services.iter().any(|entry| entry.name.as_str() == name);
    // A service is of no environment alone.
    let of_services = if grounds.question.environment.is_some() { Vec::new() } else { pairs(&services, listed) };
    let of_services = of_services.into_iter().map(|(doubtful, other)| {
        let evidence = |name: &str| Evidence { service: Service::parse(name).ok(), ..Evidence::default() };
        Finding { service: Service::parse(doubtful).ok(), ..finding("services", (doubtful, other), evidence) }
    });
    of_environments.chain(of_services).collect()
}

/// Names, each with what it is used with.
type Used<'n> = BTreeMap<&'n str, BTreeSet<&'n str>>;

/// Names that look alike, unless settings list both: first the one that is less used, which may be the slip.
fn pairs<'n>(used: &Used<'n>, is_listed: impl Fn(&str) -> bool) -> Vec<(&'n str, &'n str)> {
    let names: Vec<&'n str> = used.keys().copied().collect();
    let weight = |name: &str| (is_listed(name), used.get(name).map_or(0, BTreeSet::len));
    let alike = lookalike::lookalikes(&names).into_iter();
    let alike = alike.filter(|(one, other)| !(is_listed(one) && is_listed(other)));
    alike.map(|(one, other)| if weight(other) < weight(one) { (other, one) } else { (one, other) }).collect()
}

fn finding(what: &str, (doubtful, other): (&str, &str), evidence: impl Fn(&str) -> Evidence) -> Finding {
    let kind = Kind::Lookalike;
    Finding {
        kind,
        severity: kind.severity(false),
        service: None,
        environment: None,
        release: None,
        since: None,
        what: format!("the {what} {doubtful} and {other} look alike"),
        evidence: vec![evidence(doubtful), evidence(other)],
        suggestion: format!(
            "if both mean the same, make {doubtful} an alias of {other} in the settings; if not, list both there"
        ),
        on_its_way: false,
    }
}
