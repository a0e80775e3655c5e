//! `gate` and `assert`: may it go there, and does what is expected run there?

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::{get, record};
use crate::server::{Double, empty};

fn event(id: &str, at: &str, environment: &str, status: &str, version: &str) -> Value {
    json!({
        "deploymentId": id, "service": "cart", "environment": environment, "status": status, "version": version,
        "occurredAt": format!("2026-03-01T{at}:00Z"),
    })
}

/// A server whose production lets in what is proven in staging.
fn guarded() -> (String, Shell) {
    let url = empty();
    let settings = json!({"environments": [
        {"name": "staging"},
        {"name": "production", "gate": {"provenIn": "staging", "soakMinutes": 60, "notBad": true, "nothingActive": true}}
    ]});
    let shell = Shell::at(&url);
    let applied = shell.call_with(&["settings", "apply", "-"], &settings.to_string());
    assert_eq!(applied.code, 0, "{applied:?}");
    record(
        &url,
        &[
            event("s-1", "10:00", "staging", "COMPLETED", "1"),
            event("p-1", "11:30", "production", "COMPLETED", "1"),
            event("s-2", "12:00", "staging", "COMPLETED", "2"),
        ],
    );
    (url, shell)
}

#[test]
fn a_version_that_may_go_is_allowed_and_another_is_denied_with_all_that_is_lacking() {
    let (_, shell) = guarded();
    let at = ["--as-of", "2026-03-01T12:30:00.000Z"];
    let allowed =
        shell.call(&[&["gate", "cart@2", "production"][..], &["--as-of", "2026-03-01T13:00:00.000Z"]].concat());
    assert_eq!(
        allowed.succeeded(),
        "CHECK            OUTCOME      DETAIL\n\
         provenIn         ✓ passed     2 landed in staging at 2026-03-01T12:00:00.000Z\n\
         soakMinutes      ✓ passed     2 has soaked in staging for 60 minutes since 2026-03-01T13:00:00.000Z\n\
         notBad           ✓ passed     2 is not bad in staging, production\n\
         nothingActive    ✓ passed     no other deployment of cart to production is active\n\
         freeze           ✓ passed     no freeze holds for cart in production\n\
         releaseComplete  - not asked  the settings do not ask for it\n\
         \n\
         ✓ allowed: 2 of cart to production\n"
    );
    let denied = shell.call(&[&["gate", "cart@2", "-e", "production", "-o", "text"][..], &at].concat());
    assert_eq!(denied.code, 5);
    assert_eq!(
        denied.stderr,
        "deployment-status: denied: 2 of cart to production\n  \
         soakMinutes: 2 landed in staging at 2026-03-01T12:00:00.000Z, less than 60 minutes ago; \
         it passes at 2026-03-01T13:00:00.000Z\n"
    );
    let soak = denied.stdout.lines().nth(1).unwrap();
    assert_eq!(
        soak,
        "soakMinutes\tFAILED\t2 landed in staging at 2026-03-01T12:00:00.000Z, less than 60 minutes ago; \
         it passes at 2026-03-01T13:00:00.000Z"
    );
    let json = shell.call(&[&["gate", "cart@2", "production", "-o", "json"][..], &at].concat());
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &answer["decision"], &answer["settings"]), (5, &json!("DENY"), &json!(1)));
    let lines = shell.call(&[&["gate", "cart@2", "production", "-o", "jsonl"][..], &at].concat()).stdout;
    let checks: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(checks), answer["checks"]);
}

