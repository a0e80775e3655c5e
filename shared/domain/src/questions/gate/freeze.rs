//! The check of freezes: times in which nothing is deployed.

use super::{Check, CheckName, Evidence, EvidenceKind, Question};
use crate::settings::{Freeze, GateSettings, Names};

/// No freeze holds for the place.
pub(super) fn freeze(question: &Question, gate: &GateSettings, freezes: &[Freeze], names: &Names) -> Check {
    let name = CheckName::Freeze;
    if !gate.freeze {
        return Check::not_asked(name);
    }
    let Question { service, environment, at, .. } = question;
    let here = freezes.iter().filter(|freeze| freeze.is_about(environment, names));
    let excepted = |freeze: &&Freeze| freeze.excepts(service, names);
    let (excepted, here): (Vec<&Freeze>, Vec<&Freeze>) = here.partition(excepted);
    let holding: Vec<&Freeze> = here.iter().filter(|freeze| freeze.holds(*at)).copied().collect();
    if holding.is_empty() {
        let detail = match excepted.iter().find(|freeze| freeze.holds(*at)) {
            Some(freeze) => format!("{service} is an exception of the freeze {}", freeze.name),
            None => format!("no freeze holds for {service} in {environment}"),
        };
        return Check::passed(name, detail);
    }
    let over = Freeze::over(&here, *at);
    let called: Vec<&str> = holding.iter().map(|freeze| freeze.name.as_str()).collect();
    let (freeze, hold) = if called.len() == 1 { ("freeze", "holds") } else { ("freezes", "hold") };
    let detail = format!(
        "the {freeze} {} {hold} for {service} in {environment}; it passes at {over}, or when the settings except {service}",
        super::listed(&called),
    );
    Check::failed(name, detail).with(holding.into_iter().map(evidence))
}

fn evidence(freeze: &Freeze) -> Evidence {
    Evidence {
        freeze: Some(freeze.name.clone()),
        at: Some(freeze.from),
        until: Some(freeze.to),
        ..Evidence::of(EvidenceKind::Freeze)
    }
}
