//! The documented exit codes, each from the real binary, and from the real server where possible.

use std::net::TcpListener;

use crate::called::Shell;
use crate::server::{Double, demo, empty};

/// The server of a call in the table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    /// The real server with its demo history.
    Demo,
    /// The real server without any.
    Empty,
    /// The real server that knows the event `one` of the deployment `a`, and `b` that runs.
    WithEvents,
    /// A gateway that lets nobody through.
    Closed,
    /// A server that takes the call and says nothing.
    Silent,
    /// An address where nobody is.
    Nobody,
    /// No address at all.
    Nowhere,
}

const ROLLED_BACK: &str = "checkout-production-2.8.0";
const COMPLETED: &str = "checkout-production-2.7.0";

#[rustfmt::skip]
const CONTRACT: &[(i32, &str, At, &[&str])] = &[
    (0, "success: help",                       At::Nowhere, &["--help"]),
    (0, "help of a command",                   At::Nowhere, &["help", "live"]),
    (0, "the version",                         At::Nowhere, &["--version"]),
    (0, "the completions",                     At::Nowhere, &["completions", "bash"]),
    (0, "the settings",                        At::Nowhere, &["config"]),
    (0, "status, whatever it is",              At::Demo,    &["status", ROLLED_BACK]),
    (0, "history",                             At::Demo,    &["history"]),
    (0, "active",                              At::Demo,    &["active"]),
    (0, "live",                                At::Demo,    &["live"]),
    (0, "compare, although they differ",       At::Demo,    &["compare", "staging", "production"]),
    (0, "drift, although there is some",       At::Demo,    &["drift"]),
    (0, "metrics",                             At::Demo,    &["metrics"]),
    (0, "watch: it completed",                 At::Demo,    &["watch", COMPLETED]),
    (0, "verify: it is intact",                At::Demo,    &["verify", ROLLED_BACK]),
    (0, "gate: it may go there",               At::Demo,    &["gate", "payments@1.19.0", "production"]),
    (0, "bad: the list",                       At::Demo,    &["bad", "list"]),
    (0, "to call a version bad",               At::Empty,   &["bad", "mark", "a@1", "--reason", "slow"]),
    (0, "to clear it",                         At::Empty,   &["bad", "clear", "a@1", "--reason", "it was not"]),
    (0, "release declare: it is recorded",     At::Empty,   &["release", "declare", "7", "cart@1"]),
    (0, "release status: it is complete",      At::WithEvents, &["release", "status", "7", "-e", "staging"]),
    (0, "assert: it runs there",               At::Demo,    &["assert", "payments@1.19.0", "-e", "production"]),
    (0, "observe: it is recorded",             At::Empty,   &["observe", "--id", "a", "--metric", "errorRate=1"]),
    (0, "record: it is recorded",              At::Empty,   &["record", "--id", "a", "--status", "failed"]),
    (0, "open: nobody used it any more",       At::Demo,    &["open", "--no-browser", "--idle", "1s"]),
    (0, "a list without anything in it",       At::Empty,   &["history"]),

    (1, "failure: the server is not there",    At::Nobody,  &["live"]),
    (1, "of watch as well",                    At::Nobody,  &["watch", COMPLETED]),
    (1, "and of config --resolve",        At::Nobody,  &["config", "--resolve"]),
    (1, "record: the server refuses it",       At::WithEvents,    &["record", "--id", "a", "--status", "failed",
                                                              "--event-id", "one"]),

    (1, "gate: what nobody decides is not overridden", At::Nobody, &["gate", "payments@1.19.0", "production",
                                                              "--record", "a", "--override", "x"]),
    (1, "observe: nobody records it",          At::Nobody,  &["observe", "--id", "a", "--metric", "errorRate=1"]),
    (1, "bad: nobody records it",              At::Nobody,  &["bad", "clear", "a@1", "--reason", "slow"]),
    (1, "release: nobody says",                At::Nobody,  &["release", "status", "7", "-e", "production"]),
    (1, "drift: nobody answers",               At::Nobody,  &["drift", "--exit-code"]),
    (1, "open: nobody would answer",           At::Nobody,  &["open", "--no-browser"]),
    (1, "gate: nobody decides",                At::Nobody,  &["gate", "payments@1.19.0", "production"]),

    (2, "usage: no command",                   At::Demo,    &[]),
    (2, "no such command",                     At::Demo,    &["lives"]),
    (2, "no such flag",                        At::Demo,    &["live", "--enviroment", "staging"]),
    (2, "what is no id",                       At::Demo,    &["status", "#1"]),
    (2, "release status: no environment",      At::Demo,    &["release", "status", "7"]),
    (2, "gate: no environment",                At::Demo,    &["gate", "payments@1.19.0"]),
    (2, "gate: an override without --record",  At::Demo,    &["gate", "payments@1.19.0", "production", "--override", "x"]),
    (2, "observe: of nothing",                 At::Demo,    &["observe", "--metric", "errorRate=1"]),
    (2, "bad: no reason",                      At::Demo,    &["bad", "mark", "payments@1.19.0"]),
    (2, "bad: neither a version nor a commit", At::Demo,    &["bad", "mark", "payments", "--reason", "slow"]),
    (2, "drift: no such kind",                 At::Demo,    &["drift", "--kind", "lost"]),
    (2, "what is no time",                     At::Demo,    &["live", "--as-of", "soon"]),
    (2, "what is no duration",                 At::Demo,    &["live", "--timeout", "0"]),
    (2, "what is no address",                  At::Demo,    &["live", "--url", "example.com"]),
    (2, "no address",                          At::Nowhere, &["live"]),
    (2, "open: no address",                    At::Nowhere, &["open", "--no-browser"]),
    (2, "open: what is no page",               At::Demo,    &["open", "--no-browser", "example.com"]),
    (2, "a token that is wanted and not there", At::Demo,   &["live", "--auth", "token"]),

    (3, "not found: the deployment",           At::Demo,    &["status", "nope"]),
    (3, "of drift: an environment",            At::Demo,    &["drift", "-e", "nope", "--exit-code"]),
    (3, "of compare: an environment",          At::Demo,    &["compare", "staging", "prodution"]),
    (3, "the release",                         At::Demo,    &["release", "status", "nope", "-e", "production"]),
    (3, "of watch as well",                    At::Demo,    &["watch", "nope"]),
    (3, "of verify as well",                   At::Demo,    &["verify", "nope"]),
    (3, "the environment",                     At::Demo,    &["live", "-e", "nope"]),
    (3, "of bad list",                         At::Demo,    &["bad", "list", "--service", "nope"]),
    (3, "the service",                         At::Demo,    &["live", "--service", "nope"]),

    (4, "not allowed: by the gateway",         At::Closed,  &["live"]),
    (4, "to watch",                            At::Closed,  &["watch", COMPLETED]),
    (4, "to record",                           At::Closed,  &["record", "--id", "a", "--status", "failed"]),
    (4, "to open the pages",                   At::Closed,  &["open", "--no-browser"]),
    (4, "to observe",                          At::Closed,  &["observe", "--id", "a", "--metric", "errorRate=1"]),
    (4, "to call a version bad",               At::Closed,  &["bad", "mark", "a@1", "--reason", "slow"]),
    (4, "without credentials",                 At::Demo,    &["live", "--auth", "iam", "--region", "eu-west-1"]),

    (5, "condition not met: it did not complete", At::Demo, &["watch", ROLLED_BACK]),
    (5, "compare --exit-code: they differ",    At::Demo,    &["compare", "staging", "production", "--exit-code"]),
    (5, "release status: a service was skipped", At::WithEvents, &["release", "status", "7", "-e", "production"]),
    (5, "drift --exit-code: there is some",    At::Demo,    &["drift", "--exit-code"]),
    (5, "something else runs",                 At::Demo,    &["assert", "payments@1.18.2", "-e", "production"]),
    (5, "its history is not what it was",      At::Demo,    &["verify", ROLLED_BACK, "--head", "0123456789ab"]),

    (6, "timed out: no answer",                At::Silent,  &["live", "--timeout", "1s"]),
    (6, "to a report",                         At::Silent,  &["record", "--id", "a", "--status", "failed",
                                                              "--timeout", "1s"]),
    (6, "to a browser",                        At::Silent,  &["open", "--no-browser", "--timeout", "1s"]),
    (6, "no end of the deployment",            At::WithEvents,    &["watch", "b", "--timeout", "1s"]),
];

