//! Tables: keys, indexes with what they include, the stream and the attribute of expiry are those of
//! the adapters' definitions, and there is nothing else.

use serde_json::Value;
use store::Table;
use store::tables::{Definition, KeyAttribute, KeyKind};

use super::drift::{self, Described, expect_none, expect_one};
use super::templates::{Installation, Templates};

/// The tables as the adapters define them, in the order of their definitions.
const TABLES: [&str; 2] = ["Storage.HistoryTable", "Storage.StateTable"];

/// What the adapters define.
fn defined(table: &Definition, expiring: bool) -> Described {
    let keys = |[partition, sort]: [KeyAttribute; 2]| format!("{}, {}", partition.name, sort.name);
    let mut all = Described::from([("its keys".to_owned(), keys(table.keys))]);
    let mut attributes = table.keys.to_vec();
    for index in table.indexes {
        attributes.extend(index.keys);
        let includes = if index.includes.is_empty() { "keys only".to_owned() } else { index.includes.join(", ") };
        all.insert(format!("index {}", index.name), format!("{}: {includes}", keys(index.keys)));
    }
    let kind = |kind| match kind {
        KeyKind::Text => "S".to_owned(),
        KeyKind::Number => "N".to_owned(),
    };
    all.extend(attributes.into_iter().map(|key| (format!("attribute {}", key.name), kind(key.kind))));
    if table.stream {
        all.insert("its stream".to_owned(), "NEW_AND_OLD_IMAGES".to_owned());
    }
    if let Some(attribute) = table.expires.filter(|_| expiring) {
        all.insert("its expiry".to_owned(), attribute.to_owned());
    }
    all
}

/// What a template has.
fn templated(table: &Value) -> Described {
    let text = |value: &Value| value.as_str().unwrap_or("nothing").to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let keys = |of: &Value| {
        let of_type = |kind: &str| list(&of["KeySchema"]).into_iter().find(|key| key["KeyType"] == kind);
        let name = |kind| of_type(kind).map_or("nothing".to_owned(), |key| text(&key["AttributeName"]));
        format!("{}, {}", name("HASH"), name("RANGE"))
    };
    let mut all = Described::from([("its keys".to_owned(), keys(table))]);
    for index in list(&table["GlobalSecondaryIndexes"]) {
        let projection = &index["Projection"];
        let includes = match projection["ProjectionType"].as_str() {
            Some("KEYS_ONLY") => "keys only".to_owned(),
            Some("INCLUDE") => list(&projection["NonKeyAttributes"]).iter().map(text).collect::<Vec<_>>().join(", "),
            _ => projection.to_string(),
        };
        all.insert(format!("index {}", text(&index["IndexName"])), format!("{}: {includes}", keys(&index)));
    }
    for attribute in list(&table["AttributeDefinitions"]) {
        all.insert(format!("attribute {}", text(&attribute["AttributeName"])), text(&attribute["AttributeType"]));
    }
    if let Some(stream) = table.get("StreamSpecification") {
        all.insert("its stream".to_owned(), text(&stream["StreamViewType"]));
    }
    if let Some(expiry) = table.get("TimeToLiveSpecification").filter(|expiry| expiry["Enabled"] == true) {
        all.insert("its expiry".to_owned(), text(&expiry["AttributeName"]));
    }
    if let Some(local) = table.get("LocalSecondaryIndexes") {
        all.insert("its local indexes".to_owned(), local.to_string());
    }
    all
}

