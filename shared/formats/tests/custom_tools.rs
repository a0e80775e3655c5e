//! The mappings of the documentation: each reads the payloads of its tool as `events/custom/expected.json` says,
//! and stands in its page as it stands in its file. `UPDATE_GOLDEN=1` writes the former anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::Timestamp;
use formats::{CustomSources, Outcome, Payload, Settings, explain};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/custom")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The tools that have a mapping.
fn tools() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut tools: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    tools.sort();
    tools
}

/// The payloads of a tool: each file with its text.
fn payloads(tool: &str) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder().join(tool)).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.ends_with("mapping.json"));
    files.map(|path| (format!("{tool}/{}", path.file_name().unwrap().to_str().unwrap()), text(&path))).collect()
}

fn sources(tool: &str) -> CustomSources {
    let mapping: Value = text(&folder().join(tool).join("mapping.json")).parse().unwrap();
    assert_eq!(mapping["name"], tool);
    CustomSources::parse(json!([mapping])).unwrap_or_else(|errors| panic!("{tool}: {errors:?}"))
}

/// All that becomes of a payload.
fn becomes(sources: &CustomSources, tool: &str, payload: &str) -> Value {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let door = sources.door(&format!("custom/{tool}"));
    let explanation = explain(door, &Payload::bare(payload.as_bytes()), &Settings::default(), now).unwrap().remove(0);
    match explanation.outcome {
        Outcome::Recorded => json!({"recorded": explanation.event}),
        Outcome::Ignored => json!({"ignored": explanation.reason}),
        Outcome::Refused => json!({"refused": explanation.errors}),
    }
}

#[test]
fn each_mapping_reads_the_payloads_of_its_tool() {
    let mut found = serde_json::Map::new();
    for tool in tools() {
        let sources = sources(&tool);
        let payloads = payloads(&tool);
        let of_tool = payloads.iter().map(|(file, payload)| (file.clone(), becomes(&sources, &tool, payload)));
        let of_tool: Vec<(String, Value)> = of_tool.collect();
        assert!(of_tool.iter().any(|(_, becomes)| becomes["recorded"]["status"] == "COMPLETED"), "{tool}");
        assert!(of_tool.iter().any(|(_, becomes)| becomes.get("ignored").is_some()), "{tool} sends more");
        assert!(of_tool.iter().all(|(_, becomes)| becomes.get("refused").is_none()), "{tool}: {of_tool:#?}");
        found.extend(of_tool);
    }
    let golden = folder().join("expected.json");
    let found = format!("{:#}\n", Value::Object(found));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, found).unwrap();
        return;
    }
    assert_eq!(found, text(&golden), "UPDATE_GOLDEN=1 cargo test -p formats custom_tools writes what was found");
    assert_eq!(tools().len(), 10);
}

#[test]
fn the_example_of_the_overview_can_be_read() {
    let page = text(&folder().join("../../docs/sources/custom.md"));
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let example: Value = example.parse().unwrap();
    let sources = CustomSources::parse(example["sources"].clone()).unwrap();
    assert!(sources.named("azure").is_some());
}

#[test]
fn each_page_shows_the_mapping_that_is_tried_and_its_payloads() {
    let docs = folder().join("../../docs/sources");
    let overview = text(&docs.join("custom.md"));
    for tool in tools() {
        let page = text(&docs.join(format!("custom/{tool}.md")));
        let mapping = text(&folder().join(&tool).join("mapping.json"));
        assert!(page.contains(&format!("```json\n{mapping}```\n")), "docs/sources/custom/{tool}.md has its mapping");
        for file in payloads(&tool).into_keys() {
            assert!(page.contains(&format!("events/custom/{file}")), "docs/sources/custom/{tool}.md names {file}");
        }
        assert!(overview.contains(&format!("(custom/{tool}.md)")), "docs/sources/custom.md links {tool}");
    }
}
