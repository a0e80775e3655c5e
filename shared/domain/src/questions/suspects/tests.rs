//! The rule by which changes are ranked, at its boundaries.

use serde_json::json;

use super::*;
use crate::Settings;
use crate::fields::Unknown;
use crate::identifiers::Identifier as _;
use crate::ledger::received::Received;
use crate::ledger::recording::{State, record};
use crate::live::log::entries;

const MINUTE: i64 = 60 * 1000;

fn noon(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(minutes * MINUTE)
}

fn service(name: &str) -> Service {
    Service::parse(name).unwrap()
}

/// A deployment with these events: when, and their status.
fn deployment(name: &str, events: &[(i64, &str)]) -> Summary {
    let mut state: Option<State> = None;
    for (minutes, status) in events {
        let event = json!({
            "deploymentId": name, "service": name, "environment": "production", "version": "1", "status": status,
            "occurredAt": noon(*minutes),
        });
        let received = Received::new(&crate::event::read(event, noon(1000)).unwrap(), noon(1000), "test").unwrap();
        state = Some(record(state.as_ref(), received, noon(1000)).unwrap().1);
    }
    state.unwrap().summary
}

fn change(summary: Summary, landed: bool) -> Changed {
    let (place, entries) = entries(&summary);
    let landed = entries.into_iter().next_back().filter(|_| landed);
    Changed { place, summary, landed, is_rollback: false, is_bad: false, by_hand: false, unseen_in: None }
}

fn landed(name: &str, minutes: i64) -> Changed {
    change(deployment(name, &[(minutes - 1, "IN_PROGRESS"), (minutes, "COMPLETED")]), true)
}

/// `checkout` depends on `payments`, that on `ledger`, that on `postgres`, that on `disks`, and `ledger` on `checkout`.
fn settings() -> SettingsInUse {
    let on = |name: &str, on: &[&str]| json!({"name": name, "dependsOn": on});
    let document = json!({"services": [
        {"name": "checkout", "aliases": ["shop"], "dependsOn": ["pay"]},
        {"name": "payments", "aliases": ["pay"], "dependsOn": ["ledger"]},
        on("ledger", &["postgres", "shop"]),
        on("postgres", &["disks"]),
        on("disks", &[]),
    ]});
    Settings::read(document, Unknown::Refused).unwrap().into()
}

fn ranked(window: &str, changes: Vec<Changed>) -> Vec<(String, u32, Vec<String>)> {
    let settings = settings();
    let service = service("checkout");
    let window = Window::parse(window).unwrap();
    let question = Question { service: &service, at: noon(0), window, settings: &settings };
    let of = |Suspect { changed, score, reasons }| (changed.summary.deployment_id.to_string(), score, reasons);
    question.ranked(changes).into_iter().map(of).collect()
}

#[test]
fn what_a_service_depends_on_is_found_up_to_three_steps_away_and_circles_end() {
    let settings = settings();
    let found = |name: &str| {
        let found = dependencies(&service(name), &settings).into_iter();
        found.map(|(name, by)| (name.to_string(), by.depth())).collect::<Vec<_>>()
    };
    let of = |all: &[(&str, u32)]| all.iter().map(|(name, depth)| ((*name).to_owned(), *depth)).collect::<Vec<_>>();
    assert_eq!(found("checkout"), of(&[("ledger", 2), ("payments", 1), ("postgres", 3)]));
    assert_eq!(found("ledger"), of(&[("checkout", 1), ("disks", 2), ("payments", 2), ("postgres", 1)]));
    assert_eq!(found("disks"), []);
    assert_eq!(found("nosuch"), []);
}

#[test]
fn the_nearer_service_comes_first_whatever_else_is_said_of_the_others() {
    let everything = |name: &str| Changed {
        is_rollback: true,
        is_bad: true,
        by_hand: true,
        unseen_in: Some(Environment::parse("staging").unwrap()),
        ..landed(name, 0)
    };
    // At the very begin of the window nothing is added for the time.
    let changes = vec![everything("other"), everything("postgres"), everything("payments"), landed("checkout", -360)];
    let found: Vec<(String, u32)> = ranked("6h", changes).into_iter().map(|(id, score, _)| (id, score)).collect();
    let of = |name: &str, score| (name.to_owned(), score);
    assert_eq!(found, [of("checkout", 300), of("payments", 290), of("postgres", 280), of("other", 180)]);
}