/// `expiring` says whether the installation keeps history for a time only.
pub(crate) fn check(installation: &Installation, expiring: bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, definition) in TABLES.iter().zip(Table::ALL.map(Table::definition)) {
        let table = installation.properties(path);
        complaints.extend(drift::between(path, &defined(&definition, expiring), &templated(table)));
    }
    let further = installation.of_kind("AWS::DynamoDB::Table").filter(|(path, _)| !TABLES.contains(path));
    complaints.extend(further.map(|(path, _)| format!("{path} is a table that the code does not know")));
    for path in ["EventProcessor.Function", "StatusQuery.Function"] {
        let variables = &installation.properties(path)["Environment"]["Variables"];
        for (variable, table) in ["HISTORY_TABLE", "STATE_TABLE"].iter().zip(TABLES) {
            if variables[*variable] != format!("<{table}>") {
                complaints.push(format!("{path}: {variable} is {}, not {table}", variables[*variable]));
            }
        }
    }
    let read = &installation.properties("Witness.Function")["Environment"]["Variables"]["HISTORY_TABLE"];
    if *read != format!("<{}>", TABLES[0]) {
        complaints.push(format!("Witness.Function: HISTORY_TABLE is {read}, not {}", TABLES[0]));
    }
    complaints
}

#[test]
fn the_tables_are_those_of_the_adapters() {
    for (days, expiring) in [("0", false), ("90", true)] {
        expect_none(&check(&Templates::read().deploy(&[("HistoryRetentionDays", days)]).unwrap(), expiring));
    }
}

#[test]
fn a_table_that_differs_is_found() {
    let [history, state] = TABLES;
    for (path, pointer, value, says) in [
        (history, "/KeySchema/1/AttributeName", "sort", vec!["its keys is pk, sort in the template"]),
        (history, "/AttributeDefinitions/3/AttributeType", "S", vec!["attribute recordedAt is S"]),
        (history, "/StreamSpecification/StreamViewType", "KEYS_ONLY", vec!["its stream is KEYS_ONLY"]),
        (state, "/GlobalSecondaryIndexes/2/IndexName", "running", vec!["lacks index active", "index running"]),
        (state, "/GlobalSecondaryIndexes/0/Projection/ProjectionType", "ALL", vec!["index by-environment is"]),
        (state, "/GlobalSecondaryIndexes/1/Projection/NonKeyAttributes/1", "name", vec!["startedKey: ended, name"]),
        (state, "/GlobalSecondaryIndexes/1/KeySchema/0/AttributeName", "service", vec!["index by-service is service"]),
        (state, "/GlobalSecondaryIndexes/3/Projection/NonKeyAttributes/0", "ended", vec!["index by-finished is"]),
    ] {
        let mut installation = Installation::production();
        *installation.properties_mut(path).pointer_mut(pointer).unwrap() = value.into();
        let complaints = check(&installation, false);
        assert_eq!(complaints.len(), says.len(), "{complaints:#?}");
        for says in says {
            assert!(complaints.iter().any(|one| one.contains(path) && one.contains(says)), "{says}: {complaints:#?}");
        }
    }
}

#[test]
fn a_table_that_lacks_something_or_has_more_is_found() {
    let mut installation = Installation::production();
    installation.properties_mut(TABLES[0]).as_object_mut().unwrap().remove("StreamSpecification");
    expect_one(&check(&installation, false), &["Storage.HistoryTable", "lacks its stream (NEW_AND_OLD_IMAGES)"]);

    let mut installation = Installation::production();
    installation.properties_mut(TABLES[1])["GlobalSecondaryIndexes"].as_array_mut().unwrap().pop();
    expect_one(&check(&installation, false), &["Storage.StateTable", "lacks index by-finished"]);

    let expiring = Templates::read().deploy(&[("HistoryRetentionDays", "90")]).unwrap();
    expect_one(&check(&expiring, false), &["Storage.HistoryTable", "its expiry (expiresAt) is in the template only"]);

    let mut installation = Installation::production();
    let third = installation.0[TABLES[1]].clone();
    installation.0.insert("Storage.CacheTable".to_owned(), third);
    expect_one(&check(&installation, false), &["Storage.CacheTable is a table that the code does not know"]);

    let mut installation = Installation::production();
    installation.properties_mut("StatusQuery.Function")["Environment"]["Variables"]["STATE_TABLE"] = "other".into();
    expect_one(&check(&installation, false), &["StatusQuery.Function", "STATE_TABLE"]);
}
