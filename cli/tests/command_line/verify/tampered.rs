//! `verify` after a change of any field.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::Timestamp;
use serde_json::{Value, json};

use super::answers::{ServerAnswers, problems, text, verify};
use super::recorded;

#[test]
fn the_answers_of_the_real_server_are_intact_in_the_double_too() {
    let printed = ServerAnswers::of(&recorded());
    let head = text(&printed.verification, "headHash");
    assert_eq!(verify(&printed, &[]).succeeded(), format!("intact\td\t3\t{head}\n"));
    let again = printed.clone().chained_anew(0);
    assert_eq!(
        (&again.trail, &again.deployment),
        (&printed.trail, &printed.deployment),
        "the tests' own chain is right"
    );
}

/// The places of all values that stand in a value, and what else could stand there.
fn alterations(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                alterations(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                alterations(value, &format!("{at}/{index}"), found);
            }
        }
        Value::String(text) => {
            found.push((at.to_owned(), json!(format!("{text} "))));
            if !text.is_empty() {
                found.push((at.to_owned(), json!("")));
                found.push((at.to_owned(), Value::Null));
            }
            if let Some(hour) = text.strip_suffix("Z").filter(|_| Timestamp::parse(text).is_ok()) {
                found.push((at.to_owned(), json!(format!("{hour}+00:00"))));
            }
        }
        Value::Number(number) => found.push((at.to_owned(), json!(number.as_f64().unwrap() / 2.0 + 7.0))),
        Value::Bool(truth) => found.push((at.to_owned(), json!(!truth))),
        Value::Null => found.push((at.to_owned(), json!("2024-03-01T12:00:00.000Z"))),
    }
}

