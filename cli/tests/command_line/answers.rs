//! The real server's answers to each request of each command, for tests that change something in them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::history::{get, record};
use crate::server::{ReceivedRequest, empty};

/// The deployment that all answers are about.
pub(crate) const ID: &str = "d-1";

/// Every command that sends requests, and its exit code.
pub(crate) const COMMANDS: &[(&[&str], i32)] = &[
    (&["status", ID], 0),
    (&["history"], 0),
    (&["history", "--all"], 0),
    (&["active"], 0),
    (&["live"], 0),
    (&["live", "--environment", "e"], 0),
    (&["metrics"], 0),
    (&["watch", ID, "--interval", "100ms"], 5),
    (&["verify", ID], 0),
    (&["record", "--id", ID, "--status", "failed"], 0),
    (&["config", "--resolve"], 0),
    // Near names are suggested from these answers.
    (&["status", "d-"], 3),
    (&["live", "--service", "owned"], 3),
];

/// The answer to a path, and its status code.
pub(crate) type Answers = BTreeMap<&'static str, (u16, Value)>;

/// What the real server answers, of a deployment with all fields. It must be called
/// before another server's answer needs it: all servers share the threads that they answer on.
pub(crate) fn all() -> &'static Answers {
    static ANSWERS: OnceLock<Answers> = OnceLock::new();
    ANSWERS.get_or_init(|| {
        let url = empty();
        record(
            &url,
            &[
                json!({"deploymentId": ID, "status": "IN_PROGRESS", "service": "s", "environment": "e", "version": "2",
                       "commit": "abc", "artifact": "art", "buildNumber": "7", "region": "eu", "release": "r",
                       "triggeredBy": {"kind": "MANUAL", "actor": "ada", "reason": "why"}, "notes": "note",
                       "links": {"run": "https://ci.example.com/1"}, "metadata": {"a": "b"}}),
                json!({"deploymentId": ID, "type": "stage", "stage": "CHECK", "status": "COMPLETED"}),
                json!({"deploymentId": ID, "type": "stage", "stage": "SHIP", "status": "IN_PROGRESS"}),
                json!({"deploymentId": ID, "status": "ROLLED_BACK", "rollbackTo": "1",
                       "error": {"code": "E1", "message": "broken"}, "metrics": {"healthScore": 12.5}}),
                json!({"deploymentId": "d-2", "status": "IN_PROGRESS", "service": "s", "environment": "e", "version": "3",
                       "triggeredBy": {"kind": "AUTOMATIC", "actor": "bot"}, "stage": "CHECK"}),
                json!({"deploymentId": "d-3", "status": "COMPLETED", "service": "s", "environment": "e", "version": "1"}),
            ],
        );
        let paths = [
            "/v1/deployments",
            "/v1/deployments/active",
            "/v1/deployments/d-1",
            "/v1/deployments/d-1/events",
            "/v1/deployments/d-1/verify",
            "/v1/live",
            "/v1/metrics",
            "/v1/catalog",
            "/v1/settings",
            "/healthz",
        ];
        let answer = |path| (path, (200, serde_json::from_str(&get(&url, path)).unwrap()));
        let mut answers: Answers = paths.map(answer).into();
        let receipt = json!({"deploymentId": ID, "eventId": "e", "sequence": 1, "outcome": "recorded", "status": "FAILED"});
        answers.insert("/v1/events", (201, receipt));
        let problem = json!({"type": "about:blank", "title": "Not Found", "status": 404, "detail": "no such deployment",
                             "instance": "i-1", "errors": [{"field": "f", "detail": "wrong"}]});
        answers.insert("/v1/deployments/d-", (404, problem));
        answers
    })
}

/// The answer to this, among these.
pub(crate) fn answer(answers: &Answers, request: &ReceivedRequest) -> (u16, Value) {
    let nothing = request.uri.query().is_some_and(|query| query.contains("service=owned"));
    match answers.get(request.uri.path()) {
        Some(_) if nothing => (200, json!({"items": [], "nextCursor": null})),
        Some(answer) => answer.clone(),
        None => (500, json!({"type": "about:blank", "title": "x", "status": 500, "detail": request.uri.path()})),
    }
}

/// Where the texts of an answer stand, as JSON pointers.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(at.to_owned()),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{at}/{index}"), found));
            }
            Value::Object(fields) => fields.iter().for_each(|(name, item)| walk(item, &format!("{at}/{name}"), found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

#[test]
fn each_command_does_with_these_answers_what_it_does() {
    let answers = all();
    let double = crate::server::Double::answering(move |_, request| {
        let (status, body) = answer(answers, request);
        (status, &[], body.to_string())
    });
    for (words, code) in COMMANDS {
        let called = crate::called::Shell::at(&double.url).call(words);
        assert_eq!(called.code, *code, "{words:?}: {}{}", called.stdout, called.stderr);
    }
    assert!(double.requests().iter().all(|request| all().contains_key(request.uri.path())));
}
