use serde_json::{Value, json};

use super::*;
use crate::event;
use crate::identifiers::Identifier as _;
use crate::ledger::summary::Summary;
use crate::live::log::entries;
use crate::live::{Cell, Entry, Landings};
use crate::settings::{Names, Path};
use crate::{Environment, EventKey, Settings, Timestamp, Version};

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + second * 1000)
}

/// A deployment: `cart@2 staging 10 COMPLETED`; what begins is `IN_PROGRESS`.
fn deployment(text: &str) -> Summary {
    let words: Vec<&str> = text.split(' ').collect();
    let (thing, environment, steps) = (words[0], words[1], &words[2..]);
    let (service, version) = thing.split_once('@').unwrap();
    let id = format!("{service}-{environment}-{}", steps[0]);
    let (version, commit) =
        version.split_once('@').map_or((version, None), |(version, commit)| (version, Some(commit)));
    let mut summary = Summary::empty(DeploymentId::parse(&id).unwrap());
    for (nth, step) in steps.chunks(2).enumerate() {
        let [second, status] = step else { panic!("{text}") };
        let second: i64 = second.parse().unwrap();
        let removal = status.strip_prefix("REMOVAL:");
        let mut value = json!({
            "deploymentId": id, "service": service, "environment": environment, "version": version,
            "commit": commit, "status": removal.unwrap_or(status), "occurredAt": at(second).to_string(),
        });
        if removal.is_some() {
            value["type"] = json!("removal");
        }
        let event = event::read(value, at(second)).unwrap();
        summary.fold(&event, &EventKey::stored(&format!("{nth:032}")), at(second));
    }
    summary
}

fn environment(name: &str) -> Environment {
    Environment::parse(name).unwrap()
}

fn settings() -> (Names, Path) {
    let settings = json!({
        "environments": [{"name": "staging"}, {"name": "production", "aliases": ["prod"]}, {"name": "dr"}],
        "services": [{"name": "cart", "aliases": ["shop-cart"]}],
    });
    let settings = Settings::read(settings, crate::fields::Unknown::Refused).unwrap();
    (settings.names(), settings.path())
}

