//! `drift`: where what runs is not what it should be.

use crate::called::Shell;
use crate::history::{get, timeless};
use crate::server::demo;

#[test]
fn each_finding_is_told_the_worst_first() {
    let shell = Shell::at(demo());
    let told = timeless(&shell.call(&["drift", "-e", "production"]).succeeded());
    let mut lines = told.lines();
    assert_eq!(lines.next(), Some("SEVERITY KIND ENVIRONMENT SERVICE SINCE FOUND"));
    let high: Vec<&str> = lines.by_ref().take(2).collect();
    assert!(high[0].starts_with("high INCOMPLETE production - ("), "{told}");
    assert!(high[0].ends_with("release autumn is not complete: search is not in place"), "{told}");
    assert!(high[1].starts_with("high UNSEEN production search ("), "{told}");
    assert!(high[1].ends_with("search runs 0.31.1, which never landed in staging"), "{told}");
    let text = shell.call(&["drift", "--kind", "unseen", "-e", "production", "-o", "text"]).succeeded();
    let fields: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(fields.len(), 1, "{text}");
    assert_eq!(&fields[0][..4], ["high", "UNSEEN", "production", "search"]);
    let suggestion = "find out how it came to production, and bring the same change through staging";
    assert_eq!((fields[0].len(), fields[0][6]), (7, suggestion));
}

#[test]
fn with_exit_code_a_finding_ends_with_5_and_none_with_0() {
    let shell = Shell::at(demo());
    let failed = shell.call(&["drift", "--kind", "UNSEEN", "-e", "production", "--exit-code"]);
    assert_eq!((failed.code, failed.stderr.as_str()), (5, "deployment-status: 1 finding\n"));
    assert_eq!(failed.stdout.lines().count(), 2, "{}", failed.stdout);
    let nothing = shell.call(&["drift", "--kind", "mixed", "--exit-code"]);
    assert_eq!((nothing.code, nothing.stderr.as_str()), (0, "Nothing has drifted.\n"));
}

#[test]
fn json_is_printed_as_it_came() {
    let body = get(demo(), "/v1/drift?kind=UNSEEN&limit=100");
    let printed = Shell::at(demo()).call(&["drift", "--kind", "unseen", "-o", "json"]).succeeded();
    assert_eq!(printed.trim_end(), body);
}

#[test]
fn how_bad_it_is_and_of_which_service_can_be_asked() {
    let shell = Shell::at(demo());
    let told = shell.call(&["drift", "--severity", "HIGH", "-s", "search", "-o", "text"]).succeeded();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("high\tUNSEEN\tproduction\tsearch\t"), "{told}");
    assert_eq!(shell.call(&["drift", "--severity", "worst"]).code, 2);
    assert_eq!(shell.call(&["drift", "-s", "nosuch"]).code, 3);
}
