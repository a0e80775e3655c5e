//! `GET /v1/gate`: whether a version of a service may go to an environment, from the events on.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::world::{Answer, at};
use tests::{Fault, World};

mod bad;
pub(crate) mod cost;
mod freeze;
mod overridden;
mod past;

/// The usual gate of production.
fn settings() -> Value {
    json!({
        "environments": [
            {"name": "staging", "aliases": ["stage"]},
            {"name": "production", "aliases": ["prod"],
             "gate": {"provenIn": "staging", "soakMinutes": 10, "notBad": true, "nothingActive": true}},
            {"name": "abroad"}],
        "services": [{"name": "cart", "aliases": ["shop-cart"]}],
        "freezes": [{"name": "audit", "environments": ["production"], "from": "2026-03-02T00:00:00Z",
                     "to": "2026-03-03T00:00:00Z", "except": ["search"]}],
    })
}

fn event(id: &str, seconds: i64, environment: &str, status: &str, version: &str) -> Value {
    json!({
        "deploymentId": id, "service": "cart", "environment": environment, "status": status, "version": version,
        "commit": format!("c0ffee{version}").replace('.', "0"), "occurredAt": at(seconds),
    })
}

async fn world() -> World {
    let mut world = World::new().await;
    assert_eq!(world.apply(&settings()).await.status, 201);
    world
}

async fn ask(world: &World, more: &str) -> Answer {
    world.get(&format!("/v1/gate?service=cart&environment=production&{more}")).await
}

/// The decision, and the outcomes of all checks by the first letter of each.
fn outcomes(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let outcomes =
        answer.body["checks"].as_array().unwrap().iter().map(|check| &check["outcome"].as_str().unwrap()[..1]);
    (answer.body["decision"].as_str().unwrap().to_owned(), outcomes.collect())
}

async fn expect(world: &World, more: &str, decision: &str, checks: &str) {
    let answer = ask(world, more).await;
    assert_eq!(outcomes(&answer), (decision.to_owned(), checks.to_owned()), "{more}: {:#}", answer.body);
}

#[tokio::test]
async fn a_version_goes_to_production_when_it_has_soaked_in_staging() {
    let world = world().await;
    expect(&world, "version=2", "DENY", "FFPPPN").await;
    world.post(&event("s-2", -600, "staging", "COMPLETED", "2")).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    expect(&world, "version=other&commit=c0ffee2", "ALLOW", "PPPPPN").await;
    expect(&world, "version=2&commit=abcdef1", "DENY", "FFPPPN").await;
    let answer = ask(&world, "version=2").await.body;
    assert_eq!((&answer["settings"], &answer["at"]), (&json!(1), &json!(at(0))));
    assert_eq!(answer["checks"][0]["evidence"][0]["deploymentId"], "s-2");
    let [before, after] = [at(-1), at(0)].map(String::from);
    assert_eq!(ask(&world, &format!("version=2&asOf={before}")).await.body["decision"], "DENY", "not soaked by then");
    assert_eq!(ask(&world, &format!("version=2&asOf={after}")).await.body["decision"], "ALLOW");
}

#[tokio::test]
async fn a_version_that_was_rolled_back_in_production_or_behind_it_stays_out() {
    let world = world().await;
    let staging: Vec<Value> = ["1", "2", "3", "4"]
        .iter()
        .zip(-1000..)
        .map(|(v, s)| event(&format!("s-{v}"), s, "staging", "COMPLETED", v))
        .collect();
    world.post(&json!(staging)).await;
    world.post(&event("p-1", -300, "production", "COMPLETED", "1")).await;
    world.post(&event("p-2", -290, "production", "COMPLETED", "2")).await;
    world.post(&event("p-2", -280, "production", "ROLLED_BACK", "2")).await;
    expect(&world, "version=2", "DENY", "PPFPPN").await;
    expect(&world, "version=1", "ALLOW", "PPPPPN").await;
    // It never completed there, and it failed in an environment behind it.
    world.post(&event("p-3", -270, "production", "ROLLED_BACK", "3")).await;
    world.post(&event("a-4", -270, "abroad", "COMPLETED", "4")).await;
    expect(&world, "version=4", "ALLOW", "PPPPPN").await;
    world.post(&event("a-4", -260, "abroad", "FAILED", "4")).await;
    expect(&world, "version=3", "DENY", "PPFPPN").await;
    expect(&world, "version=4", "DENY", "PPFPPN").await;
    // Undone in staging: not proven, although production knows nothing bad of it.
    world.post(&event("s-9", -250, "staging", "COMPLETED", "1")).await;
    expect(&world, "version=4&commit=c0ffee4", "DENY", "FFFPPN").await;
}