#[test]
fn whichever_single_field_of_an_event_is_altered_it_is_found() {
    let printed = ServerAnswers::of(&recorded());
    let mut cases = Vec::new();
    for at in 0..printed.trail.len() {
        let mut found = Vec::new();
        alterations(&printed.trail[at], "", &mut found);
        assert!(found.len() > 20, "{found:?}");
        cases.extend(found.into_iter().map(|(place, value)| (at, place, Some(value))));
        // What was said can also be left out, or more be said.
        let said = printed.trail[at]["event"].as_object().unwrap();
        cases.extend(said.keys().map(|name| (at, format!("/event/{name}"), None)));
        cases.push((at, "/event/error".to_owned(), Some(json!({"message": "it was me"}))));
    }
    let (next, seen) = (AtomicUsize::new(0), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((at, place, value)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut altered = printed.clone();
                    let (parent, name) = place.rsplit_once('/').unwrap();
                    let parent = altered.trail[*at].pointer_mut(parent).unwrap();
                    match value {
                        Some(value) if parent.is_array() => parent[name.parse::<usize>().unwrap()] = value.clone(),
                        Some(value) => parent[name.replace("~1", "/").replace("~0", "~")] = value.clone(),
                        None => drop(parent.as_object_mut().unwrap().remove(name)),
                    }
                    assert_ne!(altered.trail, printed.trail);
                    let called = verify(&altered, &[]);
                    // Where a text of the API's own is none any more, it is no answer of a Deployment Status.
                    let is_no_answer = called.code == 1 && called.stderr.contains("is not a Deployment Status API");
                    let is_found = called.code == 5 || (is_no_answer && !place.starts_with("/event/"));
                    if !is_found {
                        writeln!(seen.lock().unwrap(), "{at} {place} {value:?}: {called:?}").unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(seen.into_inner().unwrap(), "", "of {} cases", cases.len());
}

#[test]
fn whichever_field_of_the_summary_is_altered_it_is_found() {
    let printed = ServerAnswers::of(&recorded());
    let altered = |name: &str, value: Value| {
        let mut altered = printed.clone();
        altered.deployment[name] = value;
        problems(&altered)
    };
    for (name, value) in [
        ("service", json!("other")),
        ("environment", json!("other")),
        ("version", json!("2")),
        ("commit", Value::Null),
        ("artifact", json!("a")),
        ("buildNumber", json!("b")),
        ("region", json!("r")),
        ("status", json!("COMPLETED")),
        ("stage", Value::Null),
        ("attempt", json!(2)),
        ("createdAt", json!("2024-03-01T12:00:00.001Z")),
        ("startedAt", json!("2024-03-01T12:00:00.001Z")),
        ("waitedSeconds", json!(1.0)),
        ("failedStage", Value::Null),
        ("updatedAt", json!("2024-03-01T12:00:00Z")),
        ("finishedAt", Value::Null),
        ("durationSeconds", json!(1.0)),
        ("triggeredBy", json!({"kind": "AUTOMATIC"})),
        ("metrics", Value::Null),
        ("error", json!({"code": "E2"})),
        ("rollbackTo", json!("1")),
        ("committedAt", Value::Null),
        ("release", json!("r")),
        ("links", json!({})),
        ("notes", Value::Null),
        ("metadata", json!({})),
        ("stages", json!([])),
        ("flags", json!(["CLOCK_SKEW"])),
        ("deploymentId", json!("e")),
    ] {
        let said = vec![format!("the summary does not match the events: {name}")];
        assert_eq!(altered(name, value), said);
    }
    assert_eq!(altered("eventCount", json!(4)), ["event 4 is missing"]);
    assert_eq!(
        altered("eventCount", json!(2)),
        ["the last event has number 3, but the summary counts 2", "the summary does not match the events: eventCount"]
    );
}

#[test]
fn the_server_s_own_verification_is_checked_too() {
    let printed = ServerAnswers::of(&recorded());
    let altered = |name: &str, value: Value| {
        let mut altered = printed.clone();
        altered.verification[name] = value;
        problems(&altered)
    };
    assert_eq!(altered("headHash", json!("0")), ["the last event's hash is not the head hash of the summary"]);
    assert_eq!(altered("events", json!(4)), ["the server reports 4 events, but returns 3"]);
    assert_eq!(altered("intact", json!(false)), ["the server reports that the history is not intact"]);
    assert_eq!(altered("expired", json!(1)), ["0 events are missing, but the server reports 1 expired events"]);
    let mut altered = printed.clone();
    altered.verification["expired"] = json!(1);
    let json: Value = serde_json::from_str(&verify(&altered, &["-o", "json"]).stdout).unwrap();
    assert_eq!((&json["intact"], &json["expired"]), (&json!(false), &json!(0)), "none is gone");
    let mut altered = printed.clone();
    altered.verification["intact"] = json!(false);
    altered.verification["problems"] = json!(["the stored meaning of event 2 was altered", "\u{1b}[2J"]);
    let said = ["the server reports: the stored meaning of event 2 was altered", r"the server reports: \u{1b}[2J"];
    assert_eq!(problems(&altered), said, "we see nothing wrong, and it does");
}

#[test]
fn an_event_that_is_gone_or_elsewhere_is_found() {
    let printed = ServerAnswers::of(&recorded());
    let altered = |alter: fn(&mut Vec<Value>)| {
        let mut altered = printed.clone();
        alter(&mut altered.trail);
        altered.verification["events"] = json!(altered.trail.len());
        problems(&altered)
    };
    assert_eq!(altered(|trail| drop(trail.remove(0))), ["event 1 is missing"]);
    assert_eq!(altered(|trail| drop(trail.remove(1))), ["event 2 is missing"]);
    assert_eq!(altered(|trail| drop(trail.pop())), ["event 3 is missing"]);
    assert_eq!(altered(|trail| drop(trail.drain(..2))), ["events 1 to 2 are missing"]);
    assert_eq!(altered(Vec::clear), ["events 1 to 3 are missing"]);
    assert_eq!(altered(|trail| trail.swap(0, 1)), ["event 1 comes after event 2"]);
    assert_eq!(
        altered(|trail| trail.push(trail[2].clone()))[..2],
        ["event 3 comes after event 3", "event 3 does not follow the event before it"]
    );
    assert_eq!(
        altered(|trail| {
            let (two, three) = (trail[1]["event"].clone(), trail[2]["event"].clone());
            (trail[1]["event"], trail[2]["event"]) = (three, two);
        })[0],
        "event 2 was altered: its payload does not match its payload hash"
    );
}

#[test]
fn what_would_steer_the_terminal_is_shown_escaped() {
    let mut altered = ServerAnswers::of(&recorded());
    altered.trail[0]["producer"] = json!("\u{1b}[31mred");
    altered.trail[1]["event"]["status"] = json!("\u{1b}[2J");
    altered.trail[1]["hash"] = json!("\u{1b}[1m");
    altered.verification["headHash"] = json!("\u{1b}]0;");
    for output in ["table", "text"] {
        let called = verify(&altered, &["-o", output]);
        assert_eq!(called.code, 5);
        assert!(!called.stdout.contains('\u{1b}') && !called.stderr.contains('\u{1b}'), "{called:?}");
    }
}