#[test]
fn what_is_not_decided_is_not_allowed() {
    let (_, shell) = guarded();
    assert_eq!(Shell::at("http://127.0.0.1:1").call(&["gate", "cart@1", "production"]).code, 1);
    for body in ["{}", r#"{"decision":"MAYBE","checks":[],"settings":1,"at":"2026-03-01T12:00:00Z"}"#] {
        let other = Double::always(200, &[], body);
        assert_eq!(Shell::at(&other.url).call(&["gate", "cart@1", "production"]).code, 1, "{body}");
    }
    let missing = Double::always(404, &[], r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no"}"#);
    assert_eq!(Shell::at(&missing.url).call(&["gate", "cart@1", "production"]).code, 1);
    for words in [&["gate", "cart", "production"][..], &["gate", "cart@1"], &["gate", "cart@1", "x", "--record", "#"]] {
        assert_eq!(shell.call(words).code, 2, "{words:?}");
    }
}

#[test]
fn a_decision_is_recorded_as_a_stage_of_the_deployment_and_a_denied_one_has_not_begun() {
    let (url, shell) = guarded();
    let status = |id: &str| -> Value { serde_json::from_str(&get(&url, &format!("/v1/deployments/{id}"))).unwrap() };
    assert_eq!(shell.call(&["gate", "cart@2", "production", "--record", "p-2"]).code, 0);
    let allowed = status("p-2");
    assert_eq!((&allowed["status"], &allowed["error"]), (&json!("PENDING"), &Value::Null));
    assert_eq!((&allowed["stages"][0]["stage"], &allowed["version"]), (&json!("gate"), &json!("2")));
    let trail: Value = serde_json::from_str(&get(&url, "/v1/deployments/p-2/events")).unwrap();
    let gate = &trail["items"][0]["event"]["metadata"]["gate"];
    assert_eq!((&gate["decision"], &gate["settings"]), (&json!("ALLOW"), &json!(1)));
    // It is computed again for its time.
    let at = gate["at"].as_str().unwrap();
    let again =
        format!("/v1/gate?service=cart&environment=production&version=2&deploymentId=p-2&asOf={at}&knownAt={at}");
    assert_eq!(serde_json::from_str::<Value>(&get(&url, &again)).unwrap(), *gate);
    let denied = shell.call(&["gate", "cart@3", "production", "--record", "p-3", "--commit", "abc1234"]);
    assert_eq!(denied.code, 5, "{denied:?}");
    let denied = status("p-3");
    assert_eq!((&denied["status"], &denied["error"]["code"]), (&json!("CANCELLED"), &json!("GATE_DENIED")));
    assert_eq!(denied["commit"], "abc1234");
    let said = denied["error"]["message"].as_str().unwrap();
    assert!(said.starts_with("3 has not landed in staging; it passes when it does; "), "{said}");
    let active: Value = serde_json::from_str(&get(&url, "/v1/deployments/active")).unwrap();
    assert_eq!(active["items"], json!([]));
    // It begins all the same.
    record(&url, &[event("p-3", "12:45", "production", "IN_PROGRESS", "3")]);
    assert_eq!(status("p-3")["status"], "IN_PROGRESS");
}

#[test]
fn a_decision_that_can_t_be_recorded_is_a_failure_whatever_it_was() {
    let answer = r#"{"decision":"ALLOW","checks":[],"settings":1,"at":"2026-03-01T12:00:00Z"}"#;
    let refusing = Double::answering(move |_, request| match request.uri.path() {
        "/v1/gate" => (200, &[], answer.to_owned()),
        _ => {
            (409, &[], r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"another place"}"#.to_owned())
        }
    });
    let shell = Shell::at(&refusing.url);
    let failed = shell.call(&["gate", "cart@1", "production", "--record", "p-1"]).failed(1);
    assert_eq!(failed, "deployment-status: the decision is not recorded: another place\n  It was ALLOW.\n");
    assert_eq!(shell.call(&["gate", "cart@1", "production"]).code, 0);
    let asked = refusing.requests()[0].uri.query().unwrap().to_owned();
    assert!(asked.contains("deploymentId=p-1"), "{asked}");
}

#[test]
fn what_runs_is_asserted_and_each_difference_is_told() {
    let (url, shell) = guarded();
    let fine = shell.call(&["assert", "cart@1", "-e", "production"]);
    assert_eq!(fine.succeeded(), "What runs in production is what is expected.\n");
    let mut main = event("w-1", "12:00", "production", "COMPLETED", "main");
    (main["service"], main["commit"]) = (json!("web"), json!("1a2b3c4d5e6f"));
    let region = |id: &str, region: &str, version: &str| {
        let mut event = event(id, "12:00", "production", "COMPLETED", version);
        (event["service"], event["region"]) = (json!("search"), json!(region));
        event
    };
    record(&url, &[main, region("r-1", "eu-west-1", "5"), region("r-2", "us-west-2", "4")]);
    for words in [["assert", "web@main@1a2b3c4", "-e", "production"], ["assert", "web@main", "-e", "production"]] {
        assert_eq!(shell.call(&words).code, 0, "{words:?}");
    }
    let words = ["assert", "cart@2", "web@main@9999999", "search@5", "nothing@1", "-e", "production"];
    let differs = shell.call(&words);
    assert_eq!(differs.code, 5, "{differs:?}");
    assert_eq!(differs.stderr, "deployment-status: 4 services in production run something else than is expected\n");
    assert_eq!(
        differs.stdout,
        "SERVICE  EXPECTED      LIVE\n\
         cart     2             1\n\
         web      main@9999999  main@1a2b3c4\n\
         search   5             5 · us-west-2 4\n\
         nothing  1             -\n"
    );
    let text = shell.call(&[&words[..], &["-o", "text"]].concat());
    assert_eq!(text.stdout, "cart\t2\t1\nweb\tmain@9999999\tmain@1a2b3c4\nsearch\t5\t4,5\nnothing\t1\t\n");
    let lines = shell.call(&[&words[..], &["-o", "jsonl"]].concat());
    let first: Value = serde_json::from_str(lines.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first, json!({"service": "cart", "environment": "production", "expected": "2", "live": ["1"]}));
    let earlier = shell.call(&["assert", "cart@1", "-e", "production", "--as-of", "2026-03-01T11:00:00Z"]);
    assert_eq!(earlier.code, 5, "{earlier:?}");
    assert_eq!(shell.call(&["assert", "cart@1"]).code, 2);
    assert_eq!(Shell::at("http://127.0.0.1:1").call(&["assert", "cart@1", "-e", "production"]).code, 1);
}

#[test]
fn an_override_goes_on_loudly_and_is_part_of_the_recorded_decision() {
    let (url, shell) = guarded();
    let status = |id: &str| -> Value { serde_json::from_str(&get(&url, &format!("/v1/deployments/{id}"))).unwrap() };
    assert_eq!(shell.call(&["gate", "cart@3", "production", "--record", "p-3"]).code, 5);
    assert_eq!(status("p-3")["status"], "CANCELLED");
    let words = ["gate", "cart@3", "production", "--record", "p-3", "--override", "fixes the outage", "--actor", "ada"];
    let overridden = shell.call(&words);
    assert_eq!(overridden.code, 0, "{overridden:?}");
    assert_eq!(
        overridden.stderr,
        "OVERRIDDEN: 3 of cart to production was denied by provenIn, soakMinutes.\n\
         It goes on all the same, and that is recorded: fixes the outage\n"
    );
    assert!(!overridden.stdout.contains("allowed"), "{}", overridden.stdout);
    let waits = status("p-3");
    assert_eq!((&waits["status"], &waits["error"]), (&json!("PENDING"), &Value::Null), "it is not over");
    let stage = &waits["stages"][0];
    assert_eq!((&stage["status"], &stage["error"]["code"]), (&json!("COMPLETED"), &json!("GATE_OVERRIDDEN")));
    assert_eq!(stage["error"]["message"], "fixes the outage");
    let shown = shell.call(&["status", "p-3"]).succeeded();
    assert!(shown.contains("GATE_OVERRIDDEN: fixes the outage"), "{shown}");
    let trail: Value = serde_json::from_str(&get(&url, "/v1/deployments/p-3/events")).unwrap();
    let gate = &trail["items"][1]["event"]["metadata"]["gate"];
    assert_eq!((&gate["decision"], &gate["override"], &gate["settings"]), (&json!("DENY"), &json!(true), &json!(1)));
    assert_eq!((&gate["reason"], &gate["actor"]), (&json!("fixes the outage"), &json!("ada")));
    let sent: Value = serde_json::from_str(&get(&url, "/local/notifications")).unwrap();
    let sent = sent["items"].as_array().unwrap().iter().filter(|sent| sent["full"]["type"] == "GATE_OVERRIDDEN");
    assert_eq!(sent.count(), 1);
    // Nothing is overridden where nothing was denied.
    let allowed = shell.call(&["gate", "cart@2", "production", "--record", "p-2", "--override", "to be sure"]);
    assert_eq!(allowed.code, 0);
    assert!(allowed.stdout.contains("allowed") && allowed.stderr.is_empty(), "{allowed:?}");
    let trail: Value = serde_json::from_str(&get(&url, "/v1/deployments/p-2/events")).unwrap();
    let gate = &trail["items"][0]["event"]["metadata"]["gate"];
    assert_eq!((&gate["decision"], &gate["override"]), (&json!("ALLOW"), &Value::Null));
}

#[test]
fn a_version_is_called_bad_listed_and_cleared() {
    let (url, shell) = guarded();
    let marked = shell.call(&["bad", "mark", "cart@2", "--reason", "loses orders", "--actor", "ada"]);
    assert_eq!(marked.succeeded(), "cart 2 is called bad everywhere.\n");
    assert_eq!(shell.call(&["gate", "cart@2", "production"]).code, 5);
    let listed = shell.call(&["bad", "list", "-o", "text"]).succeeded();
    let fields: Vec<&str> = listed.trim_end_matches('\n').split('\t').collect();
    assert_eq!(fields[..6], ["cart", "2", "", "BAD", "MARKED", ""], "{listed}");
    assert_eq!(fields[8..], ["ada", "loses orders"], "{listed}");
    let table = shell.call(&["bad", "list"]).succeeded();
    assert!(table.starts_with("SERVICE  VERSION  WHY         ENVIRONMENT"), "{table}");
    assert!(table.contains("called bad  all") && table.contains("ada: loses orders"), "{table}");
    let json = shell.call(&["bad", "list", "-o", "json"]).succeeded();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["items"][0]["state"], "BAD");
    let cleared = shell.call(&["bad", "clear", "cart@2", "--reason", "the database", "-o", "json"]).succeeded();
    assert_eq!(serde_json::from_str::<Value>(&cleared).unwrap()["deploymentId"], "verdicts:cart");
    assert_eq!(shell.call(&["gate", "cart@2", "production"]).code, 0);
    let none = shell.call(&["bad", "list", "--service", "cart"]);
    assert_eq!((none.code, none.stderr.as_str()), (0, "No version is known to be bad.\n"));
    let all = shell.call(&["bad", "list", "--cleared"]).succeeded();
    assert!(all.contains("called bad, cleared"), "{all}");
    // In one environment, by a commit.
    let words = ["bad", "mark", "cart", "--commit", "c0ffee", "-e", "production", "--reason", "slow"];
    assert_eq!(shell.call(&words).succeeded(), "cart c0ffee is called bad in production.\n");
    // A default environment is neither taken nor passed over.
    let with_default = Shell::at(&url).with("DEPLOYMENT_STATUS_ENVIRONMENT", "staging");
    for action in ["mark", "clear"] {
        let refused = with_default.call(&["bad", action, "cart@2", "--reason", "slow"]);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains("the default environment staging"), "{}", refused.stderr);
        assert!(refused.stderr.contains("-e staging, or -e '' for everywhere"), "{}", refused.stderr);
    }
    let trail = get(&url, "/v1/deployments/verdicts:cart/events");
    let trail: Value = serde_json::from_str(&trail).unwrap();
    assert_eq!(trail["items"][2]["event"]["environment"], "production");
    assert_eq!(shell.call(&["bad", "mark", "cart@2", "--reason", " "]).code, 2);
    let cleared =
        |place: &str| with_default.call(&["bad", "clear", "cart@2", "-e", place, "--reason", "ok"]).succeeded();
    assert_eq!(cleared("staging"), "cart 2 is cleared in staging.\n");
    assert_eq!(cleared(""), "cart 2 is cleared everywhere.\n");
    assert_eq!(shell.call(&["verify", "verdicts:cart"]).code, 0);
}
