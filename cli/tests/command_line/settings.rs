//! `settings` and `explain`: the settings of the installation, and how they read a payload.

use serde_json::{Value, json};

use crate::called::{Called, Shell};
use crate::server::empty;

/// What a call printed to stdout; it may have said more on stderr.
fn printed(called: &Called) -> String {
    assert_eq!(called.code, 0, "{called:?}");
    called.stdout.clone()
}

fn file(name: &str, content: &Value) -> tempfile::TempPath {
    let mut file = tempfile::Builder::new().prefix(name).suffix(".json").tempfile().unwrap();
    std::io::Write::write_all(&mut file, content.to_string().as_bytes()).unwrap();
    file.into_temp_path()
}

#[test]
fn settings_are_applied_shown_listed_and_brought_back() {
    let shell = Shell::at(&empty());
    let show = |words: &[&str]| -> Value {
        let words = [&["settings", "show", "-o", "json"], words].concat();
        serde_json::from_str(&shell.call(&words).succeeded()).unwrap()
    };
    assert_eq!(show(&[])["version"], 0);
    assert_eq!(printed(&shell.call(&["settings", "show"])), "{}\n");
    let one = json!({"environments": [{"name": "production", "aliases": ["prod"]}]});
    let (first, second) = (file("first", &one), file("second", &json!({"abandonAfterDays": 3})));
    let [first, second] = [&first, &second].map(|path| path.to_str().unwrap());
    assert_eq!(
        shell.call(&["settings", "apply", first]).succeeded(),
        "Applied as version 1. It is in force within a minute.\n"
    );
    assert_eq!(shell.call(&["settings", "apply", first, "-o", "text"]).succeeded(), "unchanged\t1\n");
    let not_expected = shell.call(&["settings", "apply", second, "--if-version", "0"]);
    assert_eq!(not_expected.code, 5, "{not_expected:?}");
    assert!(not_expected.stderr.contains("version 1 is in force, not version 0"), "{not_expected:?}");
    assert_eq!(
        shell.call(&["settings", "apply", second, "--if-version", "1", "-o", "text"]).succeeded(),
        "recorded\t2\n"
    );
    let earlier = printed(&shell.call(&["settings", "show", "--version", "1"]));
    assert_eq!(serde_json::from_str::<Value>(&earlier).unwrap(), one);
    let back = shell.call_with(&["settings", "apply", "-", "-o", "text"], &earlier);
    assert_eq!(back.succeeded(), "recorded\t3\n");
    let listed = shell.call(&["settings", "history", "-o", "text"]).succeeded();
    let numbers: Vec<&str> = listed.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(numbers, ["3", "2", "1"], "{listed}");
    assert_eq!(show(&["--as-of", "2020-01-01"])["version"], 0);
    assert_eq!(shell.call(&["settings", "show", "--version", "9"]).code, 3);
}

#[test]
fn an_alias_exists_also_where_nothing_is_found() {
    let url = empty();
    let shell = Shell::at(&url);
    crate::history::record(
        &url,
        &[json!({"deploymentId": "d", "status": "COMPLETED", "service": "cart",
        "environment": "production", "occurredAt": "2024-03-01T12:00:00Z"})],
    );
    let settings = file(
        "aliases",
        &json!({"environments": [{"name": "production", "aliases": ["prod"]}],
                                           "services": [{"name": "cart", "aliases": ["shop-cart"]}]}),
    );
    printed(&shell.call(&["settings", "apply", settings.to_str().unwrap()]));
    for words in [&["active", "-e", "prod"][..], &["history", "--service", "shop-cart", "--status", "failed"]] {
        assert_eq!(shell.call(words).code, 0, "{words:?}");
    }
    assert_eq!(shell.call(&["active", "-e", "prodd"]).code, 3);
}

#[test]
fn every_wrong_field_is_named_and_nothing_is_applied() {
    let shell = Shell::at(&empty());
    let wrong = file("wrong", &json!({"environments": [{"nome": "x"}], "rules": [{"source": "nobody"}], "lagging": 3}));
    for action in ["check", "apply"] {
        let called = shell.call(&["settings", action, wrong.to_str().unwrap()]);
        assert_eq!(called.code, 5, "{called:?}");
        for field in ["environments[0].name", "environments[0].nome", "source", "lagging"] {
            assert!(called.stderr.contains(field), "{field}: {called:?}");
        }
    }
    assert_eq!(printed(&shell.call(&["settings", "show"])), "{}\n");
    let right = file("right", &json!({}));
    assert_eq!(shell.call(&["settings", "check", right.to_str().unwrap()]).code, 0);
    assert_eq!(shell.call(&["settings", "check", "no-such-file.json"]).code, 2);
    assert_eq!(shell.call_with(&["settings", "check", "-"], "{").code, 5);
}

#[test]
fn a_payload_is_explained_with_settings_and_without() {
    let shell = Shell::at("http://127.0.0.1:1");
    let payload = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/ecs/completed.json");
    let rules = json!({"rules": [{"source": "aws.ecs", "environment": "prod"}],
                       "environments": [{"name": "production", "aliases": ["prod"]}]});
    let settings = file("settings", &rules);
    let explained =
        shell.call(&["explain", payload, "--settings", settings.to_str().unwrap(), "-o", "json"]).succeeded();
    let explained: Value = serde_json::from_str(&explained).unwrap();
    assert_eq!((&explained["outcome"], &explained["event"]["environment"]), (&json!("recorded"), &json!("production")));
    let table = shell.call(&["explain", payload]).succeeded();
    assert!(table.contains("Would be recorded") && table.contains("cluster = "), "{table}");
    let refused = shell.call_with(&["explain", "-"], r#"{"deploymentId": "d", "status": "DONE"}"#);
    assert!(refused.code == 5 && refused.stdout.contains("status"), "{refused:?}");
    assert_eq!(shell.call(&["explain", payload, "--door", "window"]).code, 2);
    let headers = ["--door", "github", "--header", "X-GitHub-Event: push"];
    let push = shell.call_with(&[&["explain", "-", "-o", "text"], &headers[..]].concat(), "{}");
    assert_eq!(push.succeeded(), "github\tignored\n");
}
