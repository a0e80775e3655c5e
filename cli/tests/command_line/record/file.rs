//! `record --file`: events from a file.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::get;
use crate::server::{Answer, Double, ReceivedRequest, empty};
use crate::terminal::Terminal;

fn receipt(id: &str, sequence: usize) -> Value {
    json!({"deploymentId": id, "eventId": "e", "sequence": sequence, "outcome": "recorded", "status": "FAILED"})
}

/// Accepts every event. One without an id of its own gets the id `d`.
fn takes(request: &ReceivedRequest) -> Answer {
    let of = |(at, event): (usize, &Value)| receipt(event["deploymentId"].as_str().unwrap_or("d"), at + 1);
    let body = match serde_json::from_slice(&request.body).unwrap() {
        Value::Array(elements) => Value::Array(elements.iter().enumerate().map(of).collect()),
        event => of((0, &event)),
    };
    (if body.is_array() { 200 } else { 201 }, &[], body.to_string())
}

fn bodies(double: &Double) -> Vec<String> {
    double.requests().iter().map(|request| String::from_utf8(request.body.to_vec()).unwrap()).collect()
}

/// Events of deployments of their own, as JSON lines.
fn lines(count: usize) -> String {
    let line = |number| format!("{}\n", json!({"deploymentId": format!("d-{number}"), "status": "FAILED"}));
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn events_are_sent_as_they_stand_in_the_file() {
    let cases = [
        ("{\"a\" : 1.00,\n \"b\": \"\\u00e4\"}\n", vec!["{\"a\" : 1.00,\n \"b\": \"\\u00e4\"}"]),
        ("[ {\"a\" : 1e2},\n {\"b\": []} ]", vec!["[{\"a\" : 1e2},{\"b\": []}]"]),
        ("[{\"a\":1}]", vec!["[{\"a\":1}]"]),
        ("{\"a\" : 1}\r\n\r\n{\"b\":2}\r\n", vec!["[{\"a\" : 1},{\"b\":2}]"]),
        ("{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n", vec!["[{\n  \"a\": 1\n},{\n  \"b\": 2\n}]"]),
        ("\u{feff}{\"a\":1}", vec!["{\"a\":1}"]),
        // The server would refuse an array with this in it: so it stands alone, for the server to refuse.
        ("[{\"a\":1},{\"b\":2,\"b\":3},{\"c\":4}]", vec!["[{\"a\":1}]", "{\"b\":2,\"b\":3}", "[{\"c\":4}]"]),
        ("{\"a\":1}\n{\"b\":2}\n{\"c\":", vec!["[{\"a\":1},{\"b\":2}]", "{\"c\":"]),
    ];
    for (text, sent) in cases {
        let double = Double::answering(|_, request| match serde_json::from_slice::<Value>(&request.body) {
            Ok(_) => takes(request),
            Err(_) => (201, &[], receipt("d", 1).to_string()),
        });
        let shell = Shell::at(&double.url);
        let path = shell.home.path().join("events.json");
        std::fs::write(&path, text).unwrap();
        let from_file = shell.call(&["record", "--file", path.to_str().unwrap()]).succeeded();
        assert_eq!(bodies(&double), sent);
        assert_eq!(shell.call_with(&["record", "-f", "-"], text).succeeded(), from_file, "stdin is a file too");
    }
}

#[test]
fn each_event_gets_a_line_and_the_wrong_ones_do_not_stop_the_others() {
    let events = r#"{"deploymentId": "f-1", "status": "PENDING"}
        {"deploymentId": "f-1", "status": "PENDING"}
        {"deploymentId": "f-1", "status": "DONE", "enviroment": "x"}
        {"deploymentId": "f-1", "deploymentId": "f-2", "status": "FAILED"}
        {"deploymentId": "f-1", "status": "FAILED"}
        {"deploym"#;
    let refused = "  event 3: status: must be one of PENDING, IN_PROGRESS, VALIDATING, COMPLETED, CANCELLED, FAILED, \
                   ROLLED_BACK\n  \
                   event 3: enviroment: unknown field; put fields of your own under `metadata`\n  \
                   event 4: not JSON: key \"deploymentId\" is given twice at line 1 column 38\n  \
                   event 6: not JSON: EOF while parsing a string at line 1 column 9\n";
    let url = empty();
    let call = |output: &str, dry: &[&str]| {
        let words = [&["record", "--file", "-", "-o", output], dry].concat();
        Shell::at(&url).call_with(&words, events)
    };
    let dry = call("jsonl", &["--dry-run"]);
    assert_eq!((dry.code, dry.stderr), (1, format!("deployment-status: 3 of 6 events would be rejected\n{refused}")));
    let stood: Vec<&str> = events.lines().map(str::trim).collect();
    assert_eq!(dry.stdout.lines().collect::<Vec<_>>(), stood);

    let printed = call("table", &[]);
    let were_refused = format!("deployment-status: 3 of 6 events were rejected\n{refused}");
    assert_eq!((printed.code, &printed.stderr), (1, &were_refused));
    let unknown = "  its service or its environment is not known: add --service and --environment\n";
    assert_eq!(
        printed.stdout,
        format!(
            "✓ recorded f-1: pending (event 1)\n{unknown}✓ duplicate f-1: pending (event 1)\n{unknown}\
             ✓ recorded f-1: failed (event 2)\n{unknown}6 events: 2 recorded, 1 duplicate, 3 rejected\n"
        )
    );
    let large = format!("{{\"deploymentId\":\"f-1\",\"status\":\"FAILED\",\"notes\":\"{}\"}}\n", "x".repeat(70_000));
    let large = Shell::at(&url).call_with(&["record", "--file", "-", "--dry-run"], &large.repeat(2));
    let says =
        "deployment-status: 2 of 2 events would be rejected\n  event 1: an event must have at most 65536 bytes\n";
    assert!(large.code == 1 && large.stderr.starts_with(says), "{}", large.stderr);
    let again = call("text", &[]);
    let known = |sequence: u32| format!("duplicate\tf-1\t{sequence}\tFAILED\n");
    let rejected = "rejected\t\t\t\n";
    assert_eq!((again.code, again.stderr), (1, were_refused));
    assert_eq!(again.stdout, [&known(1), &known(1), rejected, rejected, &known(2), rejected].concat());

    let parsed = |text: &str| -> Vec<Value> {
        let mut values: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // Each request has an id of its own.
        values.iter_mut().filter_map(|value| value.get_mut("instance")).for_each(|id| drop(id.take()));
        values
    };
    let (answers, receipts) = (parsed(&call("json", &[]).stdout), parsed(&call("jsonl", &[]).stdout));
    let shape: Vec<Option<usize>> = answers.iter().map(|answer| answer.as_array().map(Vec::len)).collect();
    assert_eq!(shape, [Some(3), None, Some(1), None], "each answer");
    let all: Vec<&Value> =
        answers.iter().flat_map(|a| a.as_array().map_or(vec![a], |all| all.iter().collect())).collect();
    assert_eq!(receipts.iter().collect::<Vec<_>>(), all, "each receipt, in the order of the events");
    assert_eq!((receipts[0]["outcome"].as_str(), receipts[3]["status"].as_u64()), (Some("duplicate"), Some(400)));
}

#[test]
fn many_are_sent_in_batches_in_their_order() {
    let double = Double::answering(|_, request| takes(request));
    let events = lines(230);
    let printed = Shell::at(&double.url).call_with(&["record", "--file", "-", "-o", "text"], &events).succeeded();
    assert_eq!(printed.lines().count(), 230);
    let sent: Vec<Vec<Value>> = bodies(&double).iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 30]);
    let flat = sent.concat().iter().map(|event| format!("{event}\n")).collect::<Vec<_>>().concat();
    assert_eq!(flat, events);
    let table = Shell::at(&double.url).call_with(&["record", "--file", "-"], &lines(1240)).succeeded();
    assert!(table.ends_with("\n1 240 events: 1 240 recorded\n"), "{table}");
}

