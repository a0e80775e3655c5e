//! Situations from public reports of people who deploy: replayed through the real doors, and asked what
//! these people would ask next.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use domain::Timestamp;
use serde_json::{Value, json};
use tests::{Answer, Door, Taken, World};

/// What the system can't do yet, by the number of the case, with what it lacks.
const NOT_YET: [(&str, &str); 0] = [];

fn now() -> Timestamp {
    Timestamp::parse("2026-11-28T12:00:00Z").unwrap()
}

/// The cases by number; none where they are not there.
fn cases() -> BTreeMap<String, Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/reports");
    let files = fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let number = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap()[..2].to_owned();
    files.map(|path| (number(&path), serde_json::from_slice(&fs::read(&path).unwrap()).unwrap())).collect()
}

/// A body with its abbreviations written out.
fn expanded(value: &Value) -> Value {
    let times = |object: &Value| usize::try_from(object["$times"].as_u64().unwrap()).unwrap();
    match value {
        Value::Object(object) if object.contains_key("$repeat") => {
            json!(object["$repeat"].as_str().unwrap().repeat(times(value)))
        }
        Value::Object(object) if object.contains_key("$listof") => {
            json!(vec![expanded(&object["$listof"]); times(value)])
        }
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), expanded(value))).collect(),
        Value::Array(array) => array.iter().map(expanded).collect(),
        Value::String(text) => json!(with_times(text)),
        other => other.clone(),
    }
}

/// `$now+240` is a time.
fn with_times(text: &str) -> String {
    let Some(at) = text.find("$now") else { return text.to_owned() };
    let rest = &text[at + 4..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-".contains(c))).unwrap_or(rest.len());
    let seconds: i64 = rest[..end].parse().unwrap_or(0);
    let time = now().plus_millis(seconds * 1000).to_string().replace(".000Z", "Z");
    format!("{}{time}{}", &text[..at], &rest[end..])
}

async fn sent(world: &World, step: &Value) -> Option<Answer> {
    let door = match step["door"].as_str().unwrap() {
        "events" => Door::Events,
        "github" => Door::GitHub(step["headers"]["X-GitHub-Event"].as_str().unwrap().to_owned()),
        "gitlab" => Door::GitLab,
        "argocd" => Door::ArgoCd,
        "flux" => Door::Flux,
        "eventbridge" => Door::Queue,
        // What explains a payload records nothing.
        "explain" => return None,
        other => panic!("{other} is no door"),
    };
    let body = expanded(&step["body"]).to_string();
    match world.send_at(&door, body.as_bytes(), now()).await.unwrap() {
        Taken::Answered(answer) => Some(answer),
        _ => None,
    }
}

/// Whether `item` has all of these fields; null is none.
fn has(item: &Value, fields: &Value) -> bool {
    fields.as_object().unwrap().iter().all(|(name, value)| item[name] == *value)
}

async fn holds(world: &World, answers: &[Option<Answer>], check: &Value) -> bool {
    let contains = |text: &str| {
        let all = |name: &str| check[name].as_array().cloned().unwrap_or_default();
        all("contains").iter().all(|part| text.contains(part.as_str().unwrap()))
            && !all("notContains").iter().chain(&all("not")).any(|part| text.contains(part.as_str().unwrap()))
    };
    if let Some(step) = check["step"].as_u64() {
        let Some(answer) = &answers[usize::try_from(step).unwrap()] else { return true };
        let status = check["status"].as_u64().is_none_or(|status| status == answer.status);
        return status && contains(&answer.body.to_string());
    }
    let Some(path) = check["get"].as_str() else {
        // The command line has its own tests.
        assert!(check.get("cli").is_some(), "{check}");
        return true;
    };
    if path == "/local/notifications" {
        world.publish().await.unwrap();
        return contains(&json!(world.wire.messages()).to_string());
    }
    let body = world.get_at(&with_times(path), now()).await.body;
    if let Some(other) = check["equals"].as_str() {
        return body == world.get_at(&with_times(other), now()).await.body;
    }
    let items = body["items"].as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
    if let Some(count) = check["count"].as_u64() {
        return items.len() as u64 == count;
    }
    if let Some(none) = check.get("none") {
        return !items.iter().any(|item| has(item, none));
    }
    let found = items.iter().find(|item| check.get("where").is_none_or(|fields| has(item, fields)));
    let Some(found) = found else { return false };
    if let Some(regions) = check["regions"].as_object() {
        let of = |name: &str| found["regions"].as_array()?.iter().find(|region| region["region"] == name).cloned();
        return regions.iter().all(|(name, version)| of(name).is_some_and(|region| region["version"] == *version));
    }
    check.get("expect").is_none_or(|fields| has(found, fields)) && contains(&body.to_string())
}

#[tokio::test]
async fn what_people_reported_comes_out_right() {
    let cases = cases();
    if cases.is_empty() {
        println!("the cases are not here: nothing is replayed");
        return;
    }
    let mut wrong = Vec::new();
    for (number, case) in &cases {
        let mut world = World::new().await;
        if let Some(settings) = case.get("settings") {
            let applied = world.apply(settings).await;
            assert_eq!(applied.status, 201, "case {number}: {}", applied.body);
        }
        let mut answers = Vec::new();
        for step in case["steps"].as_array().unwrap() {
            answers.push(sent(&world, step).await);
        }
        let mut held = true;
        for check in case["checks"].as_array().into_iter().flatten() {
            let holds = holds(&world, &answers, check).await;
            if !holds {
                println!("case {number}: {check}");
            }
            held &= holds;
        }
        println!("case {number}: {}: {}", if held { "right" } else { "not yet" }, case["title"]);
        if !held {
            wrong.push(number.as_str());
        }
        world.expect_state_is_history().await;
    }
    let not_yet: Vec<&str> = NOT_YET.iter().map(|(number, _)| *number).collect();
    assert_eq!(wrong, not_yet, "what the system can't do yet is listed, and no more than that");
}
