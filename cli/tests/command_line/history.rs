//! `history`: deployments, newest first.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::called::Shell;
use crate::server::{Double, ReceivedRequest, demo, empty};
use crate::terminal::Terminal;

/// Reports events; all of them are right.
pub(crate) fn record(url: &str, events: &[Value]) {
    for batch in events.chunks(100) {
        let request = ureq::post(format!("{url}/v1/events")).content_type("application/json");
        let mut answer = request.send(json!(batch).to_string()).unwrap();
        let answer = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.matches(r#""outcome":"recorded""#).count(), batch.len(), "{answer}");
    }
}

/// What `GET` of this answers.
pub(crate) fn get(url: &str, path: &str) -> String {
    ureq::get(format!("{url}{path}")).call().unwrap().body_mut().read_to_string().unwrap()
}

/// A text without what changes as time goes by, and the width that it takes: `44w ago (2024-…)`.
pub(crate) fn timeless(text: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ago = |at: usize| words.get(at).is_some_and(|word| *word == "ago");
        let passes = |at: usize| ago(at) || ago(at + 1) || words[at] == "now";
        let stays = (0..words.len()).filter(|at| !passes(*at)).map(|at| words[at]);
        stays.collect::<Vec<_>>().join(" ") + "\n"
    };
    text.lines().map(line).collect()
}

fn recorded() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let url = empty();
        let event = |id: &str, status: &str, at: &str, more: Value| {
            let mut event =
                json!({"deploymentId": id, "status": status, "occurredAt": at, "environment": "production"});
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        let by = |actor: &str| json!({"kind": "MANUAL", "actor": actor, "reason": "release"});
        record(
            &url,
            &[
                event("a-1", "IN_PROGRESS", "2024-03-01T12:00:00Z", json!({"service": "a", "version": "1.0"})),
                event("a-1", "COMPLETED", "2024-03-01T12:03:40Z", json!({})),
                event("b-1", "FAILED", "2024-03-01T13:00:00Z", json!({"service": "b", "triggeredBy": "SCHEDULED"})),
                event("a-2", "IN_PROGRESS", "2024-03-02T00:00:00Z", json!({"service": "a", "version": "1.1"})),
                event("a-2", "ROLLED_BACK", "2024-03-02T01:00:00.25Z", json!({"triggeredBy": by("ada")})),
                event("a-s", "PENDING", "2024-03-03T00:00:00Z", json!({"service": "a", "environment": "staging"})),
            ],
        );
        url
    })
}

