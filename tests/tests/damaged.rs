//! Payloads with any one field, at any depth, removed, null, of another type, or far too long: each is
//! read, ignored, or refused with an error, and what is read of it stands in it. So nothing is guessed.
//!
//! The payloads are the samples in `events/`, and the real ones of other projects where they are.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use formats::{CustomSources, Door};
use serde_json::{Value, json};
use tests::any_bytes;

/// A payload with the door that it is for.
struct Payload {
    file: String,
    door: Door,
    headers: Vec<(&'static str, String)>,
    value: Value,
}

/// All files below a folder that are JSON.
fn files(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(value) = serde_json::from_slice(&std::fs::read(&path).unwrap()) {
            found.push((path, value));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn webhook(name: &str) -> Door {
    Door::named(name).expect("a webhook")
}

/// The door that a payload is for, by what is in it: our own files and others' have no common names.
fn door(file: &str, value: &Value) -> Door {
    if value.get("repository").is_some() && value.get("object_kind").is_none()
        || file.contains("github") && !file.contains("gitlab")
    {
        return webhook("github");
    }
    if value.get("object_kind").is_some() || file.contains("gitlab") {
        return webhook("gitlab");
    }
    if value.get("involvedObject").is_some() {
        return webhook("flux");
    }
    if file.contains("argo") {
        return webhook("argocd");
    }
    let envelope = ["detail-type", "detailType", "CodePipeline.job", "Records", "alarmArn"];
    if envelope.iter().any(|name| value.get(name).is_some()) { Door::Queue } else { Door::Events }
}

/// The door of a custom source, for a payload that stands beside its mapping.
fn custom(path: &Path) -> Option<Door> {
    let mapping = std::fs::read_to_string(path.with_file_name("mapping.json")).ok()?;
    let mapping: Value = mapping.parse().expect("JSON");
    let sources = CustomSources::parse(json!([mapping])).expect("a mapping");
    sources.all().map(|source| Door::Custom(source.clone())).next()
}

fn payloads() -> Vec<Payload> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let folders = [Some(own), tests::cases()];
    let mut payloads = Vec::new();
    for (path, mut value) in folders.iter().flatten().flat_map(|folder| files(folder)) {
        let file = path.display().to_string();
        if file.ends_with("expected.json") || file.ends_with("mapping.json") {
            continue;
        }
        drop_references(&mut value);
        let door = custom(&path).unwrap_or_else(|| door(&file, &value));
        if door == webhook("github") {
            for event in any_bytes::GITHUB_EVENTS.into_iter().filter(|event| value.get(*event).is_some()) {
                let headers =
                    vec![("content-type", "application/json".to_owned()), ("x-github-event", event.to_owned())];
                payloads.push(Payload { file: file.clone(), door: door.clone(), headers, value: value.clone() });
            }
        } else {
            let headers = vec![("content-type", "application/json".to_owned())];
            payloads.push(Payload { file, door, headers, value });
        }
    }
    payloads
}

/// Drops what is nine tenths of some payloads and read by nobody: GitHub's links between its own
/// resources, and who manages which field of a Kubernetes object.
fn drop_references(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let read = ["target_url", "log_url", "environment_url", "html_url", "commit_url", "deployable_url", "url"];
            object.retain(|name, _| {
                name != "managedFields" && (read.contains(&name.as_str()) || !name.ends_with("_url"))
            });
            object.values_mut().for_each(drop_references);
        }
        Value::Array(items) => {
            items.truncate(3);
            items.iter_mut().for_each(drop_references);
        }
        _ => {}
    }
}

/// The place of each field, at any depth, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    let mut inside = |name: &str, value: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        found.push((at.to_owned(), name.clone()));
        places(value, &format!("{at}/{name}"), found);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| inside(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| inside(&index.to_string(), value)),
        _ => {}
    }
}

/// `payload` with each field damaged in each way.
fn damaged(payload: &Value) -> impl Iterator<Item = Value> {
    let mut found = Vec::new();
    places(payload, "", &mut found);
    found.into_iter().flat_map(move |(parent, name)| {
        let pointer = format!("{parent}/{name}");
        let with = |new: Value| {
            let mut payload = payload.clone();
            *payload.pointer_mut(&pointer).unwrap() = new;
            payload
        };
        let mut without = payload.clone();
        match without.pointer_mut(&parent).unwrap() {
            Value::Object(object) => drop(object.remove(&name.replace("~1", "/").replace("~0", "~"))),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => unreachable!("only these have fields"),
        }
        let other = another_type(payload.pointer(&pointer).unwrap());
        [without, with(Value::Null), with(other), with(json!("x".repeat(10_000)))]
    })
}

