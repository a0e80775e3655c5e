//! `live`: which version runs where.

use serde_json::json;

use crate::called::Shell;
use crate::history::record;
use crate::server::{Double, demo, empty, with_demo};
use crate::terminal::Terminal;

#[test]
fn all_live_versions_are_printed_as_a_matrix() {
    // One of its own: ages go on.
    let printed = Shell::at(&with_demo()).call(&["live"]).succeeded();
    assert_eq!(
        printed,
        "SERVICE        development             staging     production\n\
         catalog        - (⊘ 4.11.0 cancelled)  4.11.0 41m  4.10.0 8d (behind 1)\n\
         checkout       2.8.1 3h                2.8.1 2h    2.7.0 3d (behind 2, ↩ 2.8.0 rolled back, ● 2.8.1 in progress)\n\
         invoices       -                       0.1.0 3w    -\n\
         notifications  -                       3.3.0 5h    3.2.1 5d (behind 1, ✗ 3.3.0 failed)\n\
         payments       1.19.0 1d               1.19.0 1d   1.19.0 24h\n\
         profiles       -                       5.7.0 10d   5.1.0 6w (behind 6)\n\
         search         -                       0.32.1 2d   0.31.1 20h (unseen)\n\
         status-page    -                       1.0.0 17w   1.0.0 17w\n"
    );
}

#[test]
fn beside_a_cell_stand_its_difference_and_what_is_under_way_for_scripts_too() {
    let printed = Shell::at(demo()).call(&["live", "-e", "production", "-o", "text"]).succeeded();
    let beside: Vec<[&str; 4]> = printed
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .map(|fields| [fields[0], fields[9], fields[10], fields[11]])
        .collect();
    assert_eq!(
        beside,
        [
            ["catalog", "behind", "1", ""],
            ["checkout", "behind", "2", "checkout-production-2.8.1"],
            ["notifications", "behind", "1", ""],
            ["payments", "same", "", ""],
            ["profiles", "behind", "6", ""],
            ["search", "unseen", "", ""],
            ["status-page", "same", "", ""],
        ]
    );
}

#[test]
fn what_is_stuck_is_said_to_be() {
    let under_way = |id: &str, stuck: bool| {
        json!({
            "deploymentId": id, "version": "2.0", "commit": null, "region": null, "status": "IN_PROGRESS",
            "stage": null, "createdAt": "2026-01-01T00:00:00Z", "startedAt": null,
            "updatedAt": "2026-01-01T00:00:00Z", "stuck": stuck,
        })
    };
    let cell = json!({
        "service": "a", "environment": "b", "version": null, "commit": null, "since": null, "deploymentId": null,
        "rollback": false, "lastAttempt": null, "active": [under_way("x", true), under_way("y", false)],
    });
    let body = json!({"items": [cell], "nextCursor": null}).to_string();
    let server = Double::answering(move |_, _| (200, &[], body.clone()));
    let printed = Shell::at(&server.url).call(&["live"]).succeeded();
    assert_eq!(printed, "SERVICE  b\na        - (● 2.0 stuck, ● 2.0 in progress)\n");
}

#[test]
fn a_terminal_says_what_is_old_in_colour_and_tells_less_where_it_is_less_wide() {
    let shell = Shell::at(demo()).with("TERM", "xterm-256color");
    let wide = Terminal::open(&shell, (30, 120), "", &["live"]).left();
    assert!(wide.screen.contains("(behind 2, ↩ 2.8.0 rolled back, ● 2.8.1 in progress)"), "{}", wide.screen);
    let narrower = Terminal::open(&shell, (30, 100), "", &["live"]).left();
    assert!(narrower.screen.contains("(behind 2, ↩ rolled back, ● in progress)"), "{}", narrower.screen);
    let list = Terminal::open(&shell, (30, 80), "", &["live"]).left();
    assert!(list.screen.starts_with("SERVICE        ENVIRONMENT  VERSION"), "{}", list.screen);
    let coloured = String::from_utf8(wide.bytes).unwrap();
    for (text, colour) in [("1.0.0 17w", Some(11)), ("5.1.0 6w (behind 6)", Some(8)), ("0.1.0 3w", None)] {
        let painted = colour.map(|colour| format!("\u{1b}[38;5;{colour}m{text}"));
        let found = painted.map_or(coloured.contains(&format!("m{text}")), |painted| !coloured.contains(&painted));
        assert!(!found, "{text}: {coloured:?}");
    }
}

#[test]
fn the_error_for_an_unknown_service_suggests_similar_ones() {
    let printed = Shell::at(demo()).call(&["live", "--service", "chekout"]).failed(3);
    assert_eq!(printed, "deployment-status: no service `chekout`\n  Did you mean checkout?\n");
}

#[test]
fn a_list_that_leads_to_itself_is_not_followed_for_ever() {
    let page = |body: &'static str| Double::always(200, &[], body);
    let says = "deployment-status: the server's list never ends: a page's cursor leads to the same page\n";
    let list = page(r#"{"items":[],"nextCursor":"same"}"#);
    for words in [&["live"][..], &["history", "--all"], &["active"]] {
        assert_eq!(Shell::at(&list.url).call(words).failed(1), says, "{words:?}");
    }
    let both = Double::answering(|_, request| match request.uri.path() {
        "/v1/catalog" => {
            (200, &[], r#"{"environments":[],"services":[],"versions":null,"nextCursor":"same"}"#.to_owned())
        }
        _ => (200, &[], r#"{"items":[],"nextCursor":null}"#.to_owned()),
    });
    assert_eq!(Shell::at(&both.url).call(&["live", "--service", "x"]).failed(1), says);
}

#[test]
fn a_branch_is_shown_with_its_commit_and_scripts_get_the_version_as_it_is() {
    let url = empty();
    let event = json!({
        "deploymentId": "d", "service": "s", "environment": "e", "version": "main", "commit": "1a2b3c4d5e6f",
        "status": "COMPLETED", "occurredAt": "2026-03-01T12:00:00.500Z",
    });
    record(&url, &[event]);
    for words in [&["live"][..], &["live", "-s", "s"], &["history"]] {
        let printed = Shell::at(&url).call(words).succeeded();
        assert!(printed.contains("main@1a2b3c4 ") || printed.ends_with("main@1a2b3c4\n"), "{printed}");
    }
    // The whole second is meant: the deployment completed within it.
    for (time, shown) in [("2026-03-01T12:00:00Z", true), ("2026-03-01T12:00:00.000Z", false)] {
        let printed = Shell::at(&url).call(&["live", "-o", "text", "--as-of", time]).stdout;
        assert_eq!(printed.starts_with("s\te\tmain\t"), shown, "{time}: {printed}");
    }
}
