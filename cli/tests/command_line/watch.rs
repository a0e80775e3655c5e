//! `watch`: follows a deployment until it finishes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use domain::Timestamp;
use serde_json::{Value, json};

use crate::called::{Called, Shell};
use crate::server::{Answer, Double, ReceivedRequest, demo, empty};
use crate::status::failed_deployment;
use crate::terminal::Terminal;

mod picture;
mod trouble;

/// Reports an event.
fn report(url: &str, event: &Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let request = agent.post(format!("{url}/v1/events")).content_type("application/json");
    let answer = request.send(event.to_string()).unwrap();
    assert_eq!(answer.status(), 201, "{event}");
}

/// A deployment of checkout that began at this time.
fn begin(url: &str, id: &str, at: Timestamp) {
    report(
        url,
        &json!({"deploymentId": id, "service": "checkout", "environment": "production", "version": "2.0.0",
                "status": "IN_PROGRESS", "occurredAt": at}),
    );
}

fn become_at(url: &str, id: &str, status: &str, at: Timestamp) {
    report(url, &json!({"deploymentId": id, "status": status, "occurredAt": at}));
}

fn stage_at(url: &str, id: &str, stage: &str, status: &str, at: Timestamp) {
    report(url, &json!({"deploymentId": id, "type": "stage", "stage": stage, "status": status, "occurredAt": at}));
}

