//! `verify` when a deployment changes while it is read, when events have expired, or can't be read.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answers::{ServerAnswers, problems, text, verify};
use super::recorded;
use crate::called::Shell;
use crate::history::record;
use crate::server::{Answer, Double, empty};

#[test]
fn expired_events_are_reported_and_are_not_a_problem() {
    let mut expired = ServerAnswers::of(&recorded());
    let gone = text(&expired.trail[1], "hash").to_owned();
    expired.trail.drain(..2);
    expired.verification["events"] = json!(1);
    expired.verification["expired"] = json!(2);
    expired.verification["summaryCompared"] = json!(false);
    let (head, note) = (text(&expired.verification, "headHash").to_owned(), "The server reports 2 expired events.\n");
    let printed = verify(&expired, &["--head", &gone]);
    assert_eq!((printed.code, printed.stdout, printed.stderr.as_str()), (0, format!("intact\td\t1\t{head}\n"), note));
    let table = verify(&expired, &["-o", "table"]).succeeded();
    assert!(table.ends_with(&format!("\n✓ intact: 1 event, head {}\n{note}", &head[..12])), "{table}");
    let json: Value = serde_json::from_str(&verify(&expired, &["-o", "json"]).succeeded()).unwrap();
    assert_eq!(json, expired.verification, "as the server has it");

    let unknown = verify(&expired, &["--head", "00000000"]);
    assert_eq!(unknown.code, 5);
    assert!(unknown.stderr.contains("no event has the hash 00000000; it may belong to one of the 2 expired events"));
    let mut altered = expired.clone();
    altered.trail[0]["producer"] = json!("somebody");
    assert_eq!(problems(&altered)[0], "event 3 was altered: its content does not match its hash");
    let mut altered = expired.clone();
    altered.verification["expired"] = json!(1);
    assert_eq!(
        problems(&altered)[..2],
        ["events 1 to 2 are missing", "2 events are missing, but the server reports 1 expired events"]
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
    record(&url, &[event("one")]);
    let before = ServerAnswers::of(&url);
    record(&url, &[event("two")]);
    let after = ServerAnswers::of(&url);
    let head = text(&after.verification, "headHash").to_owned();
    for moved_at in 0..7 {
        let (before, after) = (before.clone(), after.clone());
        let double = Double::answering(move |request, of| {
            let printed = if request < moved_at { &before } else { &after };
            printed.answer(of.uri.path())
        });
        let printed = Shell::at(&double.url).call(&["verify", "d", "-o", "text"]).succeeded();
        let expected =
            if moved_at < 3 { head.clone() } else { text(&ServerAnswers::of(&url).trail[0], "hash").to_owned() };
        assert_eq!(printed.split('\t').nth(3).unwrap().trim(), expected, "{moved_at}");
    }

    let broken = ServerAnswers { trail: after.trail.clone(), ..before };
    let double = Double::answering(move |request, of| {
        let mut printed = broken.clone();
        printed.verification["headHash"] = json!(request.to_string());
        printed.answer(of.uri.path())
    });
    let printed = Shell::at(&double.url).call(&["verify", "d"]).failed(1);
    let says =
        "deployment-status: d changes while it is read, so it can't be verified\n  Verify it when it has finished.\n";
    assert_eq!(printed, says);
}

#[test]
fn events_without_a_summary_and_events_that_cannot_be_read_are_found() {
    let printed = Arc::new(ServerAnswers::of(&recorded()));
    let with = |altered: fn(&ServerAnswers, &str) -> Option<Answer>| {
        let printed = Arc::clone(&printed);
        let double = Double::answering(move |_, request| {
            altered(&printed, request.uri.path()).unwrap_or_else(|| printed.answer(request.uri.path()))
        });
        Shell::at(&double.url).call(&["verify", "d", "-o", "text"])
    };
    let gone = with(|_, path| {
        let body = json!({"type": "about:blank", "title": "Not Found", "status": 404, "detail": "gone"});
        (!path.ends_with("/events")).then(|| (404, &[][..], body.to_string()))
    });
    assert_eq!(gone.code, 5, "{gone:?}");
    assert!(gone.stderr.ends_with("\n  the deployment has no summary\n"), "{gone:?}");

    let unreadable = with(|printed, path| match path.rsplit('/').next() {
        Some("events") => Some((500, &[], String::new())),
        Some("verify") => {
            let mut own = printed.verification.clone();
            (own["intact"], own["problems"]) = (json!(false), json!(["event 2 was altered: it can't be read"]));
            Some((200, &[], own.to_string()))
        }
        _ => None,
    });
    assert_eq!(unreadable.code, 5, "{unreadable:?}");
    assert!(unreadable.stderr.ends_with(
        "\n  the server can't read the events, so they can't be verified\n  \
         the server reports: event 2 was altered: it can't be read\n"
    ));
    let failing = with(|_, path| path.ends_with("/events").then(|| (500, &[][..], String::new())));
    assert_eq!(failing.code, 1, "{failing:?}");
}
