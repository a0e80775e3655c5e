//! What must be the same after a story, whatever the order in which it was heard.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::arrival::{RECEIVED, report, tick};

type Item = HashMap<String, AttributeValue>;

/// When questions are asked: long after all was received.
const ASKED: i64 = RECEIVED + 4000;

/// All of it, each thing with a name.
pub(super) type Outcome = BTreeMap<String, String>;

/// What a story left in a world of these places, each of which is a service in production.
pub(super) async fn outcome(world: &World, services: &[&str], as_of: &[i64]) -> Outcome {
    let mut outcome = Outcome::new();
    // What nobody reports ends here: an hour after the receipt each deployment without an end is silent.
    tick(world, RECEIVED + 3600).await;
    world.publish().await.unwrap();
    // Which of many in a minute come by themselves depends on the order; that each comes does not.
    let mut notified = held(world).await;
    // Where what speaks against a deployment came before it landed, this looks again.
    tick(world, RECEIVED + 3660).await;
    world.expect_state_is_history().await;
    for question in questions(services, as_of) {
        let answer = world.get_at(&question, at(ASKED)).await;
        assert_eq!(answer.status, 200, "{question}: {answer:?}");
        outcome.insert(question, answer.body.to_string());
    }
    for deployment in world.get_at("/v1/deployments?limit=100", at(ASKED)).await.body["items"].as_array().unwrap() {
        let path = format!("/v1/deployments/{}", deployment["deploymentId"].as_str().unwrap());
        outcome.insert(path.clone(), world.get_at(&path, at(ASKED)).await.body.to_string());
    }
    notified.extend(held(world).await);
    notified.extend(world.wire.messages().iter().map(|message| message["dedupeId"].clone()));
    notified.retain(|id| !id.starts_with("DIGEST#"));
    notified.sort();
    outcome.insert("notified".to_owned(), notified.join(" "));
    // Of an inferred stage that is named after the ending was recorded, counts depend on that, as documented.
    let counted = super::counted(world).into_iter().filter(|(name, _)| !name.starts_with(r#""Stage"#));
    outcome.extend(counted.map(|(name, count)| (name, count.to_string())));
    // A cell takes in a retirement with the next ending of its place.
    let last = |service: &&str| {
        json!({"deploymentId": format!("last-{service}"), "service": service, "environment": "production",
            "status": "FAILED", "occurredAt": at(ASKED)})
    };
    report(world, &services.iter().map(last).collect::<Vec<Value>>(), ASKED).await;
    world.expect_state_is_history().await;
    let state = self::state(world).await.into_iter();
    let state = state.filter(|(key, _)| !key.starts_with(HELD) && !key.starts_with(LOOK));
    // Which record it was that changed a verdict depends on the order; that it was told does not.
    outcome.extend(state.map(|(key, item)| if key.contains(TOLD) { (key, "told".to_owned()) } else { (key, item) }));
    outcome
}

/// What the keys begin with of notes to look at a verdict again.
const LOOK: &str = "GAUGES #LOOK#";
/// What the keys have in them of notes that a verdict was told.
const TOLD: &str = " TOLD#";

/// Which notifications wait for their digest.
async fn held(world: &World) -> Vec<String> {
    let state = state(world).await;
    state.keys().filter_map(|key| Some(key.strip_prefix(HELD)?.split_once('#')?.1.to_owned())).collect()
}

/// What the keys begin with of notifications that wait for their digest.
const HELD: &str = "GAUGES #HELD#";

/// What is asked of services in production, some of it as of some seconds after noon.
fn questions(services: &[&str], as_of: &[i64]) -> Vec<String> {
    let mut live = vec!["/v1/live?retired=true".to_owned(), "/v1/live?region=eu".to_owned(), "/v1/live".to_owned()];
    live.extend(as_of.iter().map(|seconds| format!("/v1/live?asOf={}", at(*seconds))));
    let others = [
        "/v1/deployments?limit=100",
        "/v1/deployments?environment=production&limit=100",
        "/v1/deployments/active?limit=100",
        "/v1/catalog",
        "/v1/catalog?retired=true",
        "/v1/metrics?hours=2208",
    ];
    let of_service = services.iter().flat_map(|service| {
        [
            format!("/v1/deployments?environment=production&service={service}&limit=100"),
            format!("/v1/live?service={service}"),
            format!("/v1/bad?service={service}&cleared=true"),
            format!("/v1/bad?environment=production&asOf={}", at(20)),
            format!("/v1/catalog?service={service}&limit=100"),
        ]
    });
    live.into_iter().chain(others.map(str::to_owned)).chain(of_service).collect()
}

/// What records arrival itself; `kept` says which kinds of landings were ever kept in a place.
const OF_ARRIVAL: [&str; 6] = ["sequence", "headHash", "recordedAt", "revision", "knownFrom", "kept"];

/// All items of the state by their keys, without what records arrival itself: a cell's count of writes, when
/// an entry of a log came to be known, copies of entries that were corrected, and that a place was left.
async fn state(world: &World) -> Outcome {
    let scanned = world.embedded.client().scan().table_name(&world.embedded.tables.state).send().await.unwrap();
    assert_eq!(scanned.last_evaluated_key, None, "all of it is in one page");
    let mut items = Outcome::new();
    for mut item in scanned.items.unwrap() {
        let key = |name: &str| item[name].as_s().unwrap().clone();
        let (pk, sk) = (key("pk"), key("sk"));
        if item.contains_key("knownUntil") || (pk == "CATALOG" && sk.starts_with("LEFT#")) {
            continue;
        }
        item.retain(|name, _| !OF_ARRIVAL.contains(&name.as_str()));
        if let Some(cell) = item.get_mut("cell") {
            let mut fields: Value = serde_json::from_str(cell.as_s().unwrap()).unwrap();
            fields.as_object_mut().unwrap().retain(|name, _| !OF_ARRIVAL.contains(&name.as_str()));
            *cell = AttributeValue::S(fields.to_string());
        }
        items.insert(format!("{pk} {sk}"), text(&AttributeValue::M(item)));
    }
    items
}

/// A value with the fields of objects in the order of their names.
fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(fields) => {
            let fields: &Item = fields;
            let fields: BTreeMap<&String, String> = fields.iter().map(|(name, value)| (name, text(value))).collect();
            format!("{fields:?}")
        }
        AttributeValue::L(values) => format!("{:?}", values.iter().map(text).collect::<Vec<String>>()),
        other => format!("{other:?}"),
    }
}

/// Where two outcomes differ.
pub(super) fn differences(expected: &Outcome, other: &Outcome) -> Vec<String> {
    let names: BTreeSet<&String> = expected.keys().chain(other.keys()).collect();
    let differing = names.into_iter().filter(|name| expected.get(*name) != other.get(*name));
    differing.map(|name| format!("{name}\n  {:?}\n  {:?}", expected.get(name), other.get(name))).collect()
}