/// A time, so many seconds after noon of a day that is over.
fn after_noon(seconds: i64) -> Timestamp {
    Timestamp::parse("2025-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

/// A time so many seconds ago.
fn ago(seconds: i64) -> Timestamp {
    lambda::now().plus_millis(-seconds * 1000)
}

/// A deployment as in the API's answer.
fn deployment(status: &str, more: &Value) -> String {
    let mut printed = json!({
        "deploymentId": "d-1", "service": "checkout", "environment": "production", "version": "2.0.0",
        "status": status, "attempt": 1, "createdAt": "2025-03-01T12:00:00.000Z", "startedAt": "2025-03-01T12:00:00.000Z",
        "updatedAt": "2025-03-01T12:00:41.000Z", "links": {}, "stages": [], "eventCount": 1, "flags": [],
    });
    printed.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    printed.to_string()
}

fn ended() -> String {
    deployment("COMPLETED", &json!({"finishedAt": "2025-03-01T12:03:40.000Z", "durationSeconds": 220.0}))
}

/// A server of one deployment: its answers in this order, the last one for ever.
fn answers(answers: Vec<Answer>) -> Double {
    let counted = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    Double::answering(move |_, _: &ReceivedRequest| {
        let count = counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        answers[count.min(answers.len() - 1)].clone()
    })
}

const OFTEN: [&str; 2] = ["--interval", "100ms"];

fn watching<'a>(id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["watch", id], &OFTEN[..], more].concat()
}

/// A shell in a terminal that can be steered.
fn steered(url: &str) -> Shell {
    Shell::at(url).with("TERM", "xterm-256color")
}

/// A call whose output is read while it runs.
fn piped(shell: &Shell, words: &[&str]) -> Child {
    let mut command = shell.command(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn in_a_pipe_each_change_is_a_line() {
    let url = empty();
    begin(&url, "checkout-1", after_noon(0));
    let mut child = piped(&Shell::at(&url), &watching("checkout-1", &[]));
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut next = || {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        line
    };
    assert_eq!(next(), "checkout-1: checkout 2.0.0 to production, created 2025-03-01 12:00:00 +00:00\n");
    assert_eq!(next(), "12:00:00 in progress\n");
    stage_at(&url, "checkout-1", "DEPLOYMENT", "IN_PROGRESS", after_noon(41));
    assert_eq!(next(), "12:00:41 DEPLOYMENT in progress\n");
    become_at(&url, "checkout-1", "VALIDATING", after_noon(60));
    assert_eq!(next(), "12:01:00 validating\n");
    stage_at(&url, "checkout-1", "DEPLOYMENT", "COMPLETED", after_noon(160));
    assert_eq!(next(), "12:02:40 DEPLOYMENT completed after 1m 59s\n");
    become_at(&url, "checkout-1", "COMPLETED", after_noon(220));
    assert_eq!(next(), "12:03:40 completed after 3m 40s\n");
    assert_eq!(next(), "");
    let called = Called::from(child.wait_with_output().unwrap());
    assert_eq!((called.code, called.stderr.as_str()), (0, ""));
}

#[test]
fn earlier_changes_are_printed_first_and_without_escape_codes() {
    let printed = Shell::at(demo()).call(&watching("checkout-production-2.7.0", &[])).succeeded();
    let mut lines = printed.lines();
    assert!(lines.next().unwrap().starts_with("checkout-production-2.7.0: checkout 2.7.0 to production, created "));
    let changes: Vec<&str> = lines.map(|line| &line["12:00:00 ".len()..]).collect();
    assert_eq!(
        changes,
        [
            "INITIALIZATION completed after 15s",
            "DEPLOYMENT completed after 1m 59s",
            "HEALTH_CHECK completed after 1m",
            "completed after 3m 40s",
        ]
    );
    assert!(!printed.contains('\u{1b}'));
}

#[test]
fn a_deployment_that_did_not_complete_is_reported_with_the_reason() {
    let shell = Shell::at(demo());
    let ends = |id: &str| {
        let called = shell.call(&watching(id, &[]));
        assert_eq!(called.code, 5, "{id}");
        called.stderr
    };
    assert_eq!(
        ends("notifications-production-3.3.0"),
        "deployment-status: notifications-production-3.3.0 failed after 3m 30s: HEALTH_CHECK: 3 of 4 instances did \
         not become healthy\n  It failed in HEALTH_CHECK\n  `deployment-status status notifications-production-3.3.0` shows the details.\n"
    );
    assert_eq!(
        ends("checkout-production-2.8.0"),
        "deployment-status: checkout-production-2.8.0 rolled back after 13m 40s: ERROR_RATE: errors at 9 % after the \
         release\n  Rolled back to 2.7.0.\n  `deployment-status status checkout-production-2.8.0` shows the details.\n"
    );
    assert_eq!(
        ends("catalog-development-4.11.0"),
        "deployment-status: catalog-development-4.11.0 cancelled after 1m 15s: superseded by a fix\n  \
         `deployment-status status catalog-development-4.11.0` shows the details.\n"
    );
    let stage = json!({"stage": "SMOKE", "attempt": 1, "status": "FAILED"});
    let double = answers(vec![(200, &[], deployment("FAILED", &json!({"stages": [stage], "notes": "a try"})))]);
    let printed = Shell::at(&double.url).call(&watching("d-1", &["-o", "json"]));
    assert_eq!(
        printed.stderr,
        "deployment-status: d-1 failed: stage SMOKE failed\n  `deployment-status status d-1` shows the details.\n"
    );
}

#[test]
fn the_stage_that_failed_is_named_with_its_error() {
    let double = Double::always(200, &[], &failed_deployment());
    let called = Shell::at(&double.url).call(&watching("d-1", &[]));
    assert_eq!(called.code, 5);
    assert_eq!(
        called.stderr,
        "deployment-status: d-1 failed after 2m: stage CHECK failed: E503: 2 of 3 answer\\u{1b}[2J\n  \
         `deployment-status status d-1` shows the details.\n"
    );
    assert!(called.stdout.contains("CHECK failed after 1m: E503: 2 of 3 answer\\u{1b}[2J\n"), "{}", called.stdout);
}

#[test]
fn a_timeout_is_reported_with_the_current_status() {
    let url = empty();
    let began = ago(7265);
    begin(&url, "checkout-1", began);
    stage_at(&url, "checkout-1", "INITIALIZATION", "COMPLETED", began.plus_millis(3000));
    stage_at(&url, "checkout-1", "DEPLOYMENT", "IN_PROGRESS", began.plus_millis(3000));
    let called = Shell::at(&url).call(&watching("checkout-1", &["--timeout", "4s", "-o", "text"]));
    assert_eq!(called.code, 6);
    assert_eq!(
        called.stderr,
        "deployment-status: checkout-1 did not finish within 4s: in progress for 2h 1m\n  \
         Stage DEPLOYMENT: in progress for 2h 1m\n"
    );
}

#[test]
fn a_timeout_that_is_a_setting_is_about_answers_and_not_about_the_end() {
    let running = || (200, &[][..], deployment("IN_PROGRESS", &json!({})));
    let double = answers((0..4).map(|_| running()).chain([(200, &[][..], ended())]).collect());
    // Four pauses, and together more than that timeout.
    let shell = Shell::at(&double.url).with("DEPLOYMENT_STATUS_TIMEOUT", "3s");
    let called = shell.call(&["watch", "d-1", "--interval", "1s", "-o", "json"]);
    assert_eq!((called.code, called.stdout), (0, ended() + "\n"), "{}", called.stderr);
}

#[test]
fn the_error_for_an_unknown_id_suggests_similar_ones() {
    let printed = Shell::at(demo()).call(&watching("checkout-production-2.8", &[])).failed(3);
    assert_eq!(
        printed,
        "deployment-status: no deployment checkout-production-2.8: no event of it is recorded\n  \
         Did you mean checkout-production-2.8.0, checkout-production-2.8.1 or checkout-production-2.7.0?\n  \
         `deployment-status history` lists the latest deployments.\n"
    );
}

#[test]
fn other_forms_print_what_scripts_need() {
    let stage = |status: &str| {
        json!([{"stage": "ROLL\u{9}OUT", "attempt": 1, "status": status,
        "startedAt": "2025-03-01T12:00:41.000Z"}])
    };
    let states = [
        deployment("PENDING", &json!({})),
        deployment("IN_PROGRESS", &json!({"stages": stage("IN_PROGRESS")})),
        format!("\n{}\n", ended()),
    ];
    // Each is answered twice.
    let all = || states.iter().flat_map(|state| [(200, &[][..], state.clone()), (200, &[][..], state.clone())]);
    let double = || answers(all().collect());
    let call = |form: &str| Shell::at(&double().url).call(&watching("d-1", &["-o", form])).succeeded();
    assert_eq!(call("json"), format!("{}", states[2]));
    assert_eq!(call("jsonl"), format!("{}\n{}\n {} \n", states[0], states[1], ended()));
    assert_eq!(
        call("text"),
        "2025-03-01T12:00:41.000Z\tdeployment\td-1\tPENDING\n\
         2025-03-01T12:00:41.000Z\tdeployment\td-1\tIN_PROGRESS\n\
         2025-03-01T12:00:41.000Z\tstage\tROLL\\u{9}OUT\tIN_PROGRESS\n\
         2025-03-01T12:03:40.000Z\tdeployment\td-1\tCOMPLETED\n"
    );
    // What is known is printed when time is up, too.
    let double = Double::always(200, &[], &states[0]);
    let called = Shell::at(&double.url).call(&watching("d-1", &["-o", "json", "--timeout", "4s"]));
    assert_eq!((called.code, called.stdout.trim_end()), (6, states[0].as_str()));
}

#[test]
fn what_would_steer_the_terminal_is_shown_escaped() {
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}\n";
    let stage = json!({"stage": evil, "attempt": 1, "status": "FAILED", "startedAt": evil, "finishedAt": evil});
    let more = json!({
        "deploymentId": evil, "service": evil, "environment": evil, "version": evil, "stage": format!("at {evil}"),
        "error": {"message": evil}, "createdAt": evil, "startedAt": evil, "finishedAt": evil, "updatedAt": evil, "stages": [stage],
    });
    let problem = json!({"type": "about:blank", "title": "", "status": 500, "detail": evil}).to_string();
    let double = || {
        let (running, failed) = (deployment("IN_PROGRESS", &more), deployment("FAILED", &more));
        answers(vec![(200, &[], running), (500, &[], problem.clone()), (200, &[], failed)])
    };
    for form in ["table", "text"] {
        let called = Shell::at(&double().url).call(&watching("d-1", &["-o", form]));
        let all = called.stdout + &called.stderr;
        assert!(all.contains("\ndeployment-status: \\u{1b}[2J\\u{9b}31m\\u{202e}\\u{a}; trying again\n"), "{all}");
        assert!(all.chars().all(|c| c == '\n' || c == '\t' || c != '\u{202e}' && !c.is_control()), "{all:?}");
    }
    let left = Terminal::open(&steered(&double().url), (24, 80), "", &watching("d-1", &["--no-color"])).left();
    assert!(left.screen.starts_with(r"\u{1b}[2J\u{9b}31m\u{202e}\u{a}"), "{}", left.screen);
    let bytes = String::from_utf8(left.bytes).unwrap();
    assert!(!bytes.contains("[2J\u{9b}") && !bytes.contains('\u{202e}'), "{bytes:?}");
    assert!(!bytes.contains("\u{1b}[2J"), "{bytes:?}");
}

#[test]
fn an_interval_that_would_be_a_burden_is_wrong_usage() {
    let printed = Shell::at(demo()).call(&["watch", "d-1", "--interval", "20ms"]).failed(2);
    assert!(printed.contains("`20ms` is too short; the minimum is 100ms"), "{printed}");
}
