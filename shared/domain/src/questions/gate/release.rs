//! The check of releases: what belongs together goes together.

use super::{Check, CheckName, Evidence, EvidenceKind, Facts, OfRelease, Question, listed};
use crate::Settings;
use crate::questions::release::{ReleaseState, is_complete};
use crate::settings::GateSettings;

/// The releases that it belongs to are complete in the environment before.
///
/// A version that belongs to none holds back nothing and is held back by nothing: the check passes, and says so. So it
/// does in the first environment of the path, before which there is none.
pub(super) fn release_complete(question: &Question, gate: &GateSettings, settings: &Settings, facts: &Facts) -> Check {
    let name = CheckName::ReleaseComplete;
    if !gate.release_complete {
        return Check::not_asked(name);
    }
    let Question { service, environment, thing, .. } = question;
    let version = thing.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let path = settings.path();
    let Some(before) = path.before(environment, &[]) else {
        return Check::passed(name, format!("no environment stands before {environment}, in which a release could be"));
    };
    let complete = |release: &&OfRelease| is_complete(release.services.iter().map(|(_, state)| *state), release.more);
    let evidence = |release: &OfRelease, kind| Evidence {
        environment: Some(before.clone()),
        release: Some(release.release.clone()),
        ..Evidence::of(kind)
    };
    let (complete, incomplete): (Vec<&OfRelease>, Vec<&OfRelease>) = facts.releases.iter().partition(complete);
    if incomplete.is_empty() && facts.more_releases {
        let detail = format!(
            "{service}{version} may belong to more releases than are looked at; those that were are complete in {before}; it passes for a version that belongs to fewer"
        );
        return Check::failed(name, detail).with(complete.iter().map(|of| evidence(of, EvidenceKind::Complete)));
    }
    if facts.releases.is_empty() {
        let detail = format!(
            "{service}{version} belongs to no release: none is declared to have it for {environment}, and no deployment of it names one"
        );
        return Check::passed(name, detail);
    }
    if incomplete.is_empty() {
        let names: Vec<&str> = complete.iter().map(|release| release.release.as_str()).collect();
        let is = if names.len() == 1 { "is" } else { "are" };
        let detail = format!("{} {is} complete in {before}", listed(&names));
        return Check::passed(name, detail).with(complete.iter().map(|of| evidence(of, EvidenceKind::Complete)));
    }
    let lacking: Vec<String> = incomplete.iter().map(|release| lacking(release)).collect();
    let lacking: Vec<&str> = lacking.iter().map(String::as_str).collect();
    let detail =
        format!("not complete in {before}: {}; it passes when each service is in place there", listed(&lacking));
    Check::failed(name, detail).with(incomplete.iter().map(|of| evidence(of, EvidenceKind::Incomplete)))
}

/// A release, and what it lacks.
fn lacking(release: &OfRelease) -> String {
    let waiting = release.services.iter().filter(|(_, state)| !state.is_done());
    let waiting: Vec<String> = waiting.map(|(service, state)| format!("{service} {}", spoken(*state))).collect();
    let waiting: Vec<&str> = waiting.iter().map(String::as_str).collect();
    let more = release.more.then_some("it has more deployments than are read");
    let told: Vec<&str> = waiting.into_iter().chain(more).collect();
    if told.is_empty() {
        return format!("{} (it has no services)", release.release);
    }
    format!("{} ({})", release.release, listed(&told))
}

/// A state, in a sentence.
fn spoken(state: ReleaseState) -> &'static str {
    match state {
        ReleaseState::Skipped => "was skipped",
        ReleaseState::InPlace => "is in place",
        ReleaseState::Deploying => "is being deployed",
        ReleaseState::Failed => "failed",
        ReleaseState::Newer => "is newer",
        ReleaseState::NeverDeployed => "was never deployed",
        ReleaseState::Older => "runs something else",
    }
}