#[test]
fn each_reason_is_said_and_counts() {
    let before = Environment::parse("staging").unwrap();
    let unusual = Changed { is_rollback: true, is_bad: true, ..landed("ledger", -90) };
    let unseen = Changed { by_hand: true, unseen_in: Some(before), ..landed("other", -1) };
    let under_way = change(deployment("checkout", &[(-5, "IN_PROGRESS")]), false);
    let found = ranked("6h", vec![unseen, under_way, unusual]);
    let of = |id: &str, score, reasons: &[&str]| {
        (id.to_owned(), score, reasons.iter().map(|reason| (*reason).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(
        found,
        [
            of("checkout", 340, &["it changed checkout itself", "it was under way then"]),
            of(
                "ledger",
                200 + 5 + 30 + 20,
                &[
                    "checkout depends on ledger, through payments",
                    "it landed 1 hour before",
                    "it went back to an earlier version",
                    "its version is known to be bad",
                ],
            ),
            of(
                "other",
                100 + 39 + 20,
                &[
                    "it changed something else in the environment",
                    "it landed 1 minute before",
                    "it came by hand",
                    "its version had not landed in staging before",
                ],
            ),
        ]
    );
}

#[test]
fn of_equal_ones_the_later_landing_comes_first_and_then_the_id() {
    // A week is so long that minutes make no difference.
    let changes = vec![landed("c", -3), landed("b", -2), landed("a", -3), landed("d", -2)];
    let ids: Vec<String> = ranked("7d", changes).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["b", "d", "a", "c"]);
}

#[test]
fn the_window_begins_after_its_first_moment_and_ends_with_its_last() {
    let settings = settings();
    let service = service("checkout");
    let window = Window::parse("1h").unwrap();
    let question = Question { service: &service, at: noon(0), window, settings: &settings };
    let has = |minutes| question.has(landed("x", minutes).landed.as_ref().unwrap());
    assert_eq!([-61, -60, -59, 0, 1].map(has), [false, false, true, true, false]);
    let failed = change(deployment("x", &[(-9, "IN_PROGRESS"), (-8, "FAILED")]), true).landed.unwrap();
    assert!(!question.has(&failed), "it changed nothing");
    let under_way = |events: &[(i64, &str)]| question.was_under_way(&deployment("x", events));
    assert!(under_way(&[(0, "IN_PROGRESS")]));
    assert!(under_way(&[(-500, "IN_PROGRESS"), (1, "FAILED")]));
    assert!(!under_way(&[(1, "IN_PROGRESS")]));
    assert!(!under_way(&[(-500, "IN_PROGRESS"), (0, "COMPLETED")]), "it had landed");
    assert!(!under_way(&[(-5, "PENDING")]), "it had not begun");
}

#[test]
fn a_window_is_a_number_of_minutes_hours_or_days() {
    let read = |text: &str| Window::parse(text).map(|window| (window.millis() / MINUTE, window.to_string()));
    for (text, minutes, written) in [
        ("1m", 1, "1m"),
        ("90m", 90, "90m"),
        ("60m", 60, "1h"),
        ("6h", 360, "6h"),
        ("48h", 2880, "2d"),
        ("7d", 10080, "7d"),
        ("10080m", 10080, "7d"),
    ] {
        assert_eq!(read(text), Ok((minutes, written.to_owned())), "{text}");
    }
    for text in [
        "", "m", "0m", "0h", "06h", "10081m", "8d", "169h", "6", "6H", "-6h", "+6h", "6 h", "1.5h", "6hh", "99999d",
        "６h",
    ] {
        assert_eq!(read(text), Err(WrongWindow), "{text}");
    }
    assert_eq!(Window::DEFAULT.to_string(), "6h");
}

#[test]
fn a_position_is_read_as_it_was_written() {
    for id in ["checkout", "a b", "github:acme/shop:77"] {
        let position = Position {
            score: Reverse(340),
            landed: Reverse(Timestamp::MAX),
            id: DeploymentId::parse(id).unwrap_or_else(|_| DeploymentId::parse("x").unwrap()),
        };
        assert_eq!(Position::parse(&position.text()), Some(position));
    }
    for wrong in ["", "1", "1 2", "x 2 id", "1 x id"] {
        assert_eq!(Position::parse(wrong), None::<Position>, "{wrong}");
    }
}

#[test]
fn the_order_of_the_changes_changes_nothing() {
    let changes: Vec<Changed> =
        (0..9).map(|nth| landed(["checkout", "payments", "other"][nth % 3], -i64::try_from(nth).unwrap())).collect();
    let reversed = changes.iter().rev().cloned().collect();
    assert_eq!(ranked("6h", changes), ranked("6h", reversed));
}
