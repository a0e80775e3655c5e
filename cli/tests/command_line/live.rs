//! `live`: which version runs where.

use crate::called::Shell;
use crate::server::{Double, demo};

#[test]
fn all_live_versions_are_printed_as_a_matrix() {
    let printed = Shell::at(demo()).call(&["live"]).succeeded();
    assert_eq!(
        printed,
        "SERVICE        development             production                   staging\n\
         catalog        - (⊘ 4.11.0 cancelled)  4.10.0                       4.11.0\n\
         checkout       2.8.0                   2.7.0 (↩ 2.8.0 rolled back)  2.8.1\n\
         notifications  -                       3.2.1 (✗ 3.3.0 failed)       3.3.0\n\
         payments       1.19.0                  1.19.0                       1.19.0\n\
         search         -                       0.31.0                       0.32.1\n"
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
