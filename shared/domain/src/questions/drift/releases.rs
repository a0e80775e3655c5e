//! Releases that lack something: `INCOMPLETE`.

use super::grounds::Grounds;
use super::{DAY, EVIDENCE, Evidence, Finding, IncompleteRelease, Kind};
use crate::Service;
use crate::questions::release::ReleaseState;

/// A release that is not complete, in an environment that drift is looked for in. One that was deployed or declared
/// within a day may still be on its way, and so is a service that is being deployed.
pub(super) fn incomplete(grounds: &Grounds<'_>, of: &IncompleteRelease) -> Option<Finding> {
    let IncompleteRelease { release, environment, services, last } = of;
    if !grounds.has(environment) || grounds.millis_since(*last) <= DAY {
        return None;
    }
    let lacks = |state: &ReleaseState| !state.is_done() && *state != ReleaseState::Deploying;
    let lacking: Vec<&Service> = services.iter().filter(|(_, state)| lacks(state)).map(|(name, _)| name).collect();
    if lacking.is_empty() {
        return None;
    }
    let names: Vec<&str> = lacking.iter().map(|name| name.as_str()).collect();
    let what = format!("release {} is not complete: {} not in place", release.as_str(), are(&names));
    let suggestion =
        format!("deploy what it lacks: deployment-status release status {} -e {environment}", release.as_str());
    let evidence = |service: &&Service| Evidence {
        environment: Some(environment.clone()),
        service: Some((*service).clone()),
        ..Evidence::default()
    };
    let kind = Kind::Incomplete;
    Some(Finding {
        kind,
        severity: kind.severity(grounds.is_production(environment)),
        service: None,
        environment: Some(environment.clone()),
        release: Some(release.clone()),
        since: Some(*last),
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
