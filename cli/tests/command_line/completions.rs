//! `completions`, and completion with the scripts that it prints.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::called::{BINARY, Called, Shell};
use crate::server::{Double, ReceivedRequest, demo, with_demo};

mod bash;

/// Calls the binary as the script for fish does when Tab is pressed behind these words.
fn tab(shell: &Shell, words: &[&str]) -> Called {
    let words = [&["--", "deployment-status"], words].concat();
    let mut command = shell.command(&words);
    command.env("COMPLETE", "fish").env(PATIENCE.0, PATIENCE.1).output().unwrap().into()
}

/// What is tested is not how fast a busy machine is.
const PATIENCE: (&str, &str) = ("DEPLOYMENT_STATUS_COMPLETION_TIMEOUT", "1m");

/// The values that are offered, without what is printed about them.
fn offered(shell: &Shell, words: &[&str]) -> Vec<String> {
    let printed = tab(shell, words).succeeded();
    printed.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

/// A server with names that are hard to type.
fn awkward() -> Double {
    Double::answering(|_, request: &ReceivedRequest| {
        let listed = |id: &str| {
            json!({"deploymentId": id, "service": "s", "environment": "e", "version": null, "commit": null,
                "status": "COMPLETED", "attempt": 1, "createdAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z", "finishedAt": null,
                "durationSeconds": null, "triggeredBy": null})
        };
        let body = match request.uri.path() {
            "/v1/catalog" => json!({
                "environments":
                    ["us east", "us\u{1b}[2J", "us\u{202e}", "it's", "a*b", "$(id)", "PR #12", "生产"],
                "services": [{"service": "svc", "environments": []}], "versions": null, "nextCursor": null}),
            _ => json!({"items": [listed("github:o/r:1"), listed("github:o/r:22")], "nextCursor": null}),
        };
        (200, &[], body.to_string())
    })
}

/// All files that are remembered, made so much older.
fn grow_old(home: &Path, by: Duration) -> usize {
    let files = fs::read_dir(home.join(".cache/deployment-status")).unwrap().map(|file| file.unwrap().path());
    let aged = files.map(|path| {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - by).unwrap();
    });
    aged.count()
}

