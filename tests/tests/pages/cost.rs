//! What the matrix costs: calls, rounds and bytes, counted.

use std::io::Read as _;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, IF_NONE_MATCH};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tests::World;
use tests::invocations::gateway_event;
use tests::world::at;

use super::event;

const ENVIRONMENTS: [&str; 8] = ["dev", "test", "qa", "uat", "staging", "pre", "prod-eu", "prod-us"];

/// So many services in eight environments: a third of them behind in each, a few under way.
async fn wide(services: usize) -> World {
    let mut world = World::new().await;
    let path: Vec<Value> = ENVIRONMENTS.iter().map(|name| json!({"name": name})).collect();
    world.apply(&json!({"environments": path})).await;
    let mut events = Vec::new();
    for (nth, environment) in (0..).zip(ENVIRONMENTS) {
        for service in 0..services {
            let name = format!("service-{service:03}");
            for version in 0..3 {
                if version == 2 && service % 3 == 0 && nth > 3 {
                    continue;
                }
                let id = format!("{name}-{environment}-{version}");
                let seconds = -100_000 + version * 10_000 + nth * 60;
                events.push(event(&id, seconds, &name, environment, &format!("1.{version}.0"), "COMPLETED"));
            }
        }
        let id = format!("running-{environment}");
        events.push(event(&id, -10, "service-001", environment, "1.3.0", "IN_PROGRESS"));
    }
    for some in events.chunks(100) {
        let answer = world.post(&json!(some)).await;
        assert!(answer.body.as_array().unwrap().iter().all(|one| one["outcome"] == "recorded"), "{answer:?}");
    }
    world.wire.reset();
    world
}

#[tokio::test]
async fn a_matrix_of_eight_environments_is_read_in_few_calls_whatever_the_number_of_services() {
    for services in [5, if tests::exhaustive() { 200 } else { 30 }] {
        let world = wide(services).await;
        let (status, headers, _) = world.page("/live").await;
        assert_eq!(status, 200);
        // The settings, which are read once a minute; the environments; the cells and what is under way of each; when
        // environments were retired; what people were told of what runs; and the deployments that are under way.
        let [first, again] = [2 + 20, 20];
        assert_eq!(world.wire.calls().len(), first);
        assert!(world.wire.rounds() <= 6, "{} rounds", world.wire.rounds());
        // To know that nothing changed, all of it is read again.
        world.wire.reset();
        let tag = headers["etag"].as_str().unwrap();
        let known = HeaderMap::from_iter([(IF_NONE_MATCH, tag.parse().unwrap())]);
        let answer = world.invoke_query(&gateway_event("GET", "/live", None, &known, b""), at(1)).await;
        assert_eq!(answer["statusCode"], 304);
        assert_eq!(world.wire.calls().len(), again);
        assert!(world.wire.rounds() <= 4, "{} rounds", world.wire.rounds());
        println!("{services} services: {} units", world.wire.units());
    }
}

#[tokio::test]
async fn a_function_that_is_warm_answers_what_it_read_within_ten_seconds() {
    let mut world = wide(5).await;
    world.query = world.query.remembering(10_000);
    let ask = gateway_event("GET", "/live", None, &HeaderMap::new(), b"");
    let title = |answer: &Value| {
        let body = answer["body"].as_str().unwrap();
        body.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.to_owned()
    };
    let first = world.invoke_query(&ask, at(0)).await;
    world.wire.reset();
    world.post(&event("bad", 0, "service-002", "prod-us", "1.3.0", "FAILED")).await;
    world.wire.reset();
    assert_eq!(title(&world.invoke_query(&ask, at(9)).await), title(&first));
    assert_eq!(world.wire.calls().len(), 0, "it is in memory");
    let later = world.invoke_query(&ask, at(10)).await;
    assert_ne!(title(&later), title(&first));
    assert_eq!(world.wire.calls().len(), 20);
    // What is asked of the past is read.
    world.wire.reset();
    let past = gateway_event("GET", "/live", Some(&format!("asOf={}", at(-5))), &HeaderMap::new(), b"");
    assert_eq!(title(&world.invoke_query(&past, at(11)).await), title(&first));
    assert!(!world.wire.calls().is_empty());
    // Other settings make another matrix.
    world.wire.reset();
    world.apply(&json!({"environments": [{"name": "prod-us"}]})).await;
    world.wire.reset();
    world.query.in_force().look_again();
    world.invoke_query(&ask, at(12)).await;
    assert!(world.wire.calls().len() > 10);
}

#[tokio::test]
async fn whoever_takes_gzip_gets_the_same_page_in_a_tenth_of_the_bytes() {
    let services = if tests::exhaustive() { 200 } else { 30 };
    let world = wide(services).await;
    let ask = |accept_encoding: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, "text/html".parse().unwrap());
        headers.insert(ACCEPT_ENCODING, accept_encoding.parse().unwrap());
        gateway_event("GET", "/live", None, &headers, b"")
    };
    let plain = world.invoke_query(&ask("identity"), at(0)).await;
    let zipped = world.invoke_query(&ask("gzip, deflate, br"), at(0)).await;
    assert_eq!((&plain["isBase64Encoded"], &zipped["isBase64Encoded"]), (&json!(false), &json!(true)));
    assert_eq!(zipped["headers"]["content-encoding"], "gzip");
    assert_eq!(zipped["headers"]["vary"], "accept-encoding");
    assert_eq!(zipped["headers"]["etag"], json!(format!("W/{}", plain["headers"]["etag"].as_str().unwrap())));
    let bytes = STANDARD.decode(zipped["body"].as_str().unwrap()).unwrap();
    let mut page = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut page).unwrap();
    assert_eq!(page, plain["body"].as_str().unwrap());
    assert!(bytes.len() * 10 < page.len(), "{} of {} bytes", bytes.len(), page.len());
    // 150 KB at 200 services in 8 environments.
    assert!(bytes.len() < 150_000 * services / 200, "{} bytes", bytes.len());
    println!("{services} services: {} bytes, {} by gzip", page.len(), bytes.len());
}