#[tokio::test]
async fn only_another_deployment_of_the_place_is_waited_for() {
    let world = world().await;
    world.post(&event("s-2", -3600, "staging", "COMPLETED", "2")).await;
    world.post(&event("p-2", -20, "production", "IN_PROGRESS", "2")).await;
    let mut search = event("other", -20, "production", "IN_PROGRESS", "2");
    search["service"] = json!("search");
    world.post(&search).await;
    world.post(&event("s-3", -20, "staging", "IN_PROGRESS", "3")).await;
    expect(&world, "version=2", "DENY", "PPPFPN").await;
    expect(&world, "version=2&deploymentId=p-2", "ALLOW", "PPPPPN").await;
    let answer = ask(&world, "version=2").await.body;
    assert_eq!(answer["checks"][3]["evidence"].as_array().unwrap().len(), 1, "{answer}");
    world.post(&event("p-2", -10, "production", "COMPLETED", "2")).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
}

#[tokio::test]
async fn names_can_be_aliases_and_what_was_recorded_under_one_counts() {
    let mut world = World::new().await;
    world.post(&event("s-2", -3600, "stage", "COMPLETED", "2")).await;
    world.post(&event("p-2", -3500, "prod", "ROLLED_BACK", "2")).await;
    assert_eq!(world.apply(&settings()).await.status, 201);
    let question = "/v1/gate?service=shop-cart&environment=prod&version=2";
    let answer = world.get(question).await;
    assert_eq!(outcomes(&answer), ("DENY".to_owned(), "PPFPPN".to_owned()), "{}", answer.body);
}

