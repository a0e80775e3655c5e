//! Different kinds of stdout: a reader that closes the pipe, no reader, a full disk, a pipe, a terminal with
//! and without colour.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::json;

use crate::answers::{COMMANDS, ID};
use crate::called::{BINARY, Called, Shell};
use crate::server::{Double, demo, empty};
use crate::terminal::Terminal;

/// What needs no server.
const WITHOUT: &[&[&str]] = &[&["--help"], &["help", "live"], &["--version"], &["completions", "bash"], &["config"]];

/// A server that knows the deployment that all commands are about.
fn recorded() -> String {
    let url = empty();
    for status in ["in-progress", "rolled-back"] {
        let words =
            ["record", "--id", ID, "--status", status, "--service", "s", "--environment", "e", "--version", "1"];
        Shell::at(&url).call(&words).succeeded();
    }
    url
}

/// Every command that has something to print, and its exit code.
fn calls() -> impl Iterator<Item = (&'static [&'static str], i32)> {
    let asking = COMMANDS.iter().copied().filter(|(_, code)| [0, 5].contains(code));
    let asking = asking.filter(|(words, _)| words[0] != "active");
    asking.chain(WITHOUT.iter().map(|words| (*words, 0)))
}

fn ended(child: Child) -> Called {
    child.wait_with_output().unwrap().into()
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let shell = Shell::at(&recorded());
    for (words, _) in calls() {
        let mut command = shell.command(words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let called = ended(child);
        assert_eq!((called.code, called.stderr.as_str()), (0, ""), "{words:?}");
    }
}

#[test]
fn an_endless_list_ends_with_its_reader() {
    for (words, path) in [
        (&["history", "--all", "-o", "jsonl"][..], "/v1/deployments"),
        (&["history", "--all", "-o", "text"], "/v1/deployments"),
        (&["live", "-o", "jsonl"], "/v1/live"),
        (&["active", "-o", "jsonl"], "/v1/deployments/active"),
    ] {
        let double = Double::answering(|before, _| {
            let item = json!({"deploymentId": format!("d-{before}"), "service": "s", "environment": "e", "status": "FAILED",
                "createdAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z", "updatedAt": "2026-03-01T12:00:00.000Z", "rollback": false,
                "attempt": 1, "links": {}, "stages": [], "eventCount": 1, "flags": []});
            let items: Vec<_> = std::iter::repeat_n(item, 100).collect();
            (200, &[], json!({"items": items, "nextCursor": before.to_string()}).to_string())
        });
        let mut command = Shell::at(&double.url).command(words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("d-0"), "{words:?}: {line}");
        let called = ended(child);
        assert_eq!((called.code, called.stderr.as_str()), (0, ""), "{words:?}");
        assert!(double.requests().iter().all(|request| request.uri.path() == path));
    }
}

/// Calls it by the shell, which closes what it is printed to.
fn redirected(shell: &Shell, words: &[&str], redirection: &str) -> Called {
    let script = format!("exec \"$0\" \"$@\" {redirection}");
    let words = [&["-c", &script, BINARY], words].concat();
    shell.other("/bin/sh", &words).stdin(Stdio::null()).output().unwrap().into()
}

#[test]
fn without_stderr_or_stdout_it_ends_as_it_would_with_them() {
    let shell = Shell::at(&recorded());
    for (words, code) in calls() {
        let with = shell.call(words);
        assert_eq!(with.code, code, "{words:?}: {}", with.stderr);
        assert_eq!(redirected(&shell, words, "2>&-").code, code, "{words:?}");
        assert_eq!(redirected(&shell, words, ">&- 2>&-").code, code, "{words:?}");
    }
    for (words, code) in
        [(&["status", "nope"][..], 3), (&["live", "--nope"], 2), (&["live", "--url", "http://127.0.0.1:1"], 1)]
    {
        assert_eq!(redirected(&shell, words, "2>&-").code, code, "{words:?}");
        assert_eq!(redirected(&shell, words, "2>/dev/full").code, code, "{words:?}");
    }
}

#[test]
fn an_answer_that_can_not_be_written_is_a_failure() {
    let shell = Shell::at(&recorded());
    for (words, _) in calls() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let called: Called = shell.command(words).stdin(Stdio::null()).stdout(full).output().unwrap().into();
        let printed = "deployment-status: can't write the output: No space left on device (os error 28)\n";
        assert_eq!((called.code, called.stderr.as_str()), (1, printed), "{words:?}");
    }
}

#[test]
fn in_a_pipe_there_are_no_escape_codes() {
    let shell = Shell::at(&recorded()).with("TERM", "xterm-256color").with("COLORTERM", "truecolor");
    for (words, code) in calls() {
        for form in ["table", "json", "jsonl", "text"] {
            let words =
                if code == 0 && WITHOUT.contains(&words) { words.to_vec() } else { [words, &["-o", form]].concat() };
            let called = shell.call(&words);
            assert!(!called.stdout.contains('\u{1b}') && !called.stderr.contains('\u{1b}'), "{words:?}: {called:?}");
        }
    }
    for words in [&["live", "--nope"][..], &["status", "nope"], &[]] {
        assert!(!shell.call(words).stderr.contains('\u{1b}'), "{words:?}");
    }
}

#[test]
fn a_terminal_has_colour_unless_it_is_not_wanted() {
    let painted = |shell: Shell, words: &[&str]| Terminal::open(&shell, (40, 120), "", words).left().painted();
    let shell = || Shell::at(demo()).with("TERM", "xterm");
    let calls: [&[&str]; 5] =
        [&["live"], &["history"], &["status", "checkout-production-2.8.0"], &["--help"], &["live", "--nope"]];
    for words in calls {
        assert!(painted(shell(), words), "{words:?}");
        assert!(painted(shell().with("NO_COLOR", ""), words), "{words:?}: an empty NO_COLOR is none");
        assert!(!painted(shell().with("NO_COLOR", "1"), words), "{words:?}");
        assert!(!painted(shell().with("TERM", "dumb"), words), "{words:?}");
        assert!(!painted(shell(), &[&["--no-color"], words].concat()), "{words:?}");
    }
}
