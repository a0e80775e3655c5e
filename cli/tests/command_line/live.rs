//! `live`: which version runs where.

use serde_json::json;

use crate::called::Shell;
use crate::history::record;
use crate::server::{Double, demo, empty};

#[test]
fn all_live_versions_are_printed_as_a_matrix() {
    let printed = Shell::at(demo()).call(&["live"]).succeeded();
    assert_eq!(
        printed,
        "SERVICE        development             staging  production\n\
         catalog        - (⊘ 4.11.0 cancelled)  4.11.0   4.10.0\n\
         checkout       2.8.0                   2.8.1    2.7.0 (↩ 2.8.0 rolled back)\n\
         notifications  -                       3.3.0    3.2.1 (✗ 3.3.0 failed)\n\
         payments       1.19.0                  1.19.0   1.19.0\n\
         search         -                       0.32.1   0.31.0\n"
    );
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
