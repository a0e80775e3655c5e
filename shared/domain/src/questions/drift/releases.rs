//! Releases that lack something: `INCOMPLETE`.

use super::grounds::Grounds;
use super::{DAY, EVIDENCE, Evidence, Finding, IncompleteRelease, Kind};
use crate::Service;
use crate::questions::release::ReleaseState;

/// A release that is not complete, in an environment that drift is looked for in, a day after it was first deployed
/// there or declared for it: neither what happens elsewhere nor an attempt that is under way ends that. Where all that
/// it lacks is being deployed, or where it was declared anew within a day, it may be on its way.
pub(super) fn incomplete(grounds: &Grounds<'_>, of: &IncompleteRelease) -> Option<Finding> {
    let IncompleteRelease { release, environment, services, since, declared } = of;
    if !grounds.has(environment) || grounds.millis_since(*since) <= DAY {
        return None;
    }
    let lacking: Vec<&(Service, ReleaseState)> = services.iter().filter(|(_, state)| !state.is_done()).collect();
    if lacking.is_empty() {
        return None;
    }
    let deploying = lacking.iter().all(|(_, state)| *state == ReleaseState::Deploying);
    let declared_anew = declared.is_some_and(|declared| grounds.millis_since(declared) <= DAY);
    let lacking: Vec<&Service> = lacking.into_iter().map(|(service, _)| service).collect();
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
        since: Some(*since),
        what,
        evidence: lacking.iter().take(EVIDENCE).map(evidence).collect(),
        suggestion,
        on_its_way: deploying || declared_anew,
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
