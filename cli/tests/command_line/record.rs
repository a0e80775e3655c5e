//! `record`: events from flags.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::get;
use crate::server::{Double, empty};

mod file;

const CHECKOUT: [&str; 11] = [
    "record",
    "--id",
    "checkout-42",
    "--status",
    "in-progress",
    "--service",
    "checkout",
    "-e",
    "staging",
    "--version",
    "2.8.0",
];

/// The event that a dry run of these words would send.
fn event(shell: &Shell, words: &[&str]) -> Value {
    let dry = [&["record", "--id", "d", "--status", "completed", "--dry-run", "-o", "json"], words].concat();
    serde_json::from_str(&shell.call(&dry).succeeded()).unwrap()
}

#[test]
fn one_line_records_and_the_same_line_again_is_a_duplicate() {
    let shell = Shell::at(&empty());
    assert_eq!(shell.call(&CHECKOUT).succeeded(), "✓ recorded checkout-42: in progress (event 1)\n");
    assert_eq!(shell.call(&CHECKOUT).succeeded(), "✓ duplicate checkout-42: in progress (event 1)\n");
    let stage = ["record", "--id", "checkout-42", "--stage", "HEALTH_CHECK", "--status", "FAILED"];
    let printed = shell.call(&stage).succeeded();
    assert_eq!(printed, "✓ recorded checkout-42: in progress (event 2)\n", "a stage's failure is not the deployment's");
    let ascii = Shell::at(&empty()).with("LANG", "C").call(&CHECKOUT).succeeded();
    assert_eq!(ascii, "recorded checkout-42: in progress (event 1)\n");
}

#[test]
fn the_answer_is_printed_in_each_format() {
    let shell = Shell::at(&empty());
    let of = |output: &str| shell.call(&[&CHECKOUT[..], &["-o", output]].concat()).succeeded();
    assert_eq!(of("text"), "recorded\tcheckout-42\t1\tIN_PROGRESS\n");
    assert_eq!(of("text"), "duplicate\tcheckout-42\t1\tIN_PROGRESS\n");
    let answer =
        r#" {"deploymentId":"checkout-42","eventId":"e","sequence":7,"outcome":"recorded","status":"COMPLETED"}"#;
    let shell = Shell::at(&Double::always(201, &[], &answer.replace(',', ",\n")).url);
    let json = shell.call(&[&CHECKOUT[..], &["-o", "json"]].concat()).succeeded();
    assert_eq!(json, format!("{}\n", answer.replace(',', ",\n")), "as it came");
    let line = shell.call(&[&CHECKOUT[..], &["-o", "jsonl"]].concat()).succeeded();
    assert_eq!(line, format!("{}\n", answer.replace(',', ", ")), "on one line");
    let ignored = json!({"deploymentId": null, "eventId": null, "sequence": null, "outcome": "ignored", "status": null,
        "reason": "no deployment"});
    let shell = Shell::at(&Double::always(200, &[], &ignored.to_string()).url);
    assert_eq!(shell.call(&CHECKOUT).succeeded(), "✓ ignored: no deployment\n");
    assert_eq!(shell.call(&[&CHECKOUT[..], &["-o", "text"]].concat()).succeeded(), "ignored\t\t\t\n");
    let shell = Shell::at(&Double::always(200, &[], &json!([ignored, ignored]).to_string()).url);
    let printed = shell.call_with(&["record", "--file", "-"], "{}\n{}\n").succeeded();
    assert!(printed.ends_with("\n2 events: 2 ignored\n"), "{printed}");
}

#[test]
fn a_version_that_is_known_to_be_bad_is_warned_of() {
    let shell = Shell::at(&empty());
    shell
        .call(&[
            "record",
            "--id",
            "checkout-41",
            "--status",
            "completed",
            "--service",
            "checkout",
            "-e",
            "production",
            "--version",
            "2.8.0",
            "--occurred-at",
            "2026-02-01T11:00:00Z",
        ])
        .succeeded();
    shell
        .call(&["record", "--id", "checkout-41", "--status", "rolled-back", "--occurred-at", "2026-02-01T12:00:00Z"])
        .succeeded();
    let says = "checkout 2.8.0 is known to be bad: rolled back in production at 2026-02-01T12:00:00.000Z (checkout-41); \
                see deployment-status bad list";
    let recorded = "✓ recorded checkout-42: in progress (event 1)\n";
    assert_eq!(shell.call(&CHECKOUT).succeeded(), format!("{recorded}  {says}\n"));
    // For a script, beside what it reads.
    let called = shell.call(&[&CHECKOUT[..], &["-o", "text"]].concat());
    assert_eq!(
        (called.stderr.as_str(), called.stdout.as_str()),
        (format!("{says}\n").as_str(), "duplicate\tcheckout-42\t1\tIN_PROGRESS\n")
    );
    shell.call(&["bad", "mark", "checkout@2.8.0", "--reason", "loses orders"]).succeeded();
    let printed = shell.call(&CHECKOUT).succeeded();
    assert!(
        printed.contains("called bad at ")
            && printed.ends_with("loses orders), and 1 more; see deployment-status bad list\n"),
        "{printed}"
    );
}