fn ids(words: &[&str]) -> String {
    let words = [&["history", "-o", "text"], words].concat();
    let printed = Shell::at(recorded()).call(&words).succeeded();
    printed.lines().map(|line| line.split('\t').next().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn it_is_a_table_with_the_newest_first() {
    let table = Shell::at(recorded()).call(&["history"]).succeeded();
    assert_eq!(
        timeless(&table),
        "DEPLOYMENT STATUS SERVICE ENVIRONMENT VERSION CREATED DURATION TRIGGERED BY CHANGE\n\
         a-s ○ pending a staging - (2024-03-03 00:00:00 +00:00) - - -\n\
         a-2 ↩ rolled back a production 1.1 (2024-03-02 00:00:00 +00:00) 1h ada redeploy\n\
         b-1 ✗ failed b production - (2024-03-01 13:00:00 +00:00) - scheduled -\n\
         a-1 ✓ completed a production 1.0 (2024-03-01 12:00:00 +00:00) 3m 40s - forward\n"
    );
}

#[test]
fn text_has_the_fields_that_the_help_lists() {
    let text = Shell::at(recorded()).call(&["history", "--output", "text"]).succeeded();
    assert_eq!(
        text,
        "a-s\tPENDING\ta\tstaging\t\t2024-03-03T00:00:00.000Z\t\t\t\t\n\
         a-2\tROLLED_BACK\ta\tproduction\t1.1\t2024-03-02T00:00:00.000Z\t2024-03-02T01:00:00.250Z\t3600.25\tada\tredeploy\n\
         b-1\tFAILED\tb\tproduction\t\t2024-03-01T13:00:00.000Z\t2024-03-01T13:00:00.000Z\t\tscheduled\t\n\
         a-1\tCOMPLETED\ta\tproduction\t1.0\t2024-03-01T12:00:00.000Z\t2024-03-01T12:03:40.000Z\t220\t\tforward\n"
    );
}

#[test]
fn it_can_be_narrowed_down() {
    assert_eq!(ids(&["--service", "a"]), "a-s a-2 a-1");
    assert_eq!(ids(&["-s", "a", "-e", "production"]), "a-2 a-1");
    assert_eq!(ids(&["--version", "1.1"]), "a-2");
    assert_eq!(ids(&["--since", "2024-03-02"]), "a-s a-2", "from its first moment");
    assert_eq!(ids(&["--until", "2024-03-02"]), "b-1 a-1", "until before its first moment");
    assert_eq!(ids(&["--since", "2024-03-01T12:00:00Z", "--until", "2024-03-01T12:00:00.001Z"]), "a-1");
    assert_eq!(ids(&["--since", "2024-03-01T13:00:00Z", "--until", "2024-03-02T00:00:00.001Z"]), "a-2 b-1");
    for rolled_back in ["rolled-back", "rolled_back", "ROLLED_BACK", "Rolled-Back"] {
        assert_eq!(ids(&["--status", rolled_back]), "a-2");
    }
}

#[test]
fn the_error_for_a_wrong_status_lists_all_of_them() {
    let printed = Shell::empty().call(&["history", "--status", "rollback"]).failed(2);
    let says = "invalid value 'rollback' for '--status <STATUS>'\n  \
                [possible values: pending, in-progress, validating, completed, cancelled, failed, rolled-back]\n\n  \
                tip: a similar value exists: 'rolled-back'\n";
    assert!(printed.contains(says), "{printed}");
}

#[test]
fn a_window_that_ends_before_it_begins_is_a_wrong_call() {
    let window = ["history", "--since", "2024-03-02T00:00:00.001Z", "--until", "2024-03-02T00:00:00Z"];
    assert_eq!(
        Shell::empty().call(&window).failed(2),
        "deployment-status: --since (2024-03-02T00:00:00.001Z) must not be later than --until \
         (2024-03-02T00:00:00.000Z)\n"
    );
    for wrong in [&["--since", "soon"][..], &["--limit", "0"], &["--limit", "20", "--all"], &["--limit", "-1"]] {
        Shell::empty().call(&[&["history"], wrong].concat()).failed(2);
    }
}

#[test]
fn nothing_found_is_no_failure_unless_the_name_does_not_exist() {
    let shell = Shell::at(demo());
    let moment = "2024-03-01T12:00:00Z";
    let none = shell.call(&["history", "--since", moment, "--until", moment]);
    assert_eq!((none.code, &*none.stderr), (0, "No deployments found.\n"), "an empty window is a window");
    for output in ["table", "text", "jsonl"] {
        let none = shell.call(&["history", "--version", "9.9", "-e", "production", "-o", output]);
        assert_eq!((none.code, &*none.stdout, &*none.stderr), (0, "", "No deployments found.\n"));
    }
    let printed = shell.call(&["history", "-e", "prod"]).failed(3);
    assert_eq!(printed, "deployment-status: no environment `prod`\n  Did you mean production?\n");
    let printed = shell.call(&["history", "--service", "chekout"]).failed(3);
    assert_eq!(printed, "deployment-status: no service `chekout`\n  Did you mean checkout?\n");
    let printed = shell.call(&["history", "--service", "a\u{200b}b"]).failed(1);
    assert!(printed.contains("service: must be 1 to 128 characters of printable text"), "{printed}");
}

const MORE: &str = "There may be more deployments: use a higher --limit, or --all.\n";

/// 120 deployments, one a minute.
fn many() -> &'static str {
    static MANY: OnceLock<String> = OnceLock::new();
    MANY.get_or_init(|| {
        let url = empty();
        let event = |number: u32| {
            let at = format!("2024-03-01T{:02}:{:02}:00Z", number / 60, number % 60);
            json!({"deploymentId": format!("d-{number:03}"), "status": "COMPLETED", "occurredAt": at, "service": "s",
                   "environment": "production", "version": "1"})
        };
        record(&url, &(0..120).map(event).collect::<Vec<_>>());
        url
    })
}

/// The ids of the newest so many.
fn newest(count: u32) -> Vec<String> {
    (120 - count..120).rev().map(|number| format!("d-{number:03}")).collect()
}

fn first_fields(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn a_limit_counts_deployments_over_pages() {
    let shell = Shell::at(many());
    for limit in [1, 100, 101] {
        let called = shell.call(&["history", "-o", "text", "--limit", &limit.to_string()]);
        assert_eq!((called.code, called.stderr.as_str()), (0, MORE), "{limit}");
        assert_eq!(first_fields(&called.stdout), newest(limit));
    }
    let all = shell.call(&["history", "-o", "text", "--limit", "1000"]).succeeded();
    assert_eq!(first_fields(&all), newest(120));
    let twenty = shell.call(&["history", "-o", "text"]);
    assert_eq!((first_fields(&twenty.stdout), twenty.stderr.as_str()), (newest(20), MORE));
    let table = shell.call(&["history", "--limit", "110"]);
    assert_eq!((table.stdout.lines().count(), table.stderr.as_str()), (111, MORE));
}

#[test]
fn json_is_each_page_as_it_came_and_never_more_than_the_limit() {
    let url = many();
    let shell = Shell::at(url);
    let pages = shell.call(&["history", "-o", "json", "--limit", "110"]);
    let first = get(url, "/v1/deployments?limit=100");
    let cursor = serde_json::from_str::<Value>(&first).unwrap()["nextCursor"].as_str().unwrap().to_owned();
    let second = get(url, &format!("/v1/deployments?limit=10&cursor={cursor}"));
    assert_eq!((pages.code, pages.stderr.as_str()), (0, MORE));
    assert_eq!(pages.stdout, format!("{first}\n{second}\n"));
    let double = Double::always(200, &[], "{\n \"items\": [],\n \"nextCursor\": null}\n");
    let spaced = Shell::at(&double.url).call(&["history", "-o", "json"]).stdout;
    assert_eq!(spaced, "{\n \"items\": [],\n \"nextCursor\": null}\n", "byte for byte");
    let lines = shell.call(&["history", "-o", "jsonl", "--all"]).succeeded();
    let items: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = items.iter().map(|item| item["deploymentId"].as_str().unwrap()).collect();
    assert_eq!(ids, newest(120));
    assert!(first.contains(lines.lines().next().unwrap()), "as it came");
}

#[test]
fn a_short_page_is_not_the_end() {
    let item = json!({"deploymentId": "d", "service": "s", "environment": "e", "version": null, "commit": null,
        "status": "FAILED", "attempt": 1, "createdAt": "2024-03-01T12:00:00.000Z", "startedAt": "2024-03-01T12:00:00.000Z", "finishedAt": null,
        "durationSeconds": null, "triggeredBy": null});
    // None, one, none, one, two, and so on.
    let pages = Double::answering(move |before, _| {
        let items: Vec<&Value> = std::iter::repeat_n(&item, [0, 1, 0, 1, 2][before % 5]).collect();
        (200, &[], json!({"items": items, "nextCursor": format!("c{before}")}).to_string())
    });
    let printed = Shell::at(&pages.url).call(&["history", "-o", "text", "--limit", "4", "--service", "a b"]);
    assert_eq!((printed.code, printed.stdout.lines().count(), printed.stderr.as_str()), (0, 4, MORE));
    let requests: Vec<String> =
        pages.requests().iter().map(|request: &ReceivedRequest| request.uri.to_string()).collect();
    assert_eq!(
        requests,
        [
            "/v1/deployments?service=a%20b&limit=4",
            "/v1/deployments?service=a%20b&limit=4&cursor=c0",
            "/v1/deployments?service=a%20b&limit=3&cursor=c1",
            "/v1/deployments?service=a%20b&limit=3&cursor=c2",
            "/v1/deployments?service=a%20b&limit=2&cursor=c3",
        ]
    );
}

#[test]
fn a_page_that_leads_to_itself_is_not_followed_for_ever() {
    let double = Double::always(200, &[], r#"{"items":[],"nextCursor":"again"}"#);
    for command in ["history", "active"] {
        let printed = Shell::at(&double.url).call(&[command]).failed(1);
        assert_eq!(
            printed,
            "deployment-status: the server's list never ends: a page's cursor leads to the same page\n"
        );
    }
}

#[test]
fn on_a_terminal_reading_all_shows_how_far_it_is_and_leaves_no_trace() {
    let shell = Shell::at(many()).with("TERM", "xterm");
    let terminal = Terminal::open(&shell, (30, 100), "", &["history", "--all", "--since", "2024-03-01T01:50:00Z"]);
    assert!(!String::from_utf8(terminal.left().bytes).unwrap().contains('…'), "a single page is not worth it");
    let left = Terminal::open(&shell, (130, 100), "", &["history", "--all"]).left();
    let bytes = String::from_utf8(left.bytes).unwrap();
    assert!(bytes.contains("\r\u{1b}[K100 deployments…\r\u{1b}[K"), "{bytes:?}");
    assert!(left.screen.starts_with("DEPLOYMENT") && left.screen.lines().count() == 121, "{}", left.screen);
    assert!(!left.screen.contains("deployments…"));
}

#[test]
fn what_matters_most_is_left_in_a_narrow_terminal() {
    let shell = Shell::at(recorded()).with("TERM", "xterm");
    let left = Terminal::open(&shell, (10, 40), "", &["history", "--no-color"]).left();
    assert_eq!(
        left.screen,
        "DEPLOYMENT  STATUS         SERVICE\n\
         a-s         ○ pending      a\n\
         a-2         ↩ rolled back  a\n\
         b-1         ✗ failed       b\n\
         a-1         ✓ completed    a"
    );
}
