//! `observe`, and what `status` says of it.

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::get;
use crate::server::empty;

#[test]
fn what_was_measured_is_recorded_and_status_says_how_it_went_and_why() {
    let url = empty();
    let shell = Shell::at(&url);
    let deployed =
        ["record", "--id", "cart-2", "-s", "cart", "-e", "production", "--version", "2", "--status", "completed"];
    shell.call(&deployed).succeeded();
    assert!(shell.call(&["status", "cart-2"]).succeeded().contains("WATCHING"));
    let observe = ["observe", "--id", "cart-2", "--metric", "errorRate=7.5", "--metric", "healthScore=97"];
    assert_eq!(shell.call(&observe).succeeded(), "What was measured of cart-2 is recorded.\n");
    let said = shell.call(&["status", "cart-2"]).succeeded();
    assert!(
        said.contains("  Verdict") && said.contains("  BAD") && said.contains("errorRate was 7.5, above 5 at"),
        "{said}"
    );
    let of_place = [
        "observe",
        "-s",
        "cart",
        "-e",
        "production",
        "--metric",
        "latencyP95Ms=130",
        "--baseline",
        "latencyP95Ms=100",
        "--occurred-at",
        "2026-02-02T08:10:00Z",
        "--event-id",
        "one",
    ];
    assert_eq!(shell.call(&of_place).succeeded(), "What was measured of what ran of cart in production is recorded.\n");
    let again = shell.call(&of_place).succeeded();
    assert_eq!(again, "What was measured of what ran of cart in production was recorded before.\n");
    let text = shell.call(&[of_place.as_slice(), &["-o", "text"]].concat()).succeeded();
    assert_eq!(text, "observations:production:cart:2026-02-02T08\t1\n");
    let json = shell.call(&["status", "cart-2", "-o", "json"]).succeeded();
    let verdict = serde_json::from_str::<Value>(&json).unwrap()["verdict"].clone();
    assert_eq!((&verdict["state"], &verdict["reasons"][0]["rule"]), (&"BAD".into(), &"errorRate".into()));
    let shown = shell.call(&["status", "cart-2"]).succeeded();
    assert!(shown.contains("Suggestion") && shown.contains("nothing to go back to: "), "{shown}");
    let trail = get(&url, "/v1/deployments/observations:production:cart:2026-02-02T08/events");
    let event = serde_json::from_str::<Value>(&trail).unwrap()["items"][0]["event"].clone();
    assert_eq!(event["baseline"]["latencyP95Ms"], 100.0);
    assert_eq!(shell.call(&["verify", "observations:cart-2"]).code, 0);
}