#[test]
fn each_shell_gets_a_script_that_calls_back() {
    let shell = Shell::empty();
    for (name, registers) in [
        ("bash", "complete -o bashdefault -o nosort -F _deployment_status deployment-status 2>/dev/null ||"),
        ("zsh", "compdef _clap_dynamic_completer_deployment_status deployment-status"),
        ("fish", "complete --keep-order --exclusive --command deployment-status --arguments "),
        ("elvish", "set edit:completion:arg-completer[deployment-status] = { |@words|"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName deployment-status -ScriptBlock {"),
    ] {
        let script = shell.call(&["completions", name]).succeeded();
        assert!(script.contains(registers), "{script}");
        assert!(script.contains("COMPLETE") && script.contains(&format!("{BINARY} -- ")), "{script}");
        let same: Called = shell.command(&[]).env("COMPLETE", name).output().unwrap().into();
        assert_eq!(same.succeeded(), script, "with the variable");
    }
    let printed = shell.call(&["completions", "tcsh"]).failed(2);
    assert!(printed.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{printed}");
}

#[test]
fn a_shell_starts_whatever_stands_in_the_settings() {
    let shell = Shell::empty().with("DEPLOYMENT_STATUS_CONFIG", "/nowhere").with("DEPLOYMENT_STATUS_OUTPUT", "x");
    assert_eq!(shell.call(&["completions", "zsh"]), Shell::empty().call(&["completions", "zsh"]));
    assert_eq!(tab(&shell, &["live", "--environment", ""]).succeeded(), "");
    assert_eq!(offered(&shell, &["met"]), ["metrics"]);
}

#[test]
fn environments_and_services_come_from_the_catalog() {
    let shell = Shell::at(demo());
    let environments = ["development", "staging", "production"];
    for words in [
        &["live", "--environment", ""][..],
        &["--environment", ""],
        &["history", "-e", ""],
        &["active", "-e", ""],
        &["watch", "x", "-e", ""],
    ] {
        assert_eq!(offered(&shell, words), environments, "{words:?}");
    }
    assert_eq!(offered(&shell, &["live", "--environment=p"]), ["--environment=production"]);
    for command in ["history", "live", "metrics", "record"] {
        let services =
            ["catalog", "checkout", "invoices", "notifications", "payments", "profiles", "search", "status-page"];
        assert_eq!(offered(&shell, &[command, "--service", ""]), services, "{command}");
        assert_eq!(offered(&shell, &[command, "-e", "staging", "--service", "c"]), services[..2], "{command}");
    }
}

#[test]
fn releases_are_offered_to_what_takes_one() {
    let shell = Shell::at(&with_demo());
    shell.call(&["release", "declare", "r/7", "cart@1"]).succeeded();
    assert_eq!(offered(&shell, &["release", "status", "r"]), ["r/7"]);
    assert_eq!(offered(&shell, &["history", "--release", ""]), ["r/7", "autumn"]);
    assert_eq!(offered(&shell, &["release", "list", "-e", "prod"]), ["production"]);
    assert_eq!(offered(&shell, &["release", "d"]), ["declare"]);
}

#[test]
fn the_call_of_the_script_for_zsh_is_understood() {
    let shell = Shell::at(demo()).with(PATIENCE.0, PATIENCE.1);
    let call = |index: &str, words: &[&str]| -> String {
        let words = [&["--", "deployment-status"], words].concat();
        let mut command = shell.command(&words);
        command.env("COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
        Called::from(command.output().unwrap()).succeeded()
    };
    assert_eq!(call("3", &["live", "--environment", ""]), "development\nstaging\nproduction");
    assert_eq!(call("2", &["-e", "pro", "live"]), "production", "a word in the middle");
    let double = awkward();
    let behind = call("2", &["watch", "", "--url", &double.url]);
    assert!(behind.starts_with("github\\:o/r\\:1:s in e, completed\n"), "flags behind it count too: {behind}");
    let about = call("2", &["status", "payments-production-1.1"]);
    assert!(about.starts_with("payments-production-1.19.0:payments 1.19.0 in production, completed\n"), "{about}");
}

#[test]
fn deployments_are_offered_latest_first_and_to_watch_those_that_run() {
    let shell = Shell::at(demo());
    for command in ["status", "verify", "watch"] {
        assert_eq!(
            offered(&shell, &[command, "checkout-staging"]),
            ["checkout-staging-2.8.1", "checkout-staging-2.8.0", "checkout-staging-2.7.0"],
            "{command}"
        );
    }
    // One that runs, and is not the latest.
    let listed = |id: &str| {
        json!({"deploymentId": id, "service": "s", "environment": "e", "version": "1", "commit": null,
            "status": "VALIDATING", "attempt": 1, "createdAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z", "finishedAt": null,
            "durationSeconds": null, "triggeredBy": null})
    };
    let double = Double::answering(move |_, request: &ReceivedRequest| {
        let items: &[Value] = match request.uri.path() {
            "/v1/deployments/active" => &[listed("a-runs")],
            _ => &[listed("a-new"), listed("a-runs"), listed("a-old")],
        };
        (200, &[], json!({"items": items, "nextCursor": null}).to_string())
    });
    let shell = Shell::at(&double.url);
    assert_eq!(offered(&shell, &["watch", "a-"]), ["a-runs", "a-new", "a-old"]);
    assert_eq!(offered(&shell, &["status", "a-"]), ["a-new", "a-runs", "a-old"]);
    assert_eq!(tab(&shell, &["status", "a-o"]).succeeded(), "a-old\ts 1 in e, validating\n");
}

#[test]
fn what_is_observed_is_a_deployment_that_is_known_and_a_metric_by_which_it_is_judged() {
    let shell = Shell::at(demo());
    let known = ["checkout-staging-2.8.1", "checkout-staging-2.8.0", "checkout-staging-2.7.0"];
    assert_eq!(offered(&shell, &["observe", "--id", "checkout-staging"]), known);
    // Of `record` it is an id that is not known yet.
    assert_eq!(tab(&shell, &["record", "--id", "checkout-staging"]).succeeded(), "");
    for option in ["--metric", "--baseline"] {
        let all = ["healthScore=", "errorRate=", "latencyP95Ms="];
        assert_eq!(offered(&shell, &["observe", "--id", "x", option, ""]), all);
        assert_eq!(offered(&shell, &["observe", "--id", "x", option, "err"]), ["errorRate="]);
    }
    assert_eq!(offered(&shell, &["observe", "--alarm", "x", "--state", ""]), ["ALARM", "OK"]);
    assert_eq!(offered(&shell, &["observe", "-s", "che"]), ["checkout"]);
}

#[test]
fn cached_names_need_no_request() {
    let double = awkward();
    let shell = Shell::at(&double.url);
    let first = offered(&shell, &["live", "-e", ""]);
    assert_eq!(double.requests().len(), 1);
    assert_eq!(offered(&shell, &["live", "-e", ""]), first);
    assert_eq!(offered(&shell, &["live", "-s", ""]), ["svc"]);
    assert_eq!(double.requests().len(), 1, "environments and services are remembered together");
    offered(&shell, &["status", "g"]);
    offered(&shell, &["verify", "g"]);
    assert_eq!(double.requests().len(), 2, "and deployments");
    assert_eq!(grow_old(shell.home.path(), Duration::from_secs(15)), 2);
    offered(&shell, &["live", "-e", ""]);
    assert_eq!(double.requests().len(), 2, "names for minutes");
    offered(&shell, &["status", "g"]);
    assert_eq!(double.requests().len(), 3, "deployments for seconds");
    grow_old(shell.home.path(), Duration::from_mins(6));
    assert_eq!(offered(&shell, &["live", "-e", ""]), first);
    assert_eq!(double.requests().len(), 4);
    let other = awkward();
    offered(&shell, &["live", "--url", &other.url, "-e", ""]);
    assert_eq!(other.requests().len(), 1, "each API has its own names");
}

#[test]
fn when_there_is_no_answer_there_is_what_was_remembered_last_or_nothing() {
    let failing = |status: u16, headers: &'static [(&str, &str)]| {
        Double::answering(move |count, request: &ReceivedRequest| match count {
            0 if request.uri.path() == "/v1/catalog" && status != 0 => {
                (200, &[], json!({"environments": ["e"], "services": [], "versions": null}).to_string())
            }
            _ => (status, headers, "not now".to_owned()),
        })
    };
    for double in [failing(500, &[]), failing(503, &[("retry-after", "0")]), failing(403, &[]), failing(200, &[])] {
        let shell = Shell::at(&double.url);
        assert_eq!(offered(&shell, &["live", "-e", ""]), ["e"]);
        grow_old(shell.home.path(), Duration::from_hours(100));
        assert_eq!(offered(&shell, &["live", "-e", ""]), ["e"], "old, and better than nothing");
        assert!(double.requests().len() > 1);
        assert_eq!(tab(&shell, &["watch", "x"]).succeeded(), "");
    }
    assert_eq!(tab(&Shell::at("http://127.0.0.1:1"), &["live", "-e", ""]).succeeded(), "");
    assert_eq!(tab(&Shell::at("no address"), &["live", "-e", ""]).succeeded(), "");
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let shell = Shell::at(&format!("http://{}", silent.local_addr().unwrap()));
    let begun = Instant::now();
    let mut command = shell.command(&["--", "deployment-status", "live", "--timeout", "1h", "-e", ""]);
    assert_eq!(Called::from(command.env("COMPLETE", "fish").output().unwrap()).succeeded(), "");
    assert!(begun.elapsed() < Duration::from_secs(25), "a second, and what a busy machine adds");
}

#[test]
fn typed_flags_and_the_config_file_set_the_address() {
    let expected = ["us east", "it's", "a*b", "$(id)", "PR #12", "生产"];
    let double = awkward();
    let url = format!("--url={}", double.url);
    for words in [
        &["live", "--url", &double.url, "-e", ""][..],
        &["live", &url, "-e", ""],
        &["--url", &double.url, "live", "--as-of", "nonsense", "-e", ""],
        &["watch", "--url", &double.url, "x", "--environment", ""],
    ] {
        assert_eq!(offered(&Shell::at("http://127.0.0.1:1"), words), expected, "{words:?}");
    }
    let shell = Shell::empty();
    let path = shell.home.path().join("some.toml");
    fs::write(&path, format!("url = '{}'\n", double.url)).unwrap();
    let shell = shell.with("DEPLOYMENT_STATUS_CONFIG", path.to_str().unwrap());
    assert_eq!(offered(&shell, &["live", "-e", ""]), expected);
}

#[test]
fn completion_never_starts_a_login() {
    let shell = Shell::empty();
    let (config, ran) = (shell.home.path().join("aws"), shell.home.path().join("ran"));
    let program = shell.home.path().join("program");
    fs::write(&program, format!("#!/bin/sh\necho started > {}\nexit 1\n", ran.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(&config, format!("[profile work]\nregion = eu-central-1\ncredential_process = {}\n", program.display()))
        .unwrap();
    let shell = shell.with("AWS_CONFIG_FILE", config.to_str().unwrap()).with("PATH", "/usr/bin:/bin");
    let words = ["live", "--url", "http://127.0.0.1:1", "--auth", "iam", "--profile", "work", "-e", ""];
    assert_eq!(tab(&shell, &words).succeeded(), "");
    assert!(!ran.exists(), "the program was not started");
    assert_eq!(tab(&shell, &["live", "--profile", "work", "-e", ""]).succeeded(), "");
    assert!(!ran.exists(), "nor where the API's address would have to be found first");
    shell.call(&words[..7]).failed(4);
    assert!(ran.exists(), "a call does, so Tab would have, too");
}

#[test]
fn what_steers_a_terminal_is_not_offered() {
    let double = awkward();
    assert_eq!(offered(&Shell::at(&double.url), &["live", "-e", "us"]), ["us east"]);
}

#[test]
fn versions_and_places_of_a_gate_are_completed() {
    let shell = Shell::at(demo());
    assert_eq!(offered(&shell, &["gate", "check"]), ["checkout@"]);
    assert_eq!(offered(&shell, &["gate", "checkout@2.8.1", "prod"]), ["production"]);
    assert_eq!(offered(&shell, &["assert", "checkout@2.7.0", "pay"]), ["payments@"]);
    assert_eq!(offered(&shell, &["bad", "mark", "check"]), ["checkout@"]);
    assert_eq!(offered(&shell, &["bad", "list", "--service", "pay"]), ["payments"]);
    assert_eq!(offered(&shell, &["bad", "clear", "checkout@2.8.0", "-e", "prod"]), ["production"]);
    assert_eq!(offered(&shell, &["assert", "checkout@2.7.0", "-e", "sta"]), ["staging"]);
}