#[tokio::test]
async fn a_freeze_denies_while_it_holds_and_not_its_exceptions() {
    let world = world().await;
    for id in ["cart", "search"] {
        let mut event = event(id, -3600, "staging", "COMPLETED", "2");
        event["service"] = json!(id);
        world.post(&event).await;
    }
    for (service, time, decision) in [
        ("cart", "2026-03-01T23:59:59.999Z", "ALLOW"),
        ("cart", "2026-03-02T00:00:00.000Z", "DENY"),
        ("cart", "2026-03-02T23:59:59.999Z", "DENY"),
        ("cart", "2026-03-03T00:00:00.000Z", "ALLOW"),
        ("search", "2026-03-02T12:00:00.000Z", "ALLOW"),
    ] {
        let path = format!("/v1/gate?service={service}&environment=production&version=2&asOf={time}");
        let answer = world.get(&path).await.body;
        assert_eq!((&answer["decision"], &answer["at"]), (&json!(decision), &json!(time)), "{path}: {answer:#}");
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    let world = world().await;
    let fields = async |query: &str| {
        let answer = world.get(&format!("/v1/gate{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        let errors = answer.body["errors"].as_array().unwrap().clone();
        errors.into_iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(fields("").await, ["service", "environment", "version"]);
    assert_eq!(fields("?service=cart&version=1").await, ["environment"]);
    assert_eq!(fields("?service=cart&environment=production&version=1&commit=%00&asOf=soon").await, ["commit", "asOf"]);
    assert_eq!(fields("?service=cart&environment=production&version=1&enviroment=x").await, ["enviroment"]);
}

#[tokio::test]
async fn an_unknown_service_is_judged_and_without_settings_only_freezes_are_asked_for() {
    let world = world().await;
    let nobody = world.get("/v1/gate?service=nobody&environment=production&version=1").await;
    assert_eq!(outcomes(&nobody), ("DENY".to_owned(), "FFPPPN".to_owned()));
    for environment in ["pr-12", "lab"] {
        let path = format!("/v1/gate?service=nobody&environment={environment}&version=1");
        if environment == "lab" {
            // Settings list environments, and this is none of them: it may be misspelt.
            let answer = world.get(&path).await;
            assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!("environment")), "{answer:?}");
            world.post(&event("l-1", -60, "lab", "IN_PROGRESS", "1")).await;
        }
        assert_eq!(outcomes(&world.get(&path).await), ("ALLOW".to_owned(), "NNNNPN".to_owned()), "{environment}");
    }
    let world = World::new().await;
    let anywhere = world.get("/v1/gate?service=nobody&environment=anywhere&version=1").await;
    assert_eq!(outcomes(&anywhere), ("ALLOW".to_owned(), "NNNNPN".to_owned()));
}

#[tokio::test]
async fn what_was_undone_in_a_region_is_proven_again_when_it_lands_there_again() {
    let world = world().await;
    let in_region = |id: &str, seconds: i64, status: &str, region: &str| {
        let mut event = event(id, seconds, "staging", status, "2");
        event["region"] = json!(region);
        event
    };
    world.post(&in_region("eu-1", -9000, "COMPLETED", "eu")).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    world.post(&in_region("eu-1", -8000, "ROLLED_BACK", "eu")).await;
    expect(&world, "version=2", "DENY", "FFFPPN").await;
    world.post(&in_region("us-1", -7000, "COMPLETED", "us")).await;
    expect(&world, "version=2", "DENY", "FFFPPN").await;
    world.post(&in_region("eu-2", -6000, "COMPLETED", "eu")).await;
    // Proven, and bad until someone clears it.
    expect(&world, "version=2", "DENY", "PPFPPN").await;
}

#[tokio::test]
async fn beside_a_cell_of_an_earlier_version_the_log_says_what_was_undone() {
    let world = world().await;
    for (number, version) in ["1", "2", "1"].into_iter().enumerate() {
        let number = i64::try_from(number).unwrap();
        world.post(&event(&format!("s-{number}"), -9000 + number, "staging", "COMPLETED", version)).await;
    }
    expect(&world, "version=2&commit=c0ffee2", "DENY", "FFFPPN").await;
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let get = client.get_item().table_name(table).key("pk", text("LIVE#staging")).key("sk", text("cart"));
    let mut cell = get.send().await.unwrap().item.unwrap();
    let mut edited: Value = serde_json::from_str(cell["cell"].as_s().unwrap()).unwrap();
    assert!(edited.as_object_mut().unwrap().remove("kept").is_some());
    cell.insert("cell".to_owned(), text(&edited.to_string()));
    client.put_item().table_name(table).set_item(Some(cell)).send().await.unwrap();
    expect(&world, "version=2&commit=c0ffee2", "DENY", "FFFPPN").await;
}

#[tokio::test]
async fn where_something_can_t_be_read_nothing_is_allowed() {
    let mut world = world().await;
    world.post(&event("s-2", -3600, "staging", "COMPLETED", "2")).await;
    expect(&world, "version=2", "ALLOW", "PPPPPN").await;
    world.wire.reset();
    ask(&world, "version=2").await;
    let calls = world.wire.calls().len();
    for broken in 0..calls {
        world.wire.decide(move |number, _, _| if number == broken { Fault::Before } else { Fault::None });
        let question = "/v1/gate?service=cart&environment=production&version=2";
        match world.request("GET", question, &[], b"", at(0)).await {
            Err(_) => {}
            Ok(answer) => assert!(answer.status >= 500, "call {broken}: {answer:?}"),
        }
    }
    // Settings that were never read are no settings without a gate.
    world.restart_cold();
    world.wire.decide(|_, _, request| if request.contains("SETTINGS") { Fault::Before } else { Fault::None });
    assert_eq!(ask(&world, "version=1").await.status, 503);
}
