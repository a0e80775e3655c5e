//! `watch` in a terminal: the redrawn output.

use serde_json::{Value, json};

use super::{ago, answers, become_at, begin, deployment, ended, report, stage_at, steered, watching};
use crate::called::Shell;
use crate::server::{demo, empty};
use crate::terminal::Terminal;

#[test]
fn in_a_terminal_a_deployment_is_drawn_in_place_until_it_ends() {
    let url = empty();
    for n in 0..8 {
        let id = format!("earlier-{n}");
        begin(&url, &id, ago(19_960 + n * 20_000));
        become_at(&url, &id, "COMPLETED", ago(10_000 + n * 20_000));
    }
    // Others take no time at all.
    for (id, service, environment) in [("other-1", "search", "production"), ("other-2", "checkout", "staging")] {
        for status in ["IN_PROGRESS", "COMPLETED"] {
            let of = json!({"deploymentId": id, "service": service, "environment": environment, "status": status,
                            "occurredAt": ago(9000)});
            report(&url, &of);
        }
    }
    let began = ago(4985);
    begin(&url, "checkout-1", began);
    let prompt = "$ deployment-status watch checkout-1\n";
    let terminal = Terminal::open(&steered(&url), (24, 80), prompt, &watching("checkout-1", &[]));
    // Half of the usual time has passed, for the next minute and a half.
    terminal.until_shown("███████████████░░░░░░░░░░░░░░░  50 %, expected about 2h 46m");
    terminal.until_shown("● in progress for 1h 23m");
    terminal.until("no cursor", vt100::Screen::hide_cursor);
    let at = |seconds: i64| began.plus_millis(seconds * 1000);
    stage_at(&url, "checkout-1", "DEPLOYMENT", "IN_PROGRESS", at(4920));
    terminal.until_shown("DEPLOYMENT  ● in progress  1m");
    stage_at(&url, "checkout-1", "HEALTH_CHECK", "IN_PROGRESS", at(4960));
    stage_at(&url, "checkout-1", "DEPLOYMENT", "COMPLETED", at(4960));
    terminal.until_shown("\nDEPLOYMENT    ✓ completed ");
    terminal.until_shown("\nHEALTH_CHECK  ● in progress ");
    stage_at(&url, "checkout-1", "HEALTH_CHECK", "COMPLETED", at(4965));
    become_at(&url, "checkout-1", "COMPLETED", at(4970));
    let left = terminal.left();
    assert_eq!(
        left.screen,
        "$ deployment-status watch checkout-1\n\
         checkout-1\n\
         checkout 2.0.0 to production\n\
         ✓ completed after 1h 22m\n\
         \n\
         STAGE         STATUS       TIME\n\
         DEPLOYMENT    ✓ completed   40s\n\
         HEALTH_CHECK  ✓ completed    5s",
        "and nothing of what was drawn before"
    );
    assert_eq!((left.code, left.cursor, left.scrolled), (0, true, 0));
    assert!(left.painted());
}

#[test]
fn ctrl_c_and_sigterm_leave_the_terminal_as_it_was() {
    type End = fn(&mut Terminal);
    let ends: [End; 3] = [|t| t.press(b"\x03"), |t| t.signal("TERM"), |t| t.signal("INT")];
    let url = empty();
    begin(&url, "checkout-1", ago(7265));
    for end in ends {
        let mut terminal = Terminal::open(&steered(&url), (24, 80), "", &watching("checkout-1", &[]));
        terminal.until_shown("in progress for 2h 1m");
        terminal.until("no cursor", vt100::Screen::hide_cursor);
        end(&mut terminal);
        let left = terminal.left();
        assert_eq!((left.code, left.cursor), (130, true), "{}", left.screen);
        assert_eq!(left.screen, "checkout-1\ncheckout 2.0.0 to production\n● in progress for 2h 1m, stalled");
    }
}

#[test]
fn a_small_terminal_shows_what_matters_most_and_does_not_scroll() {
    let url = empty();
    begin(&url, "checkout-production-2.0.0", ago(7265));
    let id = "checkout-production-2.0.0";
    for stage in 1..8 {
        stage_at(&url, id, &format!("STAGE_{stage}_配備する"), "COMPLETED", ago(7200 - stage));
    }
    stage_at(&url, id, "ROLLOUT", "IN_PROGRESS", ago(3601));
    let terminal = Terminal::open(&steered(&url), (5, 20), "1\n2\n3\n4\n$\n", &watching(id, &[]));
    let seen = "checkout-productio…\ncheckout 2.0.0 to …\n● in progress for …\nROLLOUT    ● in pr…";
    terminal.until_shown(seen);
    stage_at(&url, id, "ROLLOUT", "COMPLETED", ago(1));
    terminal.until_shown("ROLLOUT    ✓ compl…");
    become_at(&url, id, "COMPLETED", ago(0));
    let left = terminal.left();
    assert_eq!(left.code, 0);
    assert_eq!(left.screen, "checkout-productio…\ncheckout 2.0.0 to …\n✓ completed after …\nROLLOUT    ✓ compl…");
    assert_eq!(left.scrolled, 5, "what was there before, and no picture but the last");
}

