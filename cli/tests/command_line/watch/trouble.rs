//! `watch` with a server that is slow, not reachable, or denies access.

use std::net::TcpListener;

use serde_json::json;

use super::{answers, deployment, ended, piped, steered, watching};
use crate::called::{Called, Shell};
use crate::server::{Answer, Double};
use crate::terminal::{Terminal, signal};

#[test]
fn a_server_that_never_answers_is_not_waited_for_longer_than_said() {
    // Connections are taken, and that is all.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let shell = Shell::at(&format!("http://{}", listener.local_addr().unwrap()));
    let printed = shell.call(&watching("checkout-1", &["--timeout", "1s"])).failed(6);
    assert!(printed.contains("within 1s"), "{printed}");
}

#[test]
fn a_signal_is_not_kept_waiting_by_a_server_that_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let child = piped(&Shell::at(&format!("http://{}", listener.local_addr().unwrap())), &watching("d-1", &[]));
    // It handles signals before it sends the first request.
    let asking = listener.accept().unwrap();
    signal(child.id(), "TERM");
    let called = Called::from(child.wait_with_output().unwrap());
    assert_eq!(called, Called { code: 130, stdout: String::new(), stderr: String::new() });
    drop(asking);
}

#[test]
fn a_server_that_is_away_for_a_while_does_not_end_it() {
    let busy: Answer = (503, &[("retry-after", "0")], String::new());
    let gone: Answer = (500, &[], String::new());
    let running: Answer = (200, &[], deployment("IN_PROGRESS", &json!({})));
    let all = vec![running.clone(), busy.clone(), busy.clone(), busy.clone(), busy, gone, running, (200, &[], ended())];
    let double = answers(all.clone());
    let called = Shell::at(&double.url).call(&watching("d-1", &[]));
    assert_eq!(called.code, 0);
    assert_eq!(
        called.stdout,
        "d-1: checkout 2.0.0 to production, created 2025-03-01 12:00:00 +00:00\n\
         12:00:41 in progress\n12:03:40 completed after 3m 40s\n"
    );
    assert_eq!(
        called.stderr,
        "deployment-status: the server answers 503 Service Unavailable; trying again in 0.0 s\n\
         deployment-status: the server answers again\n"
    );
    let double = answers(all);
    let left = Terminal::open(&steered(&double.url), (24, 80), "", &watching("d-1", &[])).left();
    assert!(String::from_utf8_lossy(&left.bytes).contains("answers 500 Internal Server Error; trying again"));
    assert_eq!(left.screen, "d-1\ncheckout 2.0.0 to production\n✓ completed after 3m 40s");
}

#[test]
fn a_server_that_stays_away_ends_it_where_no_end_was_set() {
    let away = || answers(vec![(200, &[], deployment("IN_PROGRESS", &json!({}))), (500, &[], String::new())]);
    let double = away();
    let called = Shell::at(&double.url).call(&watching("d-1", &["-o", "text"]));
    assert_eq!((called.code, called.stdout.lines().count()), (1, 1));
    assert_eq!(double.requests().len(), 11, "ten in vain");
    let last = called.stderr.lines().nth(1).unwrap();
    assert_eq!(last, format!("deployment-status: {} answers 500 Internal Server Error", double.url));
    // Where one was set, it is waited for longer than these ten take.
    let double = away();
    let called = Shell::at(&double.url).call(&watching("d-1", &["--timeout", "6s"]));
    assert_eq!(called.code, 6);
    assert!(called.stderr.contains("  The last request had no answer: "), "{}", called.stderr);
}

#[test]
fn failures_that_are_not_in_a_row_are_forgiven() {
    let running = || (200, &[][..], deployment("IN_PROGRESS", &json!({})));
    let flapping = (0..11).flat_map(|_| [running(), (500, &[], String::new())]);
    let double = answers(flapping.chain([(200, &[][..], ended())]).collect());
    let called = Shell::at(&double.url).call(&watching("d-1", &[]));
    assert_eq!((called.code, called.stderr.lines().count()), (0, 22), "{}", called.stderr);
}

#[test]
fn a_refusal_ends_it_at_once() {
    for (status, code) in [(401, 4), (403, 4), (404, 3)] {
        let problem = json!({"type": "about:blank", "title": "", "status": status, "detail": "it is no"}).to_string();
        let double = answers(vec![(200, &[], deployment("IN_PROGRESS", &json!({}))), (status, &[], problem)]);
        let called = Shell::at(&double.url).call(&watching("d-1", &["-o", "json"]));
        assert_eq!((called.code, called.stdout.as_str()), (code, ""));
        assert!(called.stderr.starts_with("deployment-status: it is no\n"), "{}", called.stderr);
    }
}

#[test]
fn a_server_that_is_not_reachable_is_reported_at_once() {
    let printed = Shell::at("http://127.0.0.1:1").call(&watching("d-1", &["--timeout", "1h"])).failed(1);
    assert!(printed.starts_with("deployment-status: can't reach http://127.0.0.1:1: "), "{printed}");
}

#[test]
fn an_unchanged_answer_is_requested_with_the_entity_tag_and_shown_once() {
    let double = Double::answering(|count, request| {
        let body = if count < 4 { deployment("IN_PROGRESS", &json!({})) } else { ended() };
        let tag: &[_] = if count < 4 { &[("etag", "\"one\"")] } else { &[("etag", "\"two\"")] };
        let known = request.headers.get("if-none-match").is_some_and(|known| known == tag[0].1);
        if known { (304, tag, String::new()) } else { (200, tag, body) }
    });
    let printed = Shell::at(&double.url).call(&watching("d-1", &["-o", "text"])).succeeded();
    assert_eq!(printed.lines().count(), 2, "{printed}");
    let tags: Vec<bool> =
        double.requests().iter().map(|request| request.headers.contains_key("if-none-match")).collect();
    assert_eq!(tags, [false, true, true, true, true]);
}
