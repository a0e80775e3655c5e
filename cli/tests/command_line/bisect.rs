//! `bisect`: what changed before something went wrong.

use crate::called::Shell;
use crate::history::get;
use crate::server::demo;

#[test]
fn what_changed_is_told_the_likeliest_cause_first() {
    let shell = Shell::at(demo());
    let told = shell.call(&["bisect", "-s", "search", "-e", "production", "--at", "now", "--window", "7d"]).succeeded();
    let mut lines = told.lines();
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["SCORE", "DEPLOYMENT", "SERVICE", "ENVIRONMENT", "VERSION", "LANDED", "WHY"]);
    let first = lines.next().unwrap();
    assert!(first.contains(" search ") && first.contains("it changed search itself; it landed "), "{told}");
    let text = shell.call(&["bisect", "-s", "search", "--at", "now", "--window", "7d", "-o", "text"]).succeeded();
    let scores: Vec<u32> = text.lines().map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect();
    assert!(scores.len() > 1 && scores.is_sorted_by(|one, other| one >= other), "{text}");
    assert!(text.lines().all(|line| line.split('\t').count() == 7), "{text}");
}

#[test]
fn json_is_printed_as_it_came() {
    let body = get(demo(), "/v1/suspects?service=search&at=2026-01-05T10:42:00.999Z&window=2d&limit=100");
    let call = ["bisect", "-s", "search", "--at", "2026-01-05T10:42", "--window", "48h", "-o", "json"];
    let printed = Shell::at(demo()).call(&call);
    // Nothing had happened yet then, which is said beside it.
    assert_eq!((printed.code, printed.stdout.trim_end()), (0, body.as_str()));
}

#[test]
fn what_does_not_exist_and_what_is_no_time_is_said() {
    let shell = Shell::at(demo());
    assert_eq!(shell.call(&["bisect", "-s", "nosuch", "--at", "now"]).code, 3);
    let wrong = shell.call(&["bisect", "-s", "search", "--at", "soon"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("`soon` is not a time"), "{wrong:?}");
    let wrong = shell.call(&["bisect", "-s", "search", "--at", "now", "--window", "8d"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("from 1m to 7d"), "{wrong:?}");
    assert_eq!(shell.call(&["bisect", "--at", "now"]).code, 2);
    let nothing = shell.call(&["bisect", "-s", "search", "--at", "2020-01-01"]);
    assert_eq!((nothing.code, nothing.stderr.as_str()), (0, "Nothing changed in that time.\n"));
}