#[test]
fn terminals_of_any_size_keep_to_their_lines() {
    let stages: Vec<Value> = (0..9)
        .map(|n| json!({"stage": format!("配備 {n}"), "attempt": 1, "status": "COMPLETED", "durationSeconds": 1.0}))
        .collect();
    let running = deployment("IN_PROGRESS", &json!({"stages": stages}));
    for (rows, columns) in [(1, 1), (2, 1), (2, 2), (3, 3), (4, 6), (6, 9), (8, 12), (12, 200)] {
        let double = answers(vec![(200, &[], running.clone()), (200, &[], running.clone() + " "), (200, &[], ended())]);
        let left = Terminal::open(&steered(&double.url), (rows, columns), "", &watching("d-1", &[])).left();
        assert_eq!((left.code, left.cursor), (0, true), "{rows} rows, {columns} columns: {}", left.screen);
        assert!(rows == 1 || left.scrolled == 0, "{rows} rows, {columns} columns: {} lines", left.scrolled);
    }
}

#[test]
fn another_size_is_seen_with_the_next_picture() {
    let url = empty();
    begin(&url, "checkout-production-2.0.0", ago(7265));
    stage_at(&url, "checkout-production-2.0.0", "DEPLOYMENT", "IN_PROGRESS", ago(7265));
    let mut terminal = Terminal::open(&steered(&url), (24, 80), "", &watching("checkout-production-2.0.0", &[]));
    let picture = |id: &str, what: &str, status: &str, header: &str, stage: &str| {
        format!("{id}\n{what}\n{status}\n\n{header}\n{stage}")
    };
    let wide = picture(
        "checkout-production-2.0.0",
        "checkout 2.0.0 to production",
        "● in progress for 2h 1m, stalled",
        "STAGE       STATUS          TIME",
        "DEPLOYMENT  ● in progress  2h 1m",
    );
    terminal.until_shown("TIME");
    terminal.resize(24, 20);
    let narrow = picture(
        "checkout-productio…",
        "checkout 2.0.0 to …",
        "● in progress for …",
        "STAGE      STATUS",
        "DEPLOYME…  ● in pr…",
    );
    terminal.until_shown(&narrow);
    assert_eq!(terminal.shows(), narrow, "and nothing else");
    terminal.resize(24, 80);
    terminal.until_shown(&wide);
    assert_eq!(terminal.shows(), wide, "and nothing else");
    terminal.press(b"\x03");
    let left = terminal.left();
    assert_eq!(left.code, 130);
    // What was wide stands in a terminal that breaks lines on eleven rows now: it moves up so far.
    assert!(String::from_utf8(left.bytes).unwrap().contains("\u{1b}[11A"));
}

#[test]
fn without_colour_there_is_none() {
    let call = |shell: Shell, more: &[&str]| {
        let left = Terminal::open(&shell, (24, 80), "", &watching("checkout-production-2.7.0", more)).left();
        assert_eq!(left.code, 0);
        assert!(left.screen.contains("✓ completed after 3m 40s\n"), "{}", left.screen);
        left
    };
    assert!(call(steered(demo()), &[]).painted());
    assert!(!call(steered(demo()), &["--no-color"]).painted());
    assert!(!call(steered(demo()).with("NO_COLOR", "1"), &[]).painted());
}

#[test]
fn time_goes_on_between_two_questions() {
    let url = empty();
    begin(&url, "checkout-1", ago(20));
    stage_at(&url, "checkout-1", "DEPLOYMENT", "IN_PROGRESS", ago(15));
    let words = ["watch", "checkout-1", "--interval", "1h"];
    let mut terminal = Terminal::open(&steered(&url), (24, 80), "", &words);
    terminal.until_shown("in progress for ");
    let first = terminal.shows();
    let line = |text: &str, at: usize| text.lines().nth(at).unwrap_or_default().to_owned();
    terminal.until("another time", |screen| {
        let now = screen.contents();
        [2, 5].iter().all(|at| !line(&now, *at).is_empty() && line(&now, *at).trim_end() != line(&first, *at))
    });
    terminal.press(b"\x03");
    assert_eq!(terminal.left().code, 130, "and Ctrl-C does not wait for the next question");
}

#[test]
fn a_terminal_that_cannot_be_steered_gets_lines() {
    for shell in [Shell::at(demo()), Shell::at(demo()).with("TERM", ""), Shell::at(demo()).with("TERM", "dumb")] {
        let left = Terminal::open(&shell, (24, 80), "", &watching("checkout-production-2.7.0", &[])).left();
        assert!(left.screen.ends_with(" completed after 3m 40s"), "{}", left.screen);
        assert!(!left.bytes.contains(&0x1b), "{}", left.screen);
    }
}

#[test]
fn the_duration_of_a_stage_that_never_finished_is_not_shown() {
    let terminal = Terminal::open(&steered(demo()), (24, 120), "", &watching("catalog-development-4.11.0", &[]));
    let left = terminal.left();
    assert_eq!(left.code, 5);
    assert_eq!(
        left.screen,
        "catalog-development-4.11.0\n\
         catalog 4.11.0 to development\n\
         ⊘ cancelled after 1m 15s\n\
         \n\
         STAGE           STATUS         TIME\n\
         INITIALIZATION  ✓ completed     15s\n\
         DEPLOYMENT      ● in progress     -\n\
         deployment-status: catalog-development-4.11.0 cancelled after 1m 15s: superseded by a fix\n  \
         `deployment-status status catalog-development-4.11.0` shows the details."
    );
}
