//! `verify`: an intact history, and the output in each format.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::{get, record, timeless};
use crate::server::{Double, demo, empty};

mod answers;
mod forged;
mod meanwhile;
mod tampered;
mod whole;

/// A server with a deployment `d` of three events, in whose texts and numbers there is room for doubt.
pub(crate) fn recorded() -> String {
    let url = empty();
    let events = [
        json!({"deploymentId": "d", "status": "IN_PROGRESS", "occurredAt": "2024-03-01T12:00:00Z", "service": "s",
               "environment": "e", "version": "1", "commit": "abc", "committedAt": "2024-03-01T11:00:00Z",
               "triggeredBy": {"kind": "MANUAL", "actor": "ada", "reason": "größer 🚀"}, "eventId": "one",
               "links": {"run": "https://ci.example.com/1"}}),
        json!({"deploymentId": "d", "type": "stage", "stage": "Prüfung", "status": "FAILED", "attempt": 1,
               "error": {"message": "no\nluck", "code": "E1"}, "metrics": {"healthScore": 99.5, "errorCount": 1e12}}),
        json!({"deploymentId": "d", "status": "ROLLED_BACK", "occurredAt": "2024-03-01T12:05:00.123Z", "rollbackTo": "0",
               "metrics": {"healthScore": 99.5}, "notes": "", "metadata": {"n": [1.0, -0.0, 1e-7, 9_007_199_254_740_991_u64, 0.1], "ä": {"\u{7f}": null},
               "🚀": "\u{1}"}}),
    ];
    for event in events {
        record(&url, &[event]);
    }
    url
}

/// The hashes of the events of `d`.
fn hashes(url: &str) -> Vec<String> {
    let trail: Value = serde_json::from_str(&get(url, "/v1/deployments/d/events")).unwrap();
    trail["items"].as_array().unwrap().iter().map(|event| event["hash"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_intact_history_is_printed_event_by_event() {
    let url = recorded();
    let hashes = hashes(&url);
    let [one, two, three] = [0, 1, 2].map(|at| &hashes[at][..12]);
    let table = Shell::at(&url).call(&["verify", "d"]).succeeded();
    // Recorded just now: that time changes from call to call.
    let without_time = |line: &str| match (line.find(" ("), line.find(')')) {
        (Some(from), Some(to)) => format!("{}{}\n", &line[..from], &line[to + 1..]),
        _ => format!("{line}\n"),
    };
    assert_eq!(
        timeless(&table).lines().map(without_time).collect::<String>(),
        format!(
            "SEQ RECORDED STATUS STAGE PRODUCER HASH\n\
             1 ● in progress - anonymous {one}\n\
             2 ✗ failed Prüfung anonymous {two}\n\
             3 ↩ rolled back - anonymous {three}\n\
             \n\
             ✓ intact: 3 events, head {three}\n"
        )
    );
}

#[test]
fn the_verdict_is_printed_in_each_format() {
    let url = recorded();
    let shell = Shell::at(&url);
    let head = hashes(&url)[2].clone();
    assert_eq!(shell.call(&["verify", "d", "-o", "text"]).succeeded(), format!("intact\td\t3\t{head}\n"));
    let json = format!(
        r#"{{"deploymentId":"d","intact":true,"events":3,"expired":0,"summaryCompared":true,"headHash":"{head}","problems":[]}}"#
    );
    for output in ["json", "jsonl"] {
        assert_eq!(shell.call(&["verify", "d", "-o", output]).succeeded(), format!("{json}\n"));
    }
    assert_eq!(get(&url, "/v1/deployments/d/verify"), json, "the server says the same");
}

#[test]
fn every_deployment_of_the_demo_is_intact() {
    let shell = Shell::at(demo());
    let history = shell.call(&["history", "--all", "-o", "text"]).succeeded();
    let ids: Vec<&str> = history.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(ids.len(), 38);
    for id in ids {
        let printed = shell.call(&["verify", id, "-o", "text"]).succeeded();
        assert!(printed.starts_with(&format!("intact\t{id}\t")), "{printed}");
    }
}

#[test]
fn a_history_of_several_pages_is_read_whole() {
    let url = empty();
    let event = |number: u32| json!({"deploymentId": "a/b:1", "status": "IN_PROGRESS", "eventId": number.to_string()});
    record(&url, &(0..210).map(event).collect::<Vec<_>>());
    let printed = Shell::at(&url).call(&["verify", "a/b:1", "-o", "text"]).succeeded();
    assert!(printed.starts_with("intact\ta/b:1\t210\t"), "{printed}");
}

#[test]
fn a_head_that_was_noted_must_be_in_the_chain() {
    let url = recorded();
    let hashes = hashes(&url);
    let verify = |head: &str| Shell::at(&url).call(&["verify", "d", "--head", head, "-o", "text"]);
    let intact = format!("intact\td\t3\t{}\n", hashes[2]);
    for noted in &hashes {
        for head in [noted, &noted[..8], &noted.to_uppercase()[..20]] {
            assert_eq!(verify(head).succeeded(), intact);
        }
    }
    let other = format!("{}{}", &hashes[0][..8], "0".repeat(56));
    for head in [&other[..], "00000000", &hashes[0][1..]] {
        let broken = verify(head);
        assert_eq!((broken.code, broken.stdout), (5, format!("broken\td\t3\t{}\n", hashes[2])));
        assert_eq!(
            broken.stderr,
            format!(
                "deployment-status: the history of d is not intact\n  \
                 no event has the hash {head}: the history was changed since that hash was stored\n"
            )
        );
    }
    for wrong in ["", "1234567", "not hexadecimal", &"0".repeat(65)] {
        assert!(verify(wrong).failed(2).contains("must be 8 to 64 hexadecimal digits"), "{wrong}");
    }
}

#[test]
fn the_error_for_an_unknown_id_suggests_similar_ones() {
    let printed = Shell::at(demo()).call(&["verify", "checkout-production-2.8"]).failed(3);
    assert_eq!(
        printed,
        "deployment-status: no deployment checkout-production-2.8: no event of it is recorded\n  \
         Did you mean checkout-production-2.8.0, checkout-production-2.8.1 or checkout-production-2.7.0?\n  \
         `deployment-status history` lists the latest deployments.\n"
    );
}

#[test]
fn without_an_answer_there_is_no_verdict() {
    let verify = |url: &str| Shell::at(url).call(&["verify", "d", "--timeout", "3s"]);
    verify(&Double::always(403, &[], r#"{"message":"Forbidden"}"#).url).failed(4);
    verify(&Double::always(500, &[], "").url).failed(1);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    verify(&format!("http://{}", silent.local_addr().unwrap())).failed(6);
    Shell::empty().call(&["verify", "a b"]).failed(2);
}
