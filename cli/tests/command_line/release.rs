//! `release`: what is declared or implied, and whether it is in place.

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::record;
use crate::server::empty;

fn event(service: &str, at: &str, environment: &str, version: &str, more: &Value) -> Value {
    let mut event = json!({
        "deploymentId": format!("{service}-{environment}"), "service": service, "environment": environment,
        "status": "COMPLETED", "version": version, "occurredAt": format!("2026-03-01T{at}:00Z"),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// A server where `web` was skipped.
fn skipped() -> Shell {
    let url = empty();
    let of_7 = json!({"release": "r/7"});
    record(
        &url,
        &[
            event("cart", "10:00", "staging", "2", &of_7),
            event("web", "10:00", "staging", "5", &of_7),
            event("cart", "11:00", "production", "2", &of_7),
            event("web", "09:00", "production", "4", &json!({})),
        ],
    );
    Shell::at(&url)
}

#[test]
fn the_service_that_was_skipped_is_named_and_the_exit_code_says_so() {
    let shell = skipped();
    let at = ["--as-of", "2026-03-01T12:00:00.000Z"];
    let status = shell.call(&[&["release", "status", "r/7", "-e", "production", "-o", "text"][..], &at].concat());
    assert_eq!(status.code, 5, "{status:?}");
    assert_eq!(
        status.stdout,
        "cart\tIN_PLACE\t2\t2\t2026-03-01T11:00:00.000Z\nweb\tSKIPPED\t5\t4\t2026-03-01T09:00:00.000Z\n"
    );
    assert_eq!(
        status.stderr,
        "deployment-status: r/7 is not complete in production\n  web: skipped, 5 is expected, 4 runs\n"
    );
    let staging = shell.call(&["release", "status", "r/7", "-e", "staging"]).succeeded();
    assert!(staging.ends_with("\n✓ r/7 is complete in staging\n"), "{staging}");
    let answer = shell.call(&["release", "status", "r/7", "-e", "production", "-o", "json"]);
    let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&answer["complete"], &answer["items"][1]["state"]), (&json!(false), &json!("SKIPPED")));
    let lines = shell.call(&["release", "status", "r/7", "-e", "production", "-o", "jsonl"]).stdout;
    assert_eq!(lines.lines().count(), 2, "{lines}");
    let listed = shell.call(&["release", "list", "-e", "production", "-o", "text"]).succeeded();
    assert_eq!(listed, "r/7\t2026-03-01\tfalse\t\n");
    assert_eq!(shell.call(&["release", "list", "-e", "nope"]).code, 3);
    assert_eq!(shell.call(&["release", "status", "r/7", "-e", "nope"]).code, 3);
}

#[test]
fn a_release_that_is_called_like_a_step_is_declared_and_found() {
    let url = empty();
    let shell = Shell::at(&url);
    for name in [".", "..", "/.", "a/../b", "/a", "a//"] {
        shell.call(&["release", "declare", name, "cart@1"]).succeeded();
        let answer = shell.call(&["release", "status", name, "-e", "production", "-o", "json"]);
        let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!((&answer["release"], &answer["declared"]["version"]), (&json!(name), &json!(1)), "{answer}");
    }
    let listed = shell.call(&["release", "list", "-o", "jsonl"]).succeeded();
    assert_eq!(listed.lines().count(), 6, "each is one of its own: {listed}");
}

#[test]
fn history_lists_the_deployments_of_a_release_and_of_an_artifact() {
    let url = empty();
    record(
        &url,
        &[
            event("cart", "10:00", "staging", "2", &json!({"release": "7", "artifact": "cart.tar"})),
            event("cart", "11:00", "production", "2", &json!({"artifact": "cart.tar"})),
        ],
    );
    let shell = Shell::at(&url);
    let ids = |words: &[&str]| {
        let printed = shell.call(&[&["history", "-o", "text"][..], words].concat()).succeeded();
        printed.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--release", "7"]), ["cart-staging"]);
    assert_eq!(ids(&["--artifact", "cart.tar"]), ["cart-production", "cart-staging"]);
    assert_eq!(ids(&["--artifact", "cart.tar", "-e", "production"]), ["cart-production"]);
}

#[test]
fn a_release_is_declared_once_and_only_over_what_is_expected() {
    let url = empty();
    let shell = Shell::at(&url);
    let declare = |words: &[&str]| shell.call(&[&["release", "declare", "8"][..], words].concat());
    assert_eq!(declare(&["cart@2", "web@5"]).succeeded(), "Declared 8, version 1.\n");
    assert_eq!(declare(&["web@5", "cart@2"]).succeeded(), "Unchanged: version 1 of 8 is the same.\n");
    let stale = declare(&["cart@3", "--if-version", "2"]);
    assert_eq!((stale.code, stale.stdout.as_str()), (5, ""));
    assert!(stale.stderr.contains("version 1 is the newest"), "{}", stale.stderr);
    let amended = declare(&["cart@3", "--if-version", "1", "--to", "production", "--notes", "n", "-o", "text"]);
    assert_eq!(amended.succeeded(), "recorded\t8\t2\n");
    let from_file = |document: &str| shell.call_with(&["release", "declare", "9", "--file", "-"], document);
    assert_eq!(from_file(r#"{"services": {"cart": "1"}}"#).succeeded(), "Declared 9, version 1.\n");
    let wrong = from_file(r#"{"services": {"cart": 1}, "note": ""}"#);
    assert_eq!(wrong.code, 5);
    assert!(wrong.stderr.contains("services.cart: ") && wrong.stderr.contains("note: unknown field"), "{wrong:?}");
    for usage in [&[][..], &["cart"], &["cart@1", "cart@2"], &["cart@1", "--file", "x"], &["--file", "/nowhere"]] {
        assert_eq!(declare(usage).code, 2, "{usage:?}");
    }
    let status = shell.call(&["release", "status", "8", "-e", "production"]);
    assert_eq!(status.code, 3, "nothing was ever deployed there: {status:?}");
    assert_eq!(shell.call(&["release", "status", "none", "-e", "production"]).code, 3);
    assert_eq!(shell.call(&["release", "status", "8"]).code, 2);
    let listed = shell.call(&["release", "list", "-o", "jsonl"]).succeeded();
    let names: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = names.iter().map(|listed| listed["release"].as_str().unwrap()).collect();
    assert_eq!(names, ["9", "8"]);
}