#[test]
fn each_code_of_the_contract_is_what_a_call_ends_with() {
    let closed = Double::always(403, &[], r#"{"message":"Forbidden"}"#);
    let printed = empty();
    for words in [["a", "completed", "one"], ["b", "in-progress", "two"]] {
        let [id, status, event] = words;
        Shell::at(&printed).call(&["record", "--id", id, "--status", status, "--event-id", event]).succeeded();
    }
    // One service of a release was skipped in production.
    for place in [["cart", "staging"], ["web", "staging"], ["cart", "production"]] {
        let [service, environment] = place;
        let id = format!("{service}-{environment}");
        let words = ["record", "--id", &id, "--service", service, "-e", environment, "--version", "1"];
        let words = [&words[..], &["--release", "7", "--status", "completed"]].concat();
        Shell::at(&printed).call(&words).succeeded();
    }
    // It listens, and takes nobody's call.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    for (code, what, at, words) in CONTRACT {
        let shell = match at {
            At::Demo => Shell::at(demo()),
            At::Empty => Shell::at(&empty()),
            At::WithEvents => Shell::at(&printed),
            At::Closed => Shell::at(&closed.url),
            At::Silent => Shell::at(&silent_url),
            At::Nobody => Shell::at("http://127.0.0.1:1"),
            At::Nowhere => Shell::empty(),
        };
        let called = shell.call(words);
        assert_eq!(called.code, *code, "{what}: {words:?}\n{}\n{}", called.stdout, called.stderr);
        // Answers go to stdout, all else to stderr.
        match code {
            0 => assert!(
                !called.stdout.is_empty() || called.stderr.starts_with("No deployments found"),
                "{what}: {called:?}"
            ),
            // What there is to say stands there all the same: how a deployment stands, which settings apply.
            1 if words[0] == "config" => assert!(!called.stdout.is_empty() && !called.stderr.is_empty(), "{what}"),
            5 => assert!(!called.stdout.is_empty() && !called.stderr.is_empty(), "{what}: {called:?}"),
            6 if *at == At::WithEvents => assert!(!called.stderr.is_empty(), "{what}: {called:?}"),
            _ => assert!(called.stdout.is_empty() && !called.stderr.is_empty(), "{what}: {called:?}"),
        }
    }
}

#[test]
fn help_and_guide_have_the_codes_of_the_contract() {
    let help = Shell::empty().call(&["--help"]).succeeded();
    // Wherever a line ends.
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md")).unwrap();
    for code in 0..=6 {
        assert!(CONTRACT.iter().any(|(of, ..)| *of == code), "{code}");
        assert!(help.contains(&format!(" {code} ")), "{code}: {help}");
        assert!(guide.contains(&format!("\n| {code} | ")), "{code}");
    }
}