/// What deployments imply for production at a time: `cart@2`, with `!` where it was skipped.
fn implied_by(story: &[&str], by: i64) -> String {
    let (names, path) = settings();
    let summaries: Vec<Summary> = story.iter().map(|text| deployment(text)).collect();
    let expected = implied(&summaries, at(by), &environment("production"), &names, &path);
    let told = expected.iter().map(|expected| {
        let version = expected.thing.version.as_ref().map_or("?", Version::as_str);
        format!("{}@{version}{}", expected.service, if expected.skipped { "!" } else { "" })
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_landed_last_with_a_release_is_expected_and_what_did_not_come_further_was_skipped() {
    for (story, by, expected) in [
        (&["cart@2 staging 10 COMPLETED"][..], 10, "cart@2!"),
        // Not landed yet, and not begun yet.
        (&["cart@2 staging 5 IN_PROGRESS 10 COMPLETED"], 9, "cart@2"),
        (&["cart@2 staging 5 IN_PROGRESS 10 COMPLETED"], 4, ""),
        (&["cart@2 staging 10 COMPLETED", "cart@2 production 20 COMPLETED"], 20, "cart@2"),
        (&["cart@2 staging 10 COMPLETED", "cart@2 production 15 IN_PROGRESS 20 COMPLETED"], 19, "cart@2!"),
        // What was tried and failed did not land.
        (&["cart@2 staging 10 COMPLETED", "cart@2 production 20 FAILED"], 30, "cart@2!"),
        // What landed and was rolled back did.
        (&["cart@2 staging 10 COMPLETED", "cart@2 production 20 COMPLETED 25 ROLLED_BACK"], 30, "cart@2"),
        // Only what stands before counts.
        (&["cart@2 dr 10 COMPLETED"], 30, "cart@2"),
        (&["cart@2 sandbox 10 COMPLETED"], 30, "cart@2"),
        // Under other names it is the same.
        (&["shop-cart@2 staging 10 COMPLETED", "cart@2 prod 20 COMPLETED"], 30, "cart@2"),
        // The last that landed, wherever; what did not land comes after all that did.
        (&["cart@2 staging 10 COMPLETED", "cart@3 staging 20 COMPLETED"], 30, "cart@3!"),
        (&["cart@3 staging 10 COMPLETED", "cart@2 staging 20 COMPLETED", "cart@4 staging 25 FAILED"], 30, "cart@2!"),
        (&["cart@3 staging 10 FAILED", "cart@2 staging 20 FAILED"], 30, "cart@2"),
        // A removal brings nothing.
        (&["cart@2 staging 10 REMOVAL:COMPLETED"], 30, ""),
        (
            &["cart@2 staging 10 COMPLETED", "web@1 staging 10 COMPLETED", "web@1 production 11 COMPLETED"],
            30,
            "cart@2! web@1",
        ),
    ] {
        assert_eq!(implied_by(story, by), expected, "{story:?} at {by}");
    }
}

/// How `cart@2` stands by these deployments of the place; those that are active are told apart.
fn state(story: &[&str], skipped: bool) -> ReleaseState {
    let summaries: Vec<Summary> = story.iter().map(|text| deployment(text)).collect();
    let log: Vec<Entry> = summaries.iter().flat_map(|summary| entries(summary).1).collect();
    let (cell, _) = Cell::of_log(&log);
    let landings = Landings::of_log(&log);
    let first = |thing: &Thing| Landings::first_anywhere(thing, |key| landings.get(key)).cloned();
    let thing = Thing { version: Version::parse("2").ok(), commit: None };
    let live = cell.live.clone();
    let part = InPart { first: first(&Thing::from(&live)), expected_first: first(&thing), live: live.clone() };
    let active = summaries.iter().filter(|summary| summary.is_active());
    let here = Here {
        parts: Some(part).filter(|_| live.is_running()).into_iter().collect(),
        landed: log.iter().any(Entry::lands),
        active: active.map(|s| (s.deployment_id.clone(), Thing { version: s.version(), commit: s.commit() })).collect(),
        last: cell.newest_attempt().map(LastAttempt::from),
    };
    let service = crate::Service::parse("cart").unwrap();
    Expected { service, thing, deployments: [].into(), skipped }.state(&here)
}

#[test]
fn every_state_beside_its_neighbours() {
    use ReleaseState::{Deploying, Failed, InPlace, NeverDeployed, Newer, Older};
    for (story, expected) in [
        (&["cart@2 p 10 COMPLETED"][..], InPlace),
        // A commit of it is the same version.
        (&["cart@2@c1 p 10 COMPLETED"], InPlace),
        // It is in place although something else is on its way, or failed after it.
        (&["cart@2 p 10 COMPLETED", "cart@3 p 20 IN_PROGRESS"], InPlace),
        (&["cart@2 p 10 COMPLETED", "cart@3 p 20 FAILED"], InPlace),
        (&["cart@2 p 10 IN_PROGRESS"], Deploying),
        (&["cart@1 p 5 COMPLETED", "cart@2 p 10 IN_PROGRESS"], Deploying),
        // What is on its way is something else.
        (&["cart@1 p 5 COMPLETED", "cart@3 p 10 IN_PROGRESS"], Older),
        (&["cart@3 p 10 IN_PROGRESS"], NeverDeployed),
        (&["cart@2 p 10 FAILED"], Failed),
        (&["cart@1 p 5 COMPLETED", "cart@2 p 10 FAILED"], Failed),
        (&["cart@1 p 5 COMPLETED", "cart@2 p 10 COMPLETED 12 ROLLED_BACK"], Failed),
        (&["cart@1 p 5 COMPLETED", "cart@2 p 10 CANCELLED"], Older),
        // Another attempt came after it.
        (&["cart@2 p 10 FAILED", "cart@1 p 11 COMPLETED"], Older),
        (&["cart@2 p 10 FAILED", "cart@3 p 11 FAILED"], NeverDeployed),
        (&["cart@2 p 10 COMPLETED", "cart@3 p 11 COMPLETED"], Newer),
        (&["cart@3 p 10 COMPLETED", "cart@2 p 11 COMPLETED", "cart@4 p 12 COMPLETED"], Newer),
        // What runs landed here first before the expected did: it was gone back to.
        (&["cart@1 p 9 COMPLETED", "cart@2 p 10 COMPLETED", "cart@1 p 11 COMPLETED"], Older),
        // The expected never landed here, so nothing is newer than it.
        (&["cart@3 p 10 COMPLETED"], Older),
        (&[], NeverDeployed),
        (&["cart@3 p 10 FAILED"], NeverDeployed),
        // It was taken away.
        (&["cart@2 p 10 COMPLETED", "cart@9 p 11 REMOVAL:COMPLETED"], Older),
    ] {
        assert_eq!(state(story, false), expected, "{story:?}");
        assert_eq!(state(story, true), ReleaseState::Skipped, "before all else: {story:?}");
    }
}

#[test]
fn where_regions_disagree_each_must_have_it() {
    let thing = |version: &str| Thing { version: Version::parse(version).ok(), commit: None };
    let landing = |second: i64| {
        let summary = deployment(&format!("cart@1 p {second} COMPLETED"));
        landed_at(&summary, Timestamp::MAX)
    };
    let part = |version: &str, first: i64, expected_first: Option<i64>| InPart {
        live: Live { version: Version::parse(version).ok(), since: Some(at(first)), ..Live::default() },
        first: landing(first),
        expected_first: expected_first.and_then(landing),
    };
    let service = crate::Service::parse("cart").unwrap();
    let expected = Expected { service, thing: thing("2"), deployments: [].into(), skipped: false };
    for (parts, state) in [
        (vec![part("2", 10, Some(10)), part("2", 11, Some(11))], ReleaseState::InPlace),
        (vec![part("2", 10, Some(10)), part("3", 12, Some(11))], ReleaseState::Newer),
        (vec![part("2", 10, Some(10)), part("1", 9, None)], ReleaseState::Older),
        (vec![part("2", 10, Some(10)), part("3", 11, Some(11))], ReleaseState::Older),
    ] {
        let here = Here { parts, landed: true, ..Here::default() };
        assert_eq!(expected.state(&here), state);
    }
}

#[test]
fn a_release_is_complete_when_each_service_is_in_place_or_newer_and_all_of_it_was_read() {
    use ReleaseState::{Deploying, Failed, InPlace, NeverDeployed, Newer, Older, Skipped};
    assert!(is_complete([InPlace, Newer], false));
    assert!(!is_complete([InPlace], true) && !is_complete([], false));
    for state in [Skipped, Deploying, Failed, NeverDeployed, Older] {
        assert!(!is_complete([InPlace, state], false), "{state:?}");
        let text: Value = serde_json::to_value(state).unwrap();
        assert_eq!(text, state.as_str());
    }
}