fn another_type(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(7),
        Value::Number(_) => json!(true),
        Value::Bool(_) => json!("yes"),
        Value::Array(_) => json!({"a": 1}),
        Value::Object(_) | Value::Null => json!([1]),
    }
}

/// All texts and numbers of a payload, one after the other.
fn texts(value: &Value, into: &mut String) {
    match value {
        Value::String(text) => into.extend([text, "\n"]),
        Value::Number(number) => into.extend([number.to_string().as_str(), "\n"]),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(object) => {
            object.values().for_each(|value| texts(value, into));
            if let Some(text) = object.get("data_base64").and_then(Value::as_str) {
                let data = STANDARD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
                texts(&data.unwrap_or(Value::Null), into);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Reads a payload; what names a deployment must stand in it.
fn check(payload: &Payload, value: &Value) -> usize {
    let headers: Vec<(&str, &str)> = payload.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let explanations = any_bytes::check_with(&payload.door, &headers, value.to_string().as_bytes());
    let mut all = String::new();
    texts(value, &mut all);
    let all = percent_decoded(&all);
    let events: Vec<_> = explanations.iter().filter_map(|explanation| explanation.event.as_deref()).collect();
    for event in &events {
        let described = &event.named;
        let names = [
            described.service.as_ref().map(ToString::to_string),
            described.environment.as_ref().map(ToString::to_string),
            described.version.as_ref().map(ToString::to_string),
            described.commit.as_ref().map(ToString::to_string),
            event.rollback_to.as_ref().map(ToString::to_string),
        ];
        for name in names.into_iter().flatten() {
            assert!(all.contains(&name), "{}: {name:?} does not stand in {value}", payload.file);
        }
    }
    events.len()
}

/// A package URL writes some characters as `%40`.
fn percent_decoded(text: &str) -> String {
    form_urlencoded::parse(text.replace('+', "%2B").as_bytes())
        .map(|(name, value)| if value.is_empty() { name.into_owned() } else { format!("{name}={value}") })
        .fold(text.to_owned(), |all, part| all + "\n" + &part)
}

#[test]
fn a_mapping_with_one_damaged_field_is_taken_or_refused_with_that_field() {
    let (mut taken, mut refused) = (0, 0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/custom");
    for (path, mapping) in files(&folder).into_iter().filter(|(path, _)| path.ends_with("mapping.json")) {
        let payloads = files(path.parent().unwrap());
        let (_, payload) = payloads.iter().find(|(file, _)| !file.ends_with("mapping.json")).unwrap();
        for mapping in std::iter::once(mapping.clone()).chain(damaged(&mapping)) {
            let is_one = any_bytes::check_mapping(mapping.to_string().as_bytes(), payload.to_string().as_bytes());
            *(if is_one { &mut taken } else { &mut refused }) += 1;
        }
    }
    assert!(taken > 100 && refused > 500, "{taken} taken, {refused} refused");
}

#[test]
fn settings_with_one_damaged_field_are_taken_or_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/settings.md")).unwrap();
    let whole = page.split("```json\n").nth(1).and_then(|block| block.split("```").next()).unwrap();
    let mut whole: Value = serde_json::from_str(whole).unwrap();
    let example = std::fs::read_to_string(root.join("infra/examples/settings.json")).unwrap();
    let example: Value = serde_json::from_str(&example).unwrap();
    whole["rules"] = example["rules"].clone();
    whole["permissions"] = json!([{"who": "oidc:*", "may": ["override"], "environments": ["production"]}]);
    let (mut taken, mut refused) = (0, 0);
    for settings in [whole.clone(), example.clone()].into_iter().chain(damaged(&whole)) {
        let are_some = any_bytes::check_settings(settings.to_string().as_bytes());
        *(if are_some { &mut taken } else { &mut refused }) += 1;
    }
    assert!(taken > 50 && refused > 200, "{taken} taken, {refused} refused");
    assert!(any_bytes::check_settings(whole.to_string().as_bytes()), "the document of the page");
}

#[test]
fn a_payload_with_one_damaged_field_is_read_ignored_or_refused_and_never_guessed_at() {
    let payloads = payloads();
    let (mut whole, mut reads) = (0, 0_usize);
    for payload in &payloads {
        whole += check(payload, &payload.value);
        for damaged in damaged(&payload.value).step_by(tests::one_in(11)) {
            check(payload, &damaged);
            reads += 1;
        }
    }
    println!("{} payloads, of which {whole} are events; {reads} damaged ones", payloads.len());
    assert!(whole >= 60 && reads > 10_000 / tests::one_in(11), "{whole} events, {reads} damaged");
}
