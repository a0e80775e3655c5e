//! `verify` where something changes while it is read, is gone by age, or can't be shown.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answers::{Told, problems, text, verify};
use super::told;
use crate::called::Shell;
use crate::history::tell;
use crate::server::{Answer, Double, empty};

#[test]
fn what_is_gone_by_age_is_told_and_not_held_against_it() {
    let mut expired = Told::by(&told());
    let gone = text(&expired.trail[1], "hash").to_owned();
    expired.trail.drain(..2);
    expired.verification["events"] = json!(1);
    expired.verification["expired"] = json!(2);
    expired.verification["summaryCompared"] = json!(false);
    let (head, note) =
        (text(&expired.verification, "headHash").to_owned(), "2 events are gone by age, says the server.\n");
    let told = verify(&expired, &["--head", &gone]);
    assert_eq!((told.code, told.stdout, told.stderr.as_str()), (0, format!("intact\td\t1\t{head}\n"), note));
    let table = verify(&expired, &["-o", "table"]).succeeded();
    assert!(table.ends_with(&format!("\n✓ intact: 1 event, head {}\n{note}", &head[..12])), "{table}");
    let json: Value = serde_json::from_str(&verify(&expired, &["-o", "json"]).succeeded()).unwrap();
    assert_eq!(json, expired.verification, "as the server has it");

    let unknown = verify(&expired, &["--head", "00000000"]);
    assert_eq!(unknown.code, 5);
    assert!(
        unknown.stderr.contains("no event has the noted hash 00000000; it may be one of the 2 that are gone by age")
    );
    let mut altered = expired.clone();
    altered.trail[0]["producer"] = json!("somebody");
    assert_eq!(problems(&altered)[0], "event 3 was altered: its hash is not that of its content");
    let mut altered = expired.clone();
    altered.verification["expired"] = json!(1);
    assert_eq!(
        problems(&altered)[..2],
        ["events 1 to 2 are not there", "2 events are not there; gone by age are 1, says the server"]
    );
    let mut all = expired.clone();
    all.trail.clear();
    (all.verification["events"], all.verification["expired"]) = (json!(0), json!(3));
    assert!(verify(&all, &["-o", "table"]).succeeded().starts_with("✓ intact: 0 events, head "));
}

#[test]
fn an_event_that_is_recorded_meanwhile_is_no_problem() {
    let url = empty();
    let event = |id: &str| json!({"deploymentId": "d", "status": "IN_PROGRESS", "eventId": id});
    tell(&url, &[event("one")]);
    let before = Told::by(&url);
    tell(&url, &[event("two")]);
    let after = Told::by(&url);
    let head = text(&after.verification, "headHash").to_owned();
    for moved_at in 0..7 {
        let (before, after) = (before.clone(), after.clone());
        let double = Double::answering(move |asked, of| {
            let told = if asked < moved_at { &before } else { &after };
            told.answer(of.uri.path())
        });
        let told = Shell::at(&double.url).call(&["verify", "d", "-o", "text"]).succeeded();
        let expected = if moved_at < 3 { head.clone() } else { text(&Told::by(&url).trail[0], "hash").to_owned() };
        assert_eq!(told.split('\t').nth(3).unwrap().trim(), expected, "{moved_at}");
    }

    let broken = Told { trail: after.trail.clone(), ..before };
    let double = Double::answering(move |asked, of| {
        let mut told = broken.clone();
        told.verification["headHash"] = json!(asked.to_string());
        told.answer(of.uri.path())
    });
    let told = Shell::at(&double.url).call(&["verify", "d"]).failed(1);
    let says = "deployment-status: d changes all the time, so it can't be compared with itself\n  Verify it when it has ended.\n";
    assert_eq!(told, says);
}

#[test]
fn events_without_a_summary_and_events_that_cannot_be_read_are_found() {
    let told = Arc::new(Told::by(&told()));
    let with = |altered: fn(&Told, &str) -> Option<Answer>| {
        let told = Arc::clone(&told);
        let double = Double::answering(move |_, asked| {
            altered(&told, asked.uri.path()).unwrap_or_else(|| told.answer(asked.uri.path()))
        });
        Shell::at(&double.url).call(&["verify", "d", "-o", "text"])
    };
    let gone = with(|_, path| {
        let body = json!({"type": "about:blank", "title": "Not Found", "status": 404, "detail": "gone"});
        (!path.ends_with("/events")).then(|| (404, &[][..], body.to_string()))
    });
    assert_eq!(gone.code, 5, "{gone:?}");
    assert!(gone.stderr.ends_with("\n  there is no summary of the events\n"), "{gone:?}");

    let unreadable = with(|told, path| match path.rsplit('/').next() {
        Some("events") => Some((500, &[], String::new())),
        Some("verify") => {
            let mut own = told.verification.clone();
            (own["intact"], own["problems"]) = (json!(false), json!(["event 2 was altered: it can't be read"]));
            Some((200, &[], own.to_string()))
        }
        _ => None,
    });
    assert_eq!(unreadable.code, 5, "{unreadable:?}");
    assert!(unreadable.stderr.ends_with(
        "\n  the server can't read the events, so they can't be checked here\n  \
         the server says: event 2 was altered: it can't be read\n"
    ));
    let failing = with(|_, path| path.ends_with("/events").then(|| (500, &[][..], String::new())));
    assert_eq!(failing.code, 1, "{failing:?}");
}