#[test]
fn what_is_not_given_is_not_sent() {
    let receipt =
        json!({"deploymentId": "d", "eventId": "e", "sequence": 1, "outcome": "recorded", "status": "FAILED"});
    let double = Double::always(201, &[], &receipt.to_string());
    let call = ["record", "--id", "d", "--status", "failed"];
    let printed = Shell::at(&double.url).call(&call).succeeded();
    assert_eq!(printed, "✓ recorded d: failed (event 1)\n");
    let request = &double.requests()[0];
    assert_eq!((request.method.as_str(), request.uri.to_string().as_str()), ("POST", "/v1/events"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.body, r#"{"deploymentId":"d","status":"FAILED"}"#);
}

#[test]
fn each_flag_sets_its_field() {
    let shell = Shell::empty();
    let words = [
        "--service",
        "s",
        "--environment",
        "e",
        "--version",
        "1.0",
        "--commit",
        "abc",
        "--artifact",
        "image:1",
        "--build-number",
        "0042",
        "--deployed-region",
        "eu-central-1",
        "--region",
        "us-east-1",
        "--release",
        "r",
        "--attempt",
        "2",
        "--occurred-at",
        "2024-03-01T12:00:00+01:00",
        "--committed-at",
        "2024-03-01",
        "--triggered-by",
        "Automatic",
        "--actor",
        "ada",
        "--reason",
        "a \"fix\"",
        "--rollback-to",
        "0.9",
        "--error-message",
        "no\nluck",
        "--error-code",
        "E1",
        "--metric",
        "errorRate=0",
        "--metric",
        "healthScore=99.50",
        "--link",
        "run=https://ci.example.com/?a=b",
        "--link",
        "log=https://log.example.com/1",
        "--notes",
        "größer 🚀",
        "--metadata",
        r#"{"team": ["blue", 1.0, null]}"#,
        "--event-id",
        "e-1",
        "--source",
        "ci",
    ];
    let expected = json!({
        "deploymentId": "d", "status": "COMPLETED", "service": "s", "environment": "e", "version": "1.0", "commit": "abc",
        "artifact": "image:1", "buildNumber": "0042", "region": "eu-central-1", "release": "r", "attempt": 2,
        "occurredAt": "2024-03-01T11:00:00.000Z", "committedAt": "2024-03-01T00:00:00.000Z",
        "triggeredBy": {"kind": "AUTOMATIC", "actor": "ada", "reason": "a \"fix\""}, "rollbackTo": "0.9",
        "error": {"message": "no\nluck", "code": "E1"}, "metrics": {"errorRate": 0, "healthScore": 99.5},
        "links": {"run": "https://ci.example.com/?a=b", "log": "https://log.example.com/1"}, "notes": "größer 🚀",
        "metadata": {"team": ["blue", 1.0, null]}, "eventId": "e-1", "source": "ci",
    });
    assert_eq!(event(&shell, &words), expected);
    assert_eq!(event(&shell, &["--stage", "CHECK"])["type"], "stage");
    assert_eq!(event(&shell, &["--removal"]), json!({"deploymentId": "d", "status": "COMPLETED", "type": "removal"}));

    let url = empty();
    let sent = Shell::at(&url).call(&[&["record", "--id", "d", "--status", "completed"][..], &words].concat());
    assert_eq!(sent.succeeded(), "✓ recorded d: completed (event 1)\n");
    let trail: Value = serde_json::from_str(&get(&url, "/v1/deployments/d/events")).unwrap();
    let mut recorded = trail["items"][0]["event"].clone();
    assert_eq!(recorded.as_object_mut().unwrap().remove("type"), Some(json!("deployment")));
    assert_eq!(recorded["metadata"].take(), json!({"team": ["blue", 1, null]}));
    assert_eq!(recorded["metrics"].take(), json!({"errorRate": 0, "healthScore": 99.5}));
    let mut expected = expected;
    expected["metadata"].take();
    expected["metrics"].take();
    assert_eq!(recorded, expected, "so the server understands each of them");
}

#[test]
fn numbers_and_metadata_are_sent_as_they_were_written() {
    let words = ["record", "--id", "d", "--status", "failed", "--dry-run", "-o", "jsonl"];
    let more = ["--metric", "durationSeconds=1.50e2", "--metadata", r#" {"a":1.00,"b" : "ü\u00e4"} "#];
    assert_eq!(
        Shell::empty().call(&[&words[..], &more].concat()).succeeded(),
        "{\"deploymentId\":\"d\",\"status\":\"FAILED\",\"metrics\":{\"durationSeconds\":1.50e2},\
         \"metadata\":{\"a\":1.00,\"b\" : \"ü\\u00e4\"}}\n"
    );
}

#[test]
fn the_environment_is_that_of_flag_or_variable_and_not_of_the_file() {
    let shell = Shell::empty();
    let folder = shell.home.path().join(".config/deployment-status");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "environment = \"of-file\"\n").unwrap();
    assert_eq!(event(&shell, &[]), json!({"deploymentId": "d", "status": "COMPLETED"}));
    let shell = shell.with("DEPLOYMENT_STATUS_ENVIRONMENT", "of-variable");
    assert_eq!(event(&shell, &[])["environment"], "of-variable");
    assert_eq!(event(&shell, &["-e", "of-flag"])["environment"], "of-flag");
    assert_eq!(event(&shell, &["-e", ""]), json!({"deploymentId": "d", "status": "COMPLETED"}));
}

#[test]
fn a_rejected_event_is_explained_field_by_field() {
    let shell = Shell::at(&empty());
    let wrong =
        ["record", "--id", "d", "--status", "failed", "--version", "", "--metric", "speed=1", "--source", "a\u{202e}b"];
    let said = "  source: must be 1 to 128 characters of printable text, with no space at either end; this has U+202E\n  \
                version: must be 1 to 256 characters of printable text, with no space at either end\n  \
                metrics.speed: unknown field; figures of your own go into the event's `metadata`\n";
    for output in ["table", "text", "json", "jsonl"] {
        let printed = shell.call(&[&wrong[..], &["-o", output]].concat()).failed(1);
        assert_eq!(printed, format!("deployment-status: the event was rejected\n{said}"));
    }
    let dry = Shell::empty().call(&[&wrong[..], &["--dry-run"]].concat());
    assert_eq!((dry.code, dry.stderr), (1, format!("deployment-status: the event would be rejected\n{said}")));

    let call = |notes| shell.call(&["record", "--id", "d", "--status", "failed", "--event-id", "e", "--notes", notes]);
    call("one").succeeded();
    assert_eq!(
        call("another").failed(1),
        "deployment-status: the event was rejected\n  \
         eventId: another event with this eventId is already recorded, as number 1\n"
    );
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000));
    let large = ["record", "--id", "d", "--status", "failed", "--metadata", &large];
    let printed = "rejected\n  an event must have at most 65536 bytes\n";
    assert_eq!(shell.call(&large).failed(1), format!("deployment-status: the event was {printed}"));
    let dry = Shell::empty().call(&[&large[..], &["--dry-run"]].concat());
    assert_eq!((dry.code, dry.stderr), (1, format!("deployment-status: the event would be {printed}")));
}