#[test]
fn what_an_alarm_said_is_recorded_and_status_names_the_alarm() {
    let url = empty();
    let shell = Shell::at(&url);
    let deployed =
        ["record", "--id", "cart-2", "-s", "cart", "-e", "production", "--version", "2", "--status", "completed"];
    shell.call(&deployed).succeeded();
    let alarm = ["observe", "-s", "cart", "-e", "production", "--alarm", "cart-errors", "--state", "ALARM"];
    let said = shell.call(&alarm).succeeded();
    assert_eq!(said, "What cart-errors said of what ran of cart in production is recorded.\n");
    let said = shell.call(&["status", "cart-2"]).succeeded();
    assert!(said.contains("SUSPECT") && said.contains("an alarm went off at"), "{said}");
    let named = [
        "observe",
        "--id",
        "cart-2",
        "--alarm",
        "probe\u{1b}[31m",
        "--state",
        "ALARM",
        "--reason",
        "no answer",
        "--decisive",
    ];
    let said = shell.call(&named).succeeded();
    assert!(!said.contains('\u{1b}') && said.contains("of cart-2 is recorded"), "{said}");
    let said = shell.call(&["status", "cart-2"]).succeeded();
    assert!(said.contains("  BAD") && said.contains("[31m: no answer") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn on_one_machine_what_is_suggested_is_recorded_and_told_and_not_sent() {
    let url = empty();
    let shell = Shell::at(&url);
    let settings = json!({"environments": [{"name": "production", "autoRollback": true}],
                          "rollbackCommand": "deploy {service} {version}"});
    let answer = ureq::put(format!("{url}/v1/settings")).content_type("application/json").send(settings.to_string());
    assert_eq!(answer.unwrap().status(), 201);
    for (id, version) in [("cart-1", "1"), ("cart-2", "2")] {
        let words = ["record", "--id", id, "-s", "cart", "-e", "production", "--version", version];
        shell.call(&[&words[..], &["--status", "completed"]].concat()).succeeded();
    }
    let observe = ["observe", "--id", "cart-2", "--metric", "errorRate=20"];
    shell.call(&observe).succeeded();
    // To ask for what was published publishes the rest of it.
    let sent: Value = serde_json::from_str(&get(&url, "/local/notifications")).unwrap();
    let mut bad = sent["items"].as_array().unwrap().iter().filter(|sent| sent["full"]["type"] == "BAD");
    let told = &bad.next().unwrap()["full"]["verdict"]["suggested"];
    assert_eq!((&told["sentAt"], &told["to"]["deploymentId"], bad.next()), (&Value::Null, &json!("cart-1"), None));
    let said = shell.call(&["status", "cart-2"]).succeeded();
    let line = said.lines().find(|line| line.contains("Suggested")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.ends_with(" as cart-2##ROLLBACK_SUGGESTED, to go back to 1 (cart-1): not sent"), "{line}");
    let page = ureq::get(format!("{url}/deployments/cart-2")).header("accept", "text/html").call().unwrap();
    let page = page.into_body().read_to_string().unwrap();
    assert!(page.contains("to go back to 1 (cart-1); not sent"), "{page}");
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_recorded() {
    let url = empty();
    let shell = Shell::at(&url);
    for (words, code, says) in [
        (&["observe", "--metric", "errorRate=1"][..], 2, "--service"),
        (&["observe", "--id", "a"], 2, "--metric"),
        (&["observe", "--id", "a", "--alarm", "x"], 2, "--state"),
        (&["observe", "--id", "a", "--alarm", "x", "--state", "BROKEN"], 2, "[possible values: ALARM, OK]"),
        (&["observe", "--id", "a", "--metric", "errorRate=1", "--decisive"], 2, "--alarm"),
        (
            &["observe", "--id", "a", "--alarm", "x", "--state", "OK", "--metric", "errorRate=1"],
            2,
            "cannot be used with",
        ),
        (&["observe", "--id", "a", "--alarm", " ", "--state", "OK"], 1, "alarm.name: is required"),
        (
            &["observe", "-s", "cart", "--metric", "errorRate=1"],
            2,
            "Name the deployment with --id, or the environment with -e.",
        ),
        (&["observe", "--id", "a", "--metric", "errorRate"], 2, "must be NAME=NUMBER"),
        (&["observe", "--id", "a", "--metric", "errorRate=NaN"], 2, "must be NAME=NUMBER"),
        (
            &["observe", "--id", "a", "--metric", "errorRate=1", "--metric", "errorRate=2"],
            2,
            "--metric names errorRate twice",
        ),
        (
            &["observe", "--id", "a", "--metric", "errorRate=101"],
            1,
            "metrics.errorRate: must be a number from 0 to 100",
        ),
        (
            &["observe", "--id", "a", "--metric", "errorCount=1"],
            1,
            "metrics: must have healthScore, errorRate or latencyP95Ms",
        ),
        (&["observe", "--id", "a", "--metric", "errorRat=1"], 1, "metrics.errorRat: unknown field"),
        (&["observe", "--id", "incident:1", "--metric", "errorRate=1"], 1, "deploymentId: must be a deployment"),
    ] {
        let refused = shell.call(words);
        assert_eq!(refused.code, code, "{words:?}: {refused:?}");
        assert!(refused.stderr.contains(says), "{words:?}: {}", refused.stderr);
    }
    assert_eq!(shell.call(&["verify", "observations:a"]).code, 3);
}
