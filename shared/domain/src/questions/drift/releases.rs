//! Releases that lack something: `INCOMPLETE`.

use super::grounds::Grounds;
use super::{EVIDENCE, Evidence, Finding, IncompleteRelease, Kind};
use crate::identifiers::Service;

/// A release that is not complete, in an environment that drift is looked for in.
pub(super) fn incomplete(grounds: &Grounds<'_>, of: &IncompleteRelease) -> Option<Finding> {
    let IncompleteRelease { release, environment, lacking, since } = of;
    if !grounds.has(environment) {
        return None;
    }
    let names: Vec<&str> = lacking.iter().map(Service::as_str).collect();
    let what = format!("release {} is not complete: {} not in place", release.as_str(), are(&names));
    let suggestion =
        format!("deploy what it lacks: deployment-status release status {} -e {environment}", release.as_str());
    let evidence = |service: &Service| Evidence {
        environment: Some(environment.clone()),
        service: Some(service.clone()),
        ..Evidence::default()
    };
    let kind = Kind::Incomplete;
    Some(Finding {
        kind,
        severity: kind.severity(grounds.is_production(environment)),
        service: None,
        environment: Some(environment.clone()),
        release: Some(release.clone()),
        since: *since,
        what,
        evidence: lacking.iter().take(EVIDENCE).map(evidence).collect(),
        suggestion,
    })
}

/// `cart is`, `cart and search are`; of many the first.
fn are(names: &[&str]) -> String {
    const NAMED: usize = 5;
    match names {
        [] => "something is".to_owned(),
        [one] => format!("{one} is"),
        [first @ .., last] if names.len() <= NAMED => format!("{} and {last} are", first.join(", ")),
        _ => format!("{} and {} more are", names[..NAMED].join(", "), names.len() - NAMED),
    }
}