#[test]
fn a_usage_error_has_an_example_or_the_possible_values() {
    let wrong: [(&[&str], &str); 15] = [
        (&["--status", "done"], "possible values: pending, in-progress"),
        (&["--id", "a b"], "letters, digits and . _ : / @ -"),
        (&["--id", "active"], "these are routes"),
        (&["--metric", "healthScore"], "must have the form NAME=VALUE, for example healthScore=99.5"),
        (&["--metric", "=1"], "must have the form NAME=VALUE, for example healthScore=99.5"),
        (&["--metric", "healthScore=.5"], "`.5` is not a number; an example: 99.5"),
        (&["--metric", "healthScore=1e999"], "is not a number"),
        (&["--metric", "a=1", "--metric", "a=2"], "--metric a is given twice"),
        (&["--link", "https://a"], "must have the form NAME=VALUE, for example run=https://"),
        (&["--metadata", "{"], "not JSON: EOF"),
        (&["--metadata", "[1]"], "must be a JSON object"),
        (&["--attempt", "0"], "0 is not in 1..=1000000"),
        (&["--triggered-by", "ada"], "possible values: manual, automatic, scheduled"),
        (&["--stage", "A", "--removal"], "cannot be used with"),
        (&["--occurred-at", "soon"], "`soon` is not a time; examples: 2026-03-01T12:00:00Z"),
    ];
    let whole = ["record", "--id", "d", "--status", "failed"];
    for (words, says) in wrong {
        let first = words[0];
        let at = whole.iter().position(|word| *word == first);
        let rest: Vec<&str> = match at {
            Some(at) => [&whole[..at], &whole[at + 2..]].concat(),
            None => whole.to_vec(),
        };
        let printed = Shell::empty().call(&[&rest[..], words].concat()).failed(2);
        assert!(printed.contains(says), "{words:?}: {printed}");
    }
    let printed = Shell::empty().call(&["record", "--status", "failed"]).failed(2);
    assert!(printed.contains("required arguments were not provided:\n  --id <ID>\n"), "{printed}");
    let printed = Shell::empty().call(&["record", "--id", "d"]).failed(2);
    assert!(printed.contains("required arguments were not provided:\n  --status <STATUS>\n"), "{printed}");
}