#[test]
fn after_an_error_it_reports_the_results_and_that_all_can_be_sent_again() {
    let safe = "Sending them again is safe: each event is recorded once.\n";
    let failing = |status: u16, at: usize| {
        let double = Double::answering(
            move |before, request| if before < at { takes(request) } else { (status, &[], "{}".into()) },
        );
        Shell::at(&double.url).call_with(&["record", "--file", "-", "-o", "text"], &lines(230))
    };
    let broken = failing(500, 2);
    assert_eq!((broken.code, broken.stdout.lines().count()), (1, 200));
    let printed =
        format!("  Results for 230 events: 200 recorded.\n  The last 30 events may have been recorded. {safe}");
    assert!(broken.stderr.ends_with(&printed), "{}", broken.stderr);
    let broken = failing(500, 0);
    let printed =
        format!("  Results for 230 events: none sent yet.\n  The last 100 events may have been recorded. {safe}");
    assert!(broken.code == 1 && broken.stderr.ends_with(&printed), "{}", broken.stderr);
    let forbidden = failing(403, 1);
    assert_eq!(forbidden.code, 4);
    assert!(forbidden.stderr.ends_with("  Results for 230 events: 100 recorded.\n"), "{}", forbidden.stderr);

    let double = Double::answering(|before, request| {
        if before == 0 {
            let (_, _, body) = takes(request);
            let refused =
                json!({"type": "about:blank", "title": "Conflict", "status": 409, "detail": "no", "errors": []});
            return (200, &[], body.replacen(&receipt("d-0", 1).to_string(), &refused.to_string(), 1));
        }
        (502, &[], String::new())
    });
    let broken = Shell::at(&double.url).call_with(&["record", "-f", "-", "--timeout", "5s"], &lines(101));
    assert_eq!(broken.code, 1);
    assert!(
        broken.stderr.contains("  Results for 101 events: 99 recorded, 1 rejected.\n  event 1: no\n"),
        "{}",
        broken.stderr
    );
}

