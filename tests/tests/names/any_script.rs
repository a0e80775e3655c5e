//! Each name is found again, by itself and in every list, on pages of any size.

use std::collections::BTreeSet;

use domain::Service;
use domain::identifiers::Identifier as _;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{NAMES, all, deploy, encoded, sorted};

/// Some services in each environment: every name is both, and each place is one of its own.
fn places(names: &[String]) -> Vec<(&str, &str)> {
    let next = |from: usize, by: usize| names[(from + by) % names.len()].as_str();
    (0..names.len()).flat_map(|one| [0, 1, 5].map(|by| (next(one, by), next(one, 0)))).collect()
}

async fn with(names: &[String]) -> World {
    let world = World::new().await;
    for (number, (service, environment)) in places(names).into_iter().enumerate() {
        deploy(&world, &format!("d-{number}"), i64::try_from(number).unwrap(), service, environment).await;
    }
    world
}

async fn expect_all_found(names: &[String]) {
    let world = with(names).await;
    world.expect_state_is_history().await;
    let places = places(names);
    let expected: BTreeSet<(String, String)> =
        places.iter().map(|(service, environment)| ((*service).to_owned(), (*environment).to_owned())).collect();
    assert_eq!(expected.len(), places.len());
    let place = |item: &Value| {
        let name = |field: &str| item[field].as_str().unwrap().to_owned();
        (name("service"), name("environment"))
    };
    for limit in [1, 2, 7, 100] {
        for path in ["/v1/live", "/v1/deployments"] {
            let items = all(&world, path, limit).await;
            assert_eq!(items.len(), expected.len(), "{path} by {limit}");
            assert_eq!(items.iter().map(place).collect::<BTreeSet<_>>(), expected, "{path} by {limit}");
        }
        let services = all(&world, "/v1/catalog", limit).await;
        let mut wanted = names.to_vec();
        wanted.sort();
        assert_eq!(sorted(&services, "service"), wanted, "catalog by {limit}");
        assert!(services.iter().all(|service| service["environments"].as_array().unwrap().len() == 3), "{services:?}");
    }
    for name in names {
        for field in ["service", "environment"] {
            let of_name: BTreeSet<_> = expected
                .iter()
                .filter(|(service, environment)| *name == *if field == "service" { service } else { environment })
                .cloned()
                .collect();
            for path in ["/v1/live", "/v1/deployments"] {
                let path = format!("{path}?{field}={}", encoded(name));
                for limit in [1, 100] {
                    let items = all(&world, &path, limit).await;
                    assert_eq!(items.len(), of_name.len(), "{path}");
                    assert_eq!(items.iter().map(place).collect::<BTreeSet<_>>(), of_name, "{path}");
                }
            }
            let metrics = world.get_at(&format!("/v1/metrics?hours=24&{field}={}", encoded(name)), at(3600)).await;
            assert_eq!(metrics.body["deployments"]["completed"], of_name.len(), "{name}: {}", metrics.body);
        }
        let versions = world.get(&format!("/v1/catalog?service={}", encoded(name))).await.body;
        assert_eq!(versions["versions"][0]["version"], format!("{name} 1"), "{versions}");
        let version = all(&world, &format!("/v1/deployments?version={}", encoded(&format!("{name} 1"))), 2).await;
        assert_eq!(version.len(), 3, "{name}");
    }
    let before = all(&world, &format!("/v1/live?asOf={}", at(0)), 5).await;
    assert_eq!(before.iter().map(place).collect::<Vec<_>>(), [(names[0].clone(), names[0].clone())]);
}

#[tokio::test]
async fn names_in_any_script_are_found_in_every_list_on_pages_of_any_size() {
    expect_all_found(&NAMES.map(str::to_owned)).await;
}

#[tokio::test]
async fn any_names_are_found_in_every_list_on_pages_of_any_size() {
    let mut runner = TestRunner::default();
    let name = "[#§n%2 3a]{1,4}|\\PC{1,30}".prop_filter("a name", |text| Service::parse(text).is_ok());
    let mut names = BTreeSet::new();
    while names.len() < 20 {
        let name = name.new_tree(&mut runner).unwrap().current();
        names.insert(Service::parse(&name).unwrap().as_str().to_owned());
    }
    eprintln!("{names:?}");
    expect_all_found(&names.into_iter().collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_name_of_the_longest_kind_is_recorded_and_found() {
    let world = World::new().await;
    for (number, name) in
        ["#".repeat(128), "生".repeat(128), format!("{}{}", "🚀".repeat(85), "#".repeat(43))].into_iter().enumerate()
    {
        deploy(&world, &format!("d-{number}"), 0, &name, &name).await;
        let live = world.get(&format!("/v1/live?service={0}&environment={0}", encoded(&name))).await.body;
        assert_eq!(live["items"][0]["service"], name, "{live}");
    }
    assert_eq!(all(&world, "/v1/live", 1).await.len(), 3);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn an_active_deployment_is_found_and_a_removal_takes_it_away() {
    let world = World::new().await;
    for (number, name) in NAMES.iter().enumerate() {
        let event = |status: &str, kind: &str, id: &str| {
            json!({"deploymentId": format!("{id}-{number}"), "type": kind, "status": status, "service": name,
                "environment": name, "version": "1", "occurredAt": at(0)})
        };
        for event in [event("COMPLETED", "deployment", "d"), event("IN_PROGRESS", "deployment", "e")] {
            assert_eq!(world.post(&event).await.status, 201, "{event}");
        }
        let active = world.get(&format!("/v1/deployments/active?environment={}", encoded(name))).await.body;
        assert_eq!(sorted(active["items"].as_array().unwrap(), "deploymentId"), [format!("e-{number}")]);
        assert_eq!(world.post(&event("COMPLETED", "removal", "f")).await.status, 201);
    }
    assert_eq!(all(&world, "/v1/deployments/active", 5).await.len(), NAMES.len());
    assert!(all(&world, "/v1/live", 5).await.iter().all(|cell| cell["version"].is_null()));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn two_ways_to_write_an_accent_are_one_name_and_one_event() {
    let world = World::new().await;
    let (composed, decomposed) = ("Gr\u{f6}\u{df}e", "Gro\u{308}\u{df}e");
    let event = |name: &str, id: &str| {
        json!({"deploymentId": id, "eventId": name, "status": "COMPLETED", "occurredAt": at(0), "service": name,
            "environment": name, "version": name})
    };
    assert_eq!(world.post(&event(composed, "d-1")).await.status, 201);
    assert_eq!(world.post(&event(decomposed, "d-1")).await.status, 200, "a duplicate");
    assert_eq!(world.post(&event(decomposed, "d-2")).await.status, 201);
    let live = world.get(&format!("/v1/live?service={}", encoded(decomposed))).await.body;
    assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
    assert_eq!(live["items"][0]["version"], composed);
    assert_eq!(all(&world, "/v1/catalog", 10).await.len(), 1);
    world.expect_state_is_history().await;
}