#[test]
fn a_dry_run_prints_the_event_and_sends_nothing() {
    let double = Double::always(201, &[], "{}");
    let dry = ["record", "--id", "d", "--status", "failed", "--metadata", r#"{"a":[],"b":[1]}"#, "--dry-run"];
    let tried = Shell::at(&double.url).call(&dry);
    assert_eq!(
        (tried.code, tried.stdout.as_str(), tried.stderr.as_str()),
        (
            0,
            "{\n  \"deploymentId\": \"d\",\n  \"status\": \"FAILED\",\n  \"metadata\": {\n    \"a\": [],\n    \
             \"b\": [\n      1\n    ]\n  }\n}\n",
            "No errors found. Nothing was sent.\n"
        )
    );
    assert!(double.requests().is_empty());
}

#[test]
fn without_an_answer_it_says_that_sending_it_again_is_safe() {
    let call = ["record", "--id", "d", "--status", "failed", "--timeout", "3s"];
    let safe = "Sending them again is safe: each event is recorded once.\n";
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let printed = Shell::at(&format!("http://{}", silent.local_addr().unwrap())).call(&call).failed(6);
    let unknown = format!("  The event may have been recorded. {safe}");
    assert!(printed.contains("did not answer within 3s") && printed.ends_with(&unknown), "{printed}");
    let printed = Shell::at(&Double::always(500, &[], "oops").url).call(&call).failed(1);
    assert!(printed.contains("500 Internal Server Error") && printed.ends_with(&format!("\n  {safe}")), "{printed}");
}

#[test]
fn a_receipt_of_another_deployment_is_a_failure() {
    let receipt =
        json!({"deploymentId": "e\u{1b}", "eventId": "e", "sequence": 1, "outcome": "recorded", "status": "FAILED"});
    let double = Double::always(201, &[], &receipt.to_string());
    for output in ["table", "text", "json", "jsonl"] {
        let failed =
            Shell::at(&double.url).call(&["record", "--id", "d", "--status", "failed", "-o", output]).failed(1);
        assert_eq!(
            failed,
            "deployment-status: unexpected answer of the server: the receipt is for the deployment e\\u{1b}, but the \
             event is of the deployment d\n  Sending them again is safe: each event is recorded once.\n"
        );
    }
}

#[test]
fn denied_access_is_reported() {
    let call = ["record", "--id", "d", "--status", "failed"];
    for status in [401, 403] {
        let double = Double::always(status, &[], r#"{"message":"Forbidden"}"#);
        let printed = Shell::at(&double.url).call(&call).failed(4);
        assert!(printed.contains("rejects the request") && !printed.contains("may have been"), "{printed}");
    }
    // A server that takes no events: a part of one, or another version of it.
    let no_route = r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no such route"}"#;
    let printed = Shell::at(&Double::always(404, &[], no_route).url).call(&call).failed(1);
    assert!(printed.contains("there is no such route"), "{printed}");
}