#[test]
fn an_event_that_the_server_is_too_busy_for_is_sent_once_more() {
    let busy =
        json!({"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "too busy just now"});
    let answer = move |times: usize| {
        let busy = busy.clone();
        move |before: usize, request: &ReceivedRequest| {
            let (status, headers, body) = takes(request);
            let last = serde_json::from_slice::<Vec<Value>>(&request.body).unwrap().len();
            let receipt = receipt("d-2", last).to_string();
            let body = if before < times { body.replace(&receipt, &busy.to_string()) } else { body };
            (status, headers, body)
        }
    };
    let double = Double::answering(answer(2));
    let printed = Shell::at(&double.url).call_with(&["record", "-f", "-", "-o", "text"], &lines(3));
    assert_eq!(
        (printed.code, printed.stdout),
        (0, ["d-0\t1", "d-1\t2", "d-2\t1"].map(|of| format!("recorded\t{of}\tFAILED\n")).concat())
    );
    assert!(
        printed
            .stderr
            .starts_with("the server is too busy for 1 of the events (too busy just now); sending them again in 0.")
    );
    let sizes: Vec<usize> =
        bodies(&double).iter().map(|body| serde_json::from_str::<Vec<Value>>(body).unwrap().len()).collect();
    assert_eq!(sizes, [3, 1, 1]);

    let before = answer(1);
    let double = Double::answering(
        move |times, request| if times < 1 { before(times, request) } else { (500, &[], "{}".into()) },
    );
    let printed = Shell::at(&double.url).call_with(&["record", "-f", "-", "-o", "text"], &lines(3));
    assert_eq!((printed.code, printed.stdout.lines().count()), (1, 2), "what is recorded is printed");
    let unknown = "  Results for 3 events: 2 recorded.\n  The last event may have been recorded. Sending";
    assert!(printed.stderr.contains(unknown), "{}", printed.stderr);

    let double = Double::answering(answer(usize::MAX));
    let printed = Shell::at(&double.url).call_with(&["record", "-f", "-"], &lines(3));
    assert_eq!((printed.code, double.requests().len()), (1, 4));
    let refused = "deployment-status: 1 of 3 events was rejected\n  event 3: too busy just now\n";
    assert!(printed.stderr.ends_with(refused), "{}", printed.stderr);
}

#[test]
fn an_incomplete_answer_is_not_success() {
    for answer in ["[]", "[{}]", "{}", "[1,2]"] {
        let double = Double::always(200, &[], answer);
        let printed = Shell::at(&double.url).call_with(&["record", "-f", "-"], &lines(2)).failed(1);
        assert!(printed.contains("Sending them again is safe"), "{answer}: {printed}");
    }
    let problem = r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"at most 1 event"}"#;
    let printed = Shell::at(&Double::always(400, &[], problem).url).call_with(&["record", "-f", "-"], &lines(2));
    let refused =
        "deployment-status: 2 of 2 events were rejected\n  event 1: at most 1 event\n  event 2: at most 1 event\n";
    assert_eq!((printed.code, printed.stderr.as_str()), (1, refused), "of the whole array");
}

/// The server accepts each event, but the receipt of the second is for another deployment.
#[test]
fn a_receipt_of_another_deployment_in_an_array_is_a_failure() {
    let double = Double::answering(|_, request| {
        let (status, headers, body) = takes(request);
        (status, headers, body.replace(r#""deploymentId":"d-1""#, r#""deploymentId":"d-7""#))
    });
    let failed = Shell::at(&double.url).call_with(&["record", "-f", "-"], &lines(3)).failed(1);
    assert_eq!(
        failed,
        "deployment-status: unexpected answer of the server: the receipt is for the deployment d-7, but the event is \
         of the deployment d-1\n  Results for 3 events: none sent yet.\n  The last 3 events may have been recorded. \
         Sending them again is safe: each event is recorded once.\n"
    );
    // The receipts of both have the right ids, but not in the order of the events.
    let double =
        Double::answering(|_, _| (200, &[], Value::Array(vec![receipt("d-1", 1), receipt("d-0", 1)]).to_string()));
    let failed = Shell::at(&double.url).call_with(&["record", "-f", "-"], &lines(2)).failed(1);
    assert!(
        failed.contains("the receipt is for the deployment d-1, but the event is of the deployment d-0"),
        "{failed}"
    );
}

#[test]
fn the_server_makes_the_id_of_an_event_in_another_format() {
    let double = Double::answering(|_, request| takes(request));
    let events = "{\"specversion\":\"1.0\",\"data\":{\"deploymentId\":\"x\"}}\n\
                  {\"context\":{\"type\":\"dev.cdevents.service.deployed.0.1.1\"}}\n\
                  {\"event_type\":\"deployment_start\",\"deployment_id\":\"y\"}\n";
    let printed = Shell::at(&double.url).call_with(&["record", "-f", "-", "-o", "text"], events).succeeded();
    assert_eq!(printed.matches("recorded\td\t").count(), 3, "{printed}");
}

#[test]
fn an_unreadable_file_is_reported_before_anything_is_sent() {
    let double = Double::always(200, &[], "[]");
    let shell = Shell::at(&double.url);
    let file = |name: &str, bytes: &[u8]| {
        let path = shell.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let home = shell.home.path().to_str().unwrap().to_owned();
    let cases = [
        (2, format!("{home}/none.json"), "none.json: No such file or directory"),
        (2, home.clone(), ": Is a directory"),
        (1, file("empty", b" \n"), "has no events"),
        (1, file("none", b"[]"), "has no events"),
        (1, file("binary", b"{\"a\":\"\xff\"}"), "is not UTF-8: invalid byte at offset 6"),
        (1, file("cut", b"[\n{\"a\":1},\n{\"b\":2}\n"), "is not JSON: EOF while parsing a list at line 4 column 0"),
        (1, file("no", b"deploymentId: d\n"), "is not JSON: expected value at line 1 column 1\n  Nothing was sent.\n"),
    ];
    for (code, path, says) in cases {
        let printed = shell.call(&["record", "--file", &path]).failed(code);
        assert!(printed.contains(says), "{printed}");
    }
    let printed = shell.call_with(&["record", "--file", "-"], "").failed(1);
    assert_eq!(printed, "deployment-status: stdin has no events\n");
    assert!(double.requests().is_empty());
}

#[test]
fn flags_of_an_event_do_not_go_with_a_file() {
    for words in [&["--id", "d"][..], &["--status", "failed"], &["--notes", "n"], &["--removal"], &["-e", "staging"]] {
        let printed = Shell::empty().call(&[&["record", "--file", "-"], words].concat()).failed(2);
        assert!(
            printed.contains("used together") || printed.contains("'--file <PATH>' cannot be used with"),
            "{printed}"
        );
    }
    let url = empty();
    let shell = Shell::at(&url).with("DEPLOYMENT_STATUS_ENVIRONMENT", "staging");
    shell.call_with(&["record", "--file", "-"], &lines(1)).succeeded();
    assert!(get(&url, "/v1/deployments/d-0").contains(r#""environment":"unknown""#), "a file says it itself");
}

#[test]
fn that_nobody_reads_on_is_no_reason_to_stop() {
    let double = Double::answering(|_, request| takes(request));
    let shell = Shell::at(&double.url);
    let path = shell.home.path().join("events.jsonl");
    std::fs::write(&path, lines(5000)).unwrap();
    let mut command = shell.command(&["record", "--file", path.to_str().unwrap()]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), Vec::new()));
    assert_eq!((first.as_str(), double.requests().len()), ("✓ recorded d-0: failed (event 1)\n", 50), "all of them");
}

#[test]
fn on_a_terminal_it_shows_how_far_it_is() {
    let double = Double::answering(|_, request| takes(request));
    let shell = Shell::at(&double.url).with("TERM", "xterm");
    let path = shell.home.path().join("events.jsonl");
    std::fs::write(&path, lines(230)).unwrap();
    let left = Terminal::open(&shell, (300, 80), "", &["record", "--file", path.to_str().unwrap()]).left();
    let bytes = String::from_utf8(left.bytes).unwrap();
    assert!(bytes.contains("\r\u{1b}[K100 of 230 events…\r\u{1b}[K"), "{bytes:?}");
    assert!(!left.screen.contains('…') && left.screen.ends_with("\n230 events: 230 recorded"), "{}", left.screen);
    assert_eq!(left.screen.lines().count(), 231);
}

/// A sample under `events/`.
fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_dry_run_reads_what_the_server_reads() {
    let samples = [
        "cdevents/service-deployed.json",
        "cdevents/pipelinerun-started.json",
        "cloudevents/own-event.json",
        "cloudevents/own-event-in-base64.json",
        "cloudevents/cdevent.json",
        "cloudevents/pipeline-log.json",
        "pipeline-log/deployment-complete.json",
        "native/completed.json",
    ];
    let url = empty();
    for name in samples {
        let text = sample(name);
        let dry = Shell::empty().call_with(&["record", "--file", "-", "--dry-run"], &text);
        assert_eq!((dry.code, dry.stderr.lines().count()), (0, 1), "{name}: {}", dry.stderr);
        let sent = Shell::at(&url).call_with(&["record", "--file", "-", "-o", "text"], &text).succeeded();
        // Some samples are one event in two forms.
        assert!(sent.starts_with("recorded\t") || sent.starts_with("duplicate\t"), "{name}: {sent}");
    }
    let batch = format!("[{}]", samples.map(sample).join(","));
    let dry = Shell::empty().call_with(&["record", "--file", "-", "--dry-run", "-o", "jsonl"], &batch);
    assert_eq!((dry.code, dry.stderr.as_str()), (0, ""), "a batch of CloudEvents and others");
    let sent = Shell::at(&url).call_with(&["record", "--file", "-", "-o", "text"], &batch).succeeded();
    assert!(sent.lines().all(|line| line.starts_with("duplicate\t")), "{sent}");
}

#[test]
fn a_dry_run_says_what_would_be_ignored_or_refused_as_the_server_does() {
    let log = r#"{"event_type":"build_complete","service":"cart"}"#;
    let dry = Shell::empty().call_with(&["record", "--file", "-", "--dry-run", "-o", "jsonl"], log);
    assert_eq!((dry.code, dry.stdout), (0, format!("{log}\n")));
    assert_eq!(dry.stderr, "The event would be ignored: \"build_complete\" is not read.\n");
    let events = [
        log,
        r#"{"specversion":"1.0","id":"1","source":"/ci","type":"t","data":{"deploymentId":"d","status":"DONE"}}"#,
        r#"{"event_type":"deployment_complete"}"#,
        r#"{"context":{"type":"dev.cdevents.service.exploded.0.2.0"}}"#,
    ];
    let url = empty();
    let wrong = |shell: Shell, dry: &[&str]| {
        let words = [&["record", "--file", "-", "-o", "jsonl"], dry].concat();
        let called = shell.call_with(&words, &events.join("\n"));
        assert_eq!(called.code, 1, "{}", called.stderr);
        let lines = called.stderr.lines().filter(|line| line.starts_with("  ")).map(str::to_owned);
        (called.stderr.contains("would be ignored"), lines.collect::<Vec<_>>())
    };
    let (ignored, dry) = wrong(Shell::empty(), &["--dry-run"]);
    let (_, sent) = wrong(Shell::at(&url), &[]);
    assert_eq!((ignored, dry.len()), (true, 3), "{dry:?}");
    assert_eq!(dry, sent, "word for word");
}
