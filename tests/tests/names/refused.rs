//! What is no name is refused at every door, and the error names the field and the character.

use serde_json::{Value, json};
use tests::{Door, Taken, World};

use super::encoded;

/// Names that hide something, and what the error says of each.
const HIDDEN: [(&str, &str); 13] = [
    ("a\u{0}", "U+0000"),
    ("a\u{1b}[31mb", "U+001B"),
    ("a\nb", "U+000A"),
    ("a\u{85}b", "U+0085"),
    ("\u{202e}dorp", "U+202E"),
    ("a\u{2066}b", "U+2066"),
    ("a\u{200b}b", "U+200B"),
    ("a\u{200d}b", "U+200D"),
    ("a\u{2028}b", "U+2028"),
    ("a\u{e000}b", "U+E000"),
    ("a\u{e0041}b", "U+E0041"),
    ("a\u{378}b", "U+0378"),
    ("a\u{feff}", "U+FEFF"),
];

fn errors(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    body["errors"].as_array().unwrap().iter().map(|e| (text(&e["field"]), text(&e["detail"]))).collect()
}

#[tokio::test]
async fn a_name_that_hides_something_is_refused_with_the_character_that_does() {
    let world = World::new().await;
    for (name, character) in HIDDEN {
        for field in
            ["service", "environment", "version", "commit", "artifact", "region", "release", "eventId", "stage"]
        {
            let mut event = json!({"deploymentId": "d-1", "status": "COMPLETED"});
            event[field] = json!(name);
            let answer = world.post(&event).await;
            assert_eq!(answer.status, 400, "{event}");
            let errors = errors(&answer.body);
            assert!(errors.len() == 1 && errors[0].0 == field && errors[0].1.ends_with(character), "{errors:?}");
            assert!(!answer.body.to_string().contains(name), "{}", answer.body);
        }
        for path in ["/v1/live?service=", "/v1/live?environment=", "/v1/deployments?version="] {
            let answer = world.get(&format!("{path}{}", encoded(name))).await;
            assert_eq!(answer.status, 400, "{path}{name:?}");
            let errors = errors(&answer.body);
            assert!(path.contains(&errors[0].0) && errors[0].1.ends_with(character), "{errors:?}");
        }
    }
    assert_eq!(world.get("/v1/catalog").await.body["services"], json!([]));
}

#[tokio::test]
async fn a_wrong_name_of_a_tool_is_refused_where_no_rule_has_another() {
    let mut world = World::new().await;
    let payload = |environment: &str| {
        json!({
            "object_kind": "deployment", "status": "success", "status_changed_at": "2026-03-01 11:00:00 +0000",
            "deployment_id": 15, "environment": environment, "project": {"path_with_namespace": "shop/cart"},
            "short_sha": "279484c0", "ref": "main",
        })
        .to_string()
        .into_bytes()
    };
    let sent = payload("dev\u{200d}eloper");
    let Taken::Answered(answer) = world.send(&Door::GitLab, &sent).await.unwrap() else { panic!("no answer") };
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(errors(&answer.body)[0].0, "environment");

    let ignored = json!([{"source": "gitlab", "when": {"environment": "dev*"}, "deployment": false}]);
    world.change_rules(&ignored);
    let Taken::Answered(answer) = world.send(&Door::GitLab, &sent).await.unwrap() else { panic!("no answer") };
    assert!(answer.status < 300, "{}", answer.body);

    let mapped = json!([{"source": "gitlab", "when": {"environment": "dev*"}, "environment": "development"}]);
    world.change_rules(&mapped);
    let Taken::Answered(answer) = world.send(&Door::GitLab, &sent).await.unwrap() else { panic!("no answer") };
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(world.get("/v1/live").await.body["items"][0]["environment"], "development");
}
