//! `active`: the deployments that have not finished.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::{get, record, timeless};
use crate::server::{Double, demo, empty};

fn recorded() -> String {
    let url = empty();
    let at = |minute: u32| format!("2024-03-01T12:{minute:02}:00Z");
    record(
        &url,
        &[
            json!({"deploymentId": "a-1", "status": "IN_PROGRESS", "occurredAt": at(0), "service": "a", "version": "1.0",
                   "environment": "production", "triggeredBy": {"kind": "MANUAL", "actor": "ada", "reason": "release"}}),
            json!({"deploymentId": "a-1", "status": "IN_PROGRESS", "occurredAt": at(2), "type": "stage", "stage": "CHECK"}),
            json!({"deploymentId": "b-1", "status": "VALIDATING", "occurredAt": at(1), "service": "b",
                   "environment": "staging"}),
            json!({"deploymentId": "c-1", "status": "COMPLETED", "occurredAt": at(3), "service": "c",
                   "environment": "staging"}),
        ],
    );
    url
}

#[test]
fn active_deployments_are_listed_with_stage_and_last_event() {
    let shell = Shell::at(&recorded());
    assert_eq!(
        timeless(&shell.call(&["active"]).succeeded()),
        "DEPLOYMENT STATUS STAGE SERVICE ENVIRONMENT VERSION CREATED LAST EVENT TRIGGERED BY\n\
         b-1 ◐ validating - b staging - (2024-03-01 12:01:00 +00:00) (2024-03-01 12:01:00 +00:00) -\n\
         a-1 ● in progress CHECK a production 1.0 (2024-03-01 12:00:00 +00:00) (2024-03-01 12:02:00 +00:00) ada\n"
    );
    let b = "b-1\tVALIDATING\tb\tstaging\t\t2024-03-01T12:01:00.000Z\t2024-03-01T12:01:00.000Z\t\t\n";
    let a = "a-1\tIN_PROGRESS\ta\tproduction\t1.0\t2024-03-01T12:00:00.000Z\t2024-03-01T12:02:00.000Z\tCHECK\tada\n";
    assert_eq!(shell.call(&["active", "-o", "text"]).succeeded(), format!("{b}{a}"));
    assert_eq!(shell.call(&["active", "-o", "text", "-e", "production"]).succeeded(), a);
}

#[test]
fn json_is_as_it_came() {
    let body = get(demo(), "/v1/deployments/active?limit=100");
    let shell = Shell::at(demo());
    assert_eq!(shell.call(&["active", "-o", "json"]).succeeded(), format!("{body}\n"));
    let items: Value = serde_json::from_str(&body).unwrap();
    let lines = shell.call(&["active", "-o", "jsonl"]).succeeded();
    assert_eq!(serde_json::from_str::<Value>(&lines).unwrap(), items["items"][0]);
    assert!(body.contains(lines.trim_end()), "as it came");
}

#[test]
fn all_pages_are_read() {
    let page = get(demo(), "/v1/deployments/active");
    let double = Double::answering(move |before, _| {
        let cursor = if before < 2 { format!("\"c{before}\"") } else { "null".to_owned() };
        (200, &[], page.replace(r#""nextCursor":null"#, &format!(r#""nextCursor":{cursor}"#)))
    });
    let printed = Shell::at(&double.url).call(&["active", "-o", "text", "-e", "production"]).succeeded();
    assert_eq!(printed.lines().count(), 3);
    let requests: Vec<String> = double.requests().iter().map(|request| request.uri.to_string()).collect();
    let first = "/v1/deployments/active?environment=production&limit=100";
    assert_eq!(requests, [first, &format!("{first}&cursor=c0"), &format!("{first}&cursor=c1")]);
}

#[test]
fn nothing_under_way_is_no_failure_unless_the_environment_does_not_exist() {
    let shell = Shell::at(demo());
    for output in ["table", "text", "jsonl"] {
        let none = shell.call(&["active", "-e", "staging", "-o", output]);
        assert_eq!((none.code, &*none.stdout, &*none.stderr), (0, "", "No deployment is active.\n"));
    }
    let printed = shell.call(&["active", "-e", "stagin"]).failed(3);
    assert_eq!(printed, "deployment-status: no environment `stagin`\n  Did you mean staging?\n");
}

#[test]
fn a_list_that_nobody_gives_is_a_failure() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let forbidding = Double::always(403, &[], r#"{"message":"Forbidden"}"#).url;
    let failing = Double::always(500, &[], "").url;
    for command in ["active", "history"] {
        for (url, code) in [(&silent, 6), (&forbidding, 4), (&failing, 1)] {
            Shell::at(url).call(&[command, "--timeout", "3s"]).failed(code);
        }
    }
}
