//! What one environment runs beside another.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event_with, record};

fn landed(id: &str, seconds: i64, environment: &str, service: &str, version: &str) -> Value {
    event_with(id, seconds, "COMPLETED", &json!({"environment": environment, "service": service, "version": version}))
}

/// Records these, a hundred at a time.
async fn record_all(world: &World, events: &[Value]) {
    for some in events.chunks(100) {
        let answer = world.post_at(&json!(some), at(3600)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let recorded = answer.body.as_array().unwrap().iter().filter(|one| one["outcome"] == "recorded").count();
        assert_eq!(recorded, some.len(), "{answer:?}");
    }
}

async fn compared(world: &World, query: &str) -> Vec<Value> {
    let answer = world.get(&format!("/v1/compare?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

fn told(item: &Value) -> (String, Value, Value) {
    let name = format!("{} {}", item["service"].as_str().unwrap(), item["relation"].as_str().unwrap());
    (name, item["by"].clone(), item["more"].clone())
}

#[tokio::test]
async fn two_environments_with_two_hundred_services_cost_their_cells_however_long_their_history_is() {
    let (mut costs, mut matrices) = (Vec::new(), Vec::new());
    // The newest ten have two digits in both, so that their cells are of one size.
    for landings in [24, 36] {
        let world = World::new().await;
        let mut events = Vec::new();
        for service in 0..200 {
            let name = format!("s-{service:03}");
            // Half of them are behind; some of these long since.
            let behind = if service % 2 == 0 { 0 } else { 1 + service % 3 };
            let versions = if service < 20 { landings } else { 4 };
            for version in 0..versions {
                let id = format!("{name}-staging-{version}");
                events.push(landed(&id, version, "staging", &name, &version.to_string()));
            }
            let version = (versions - 1 - behind).to_string();
            events.push(landed(&format!("{name}-production"), 100, "production", &name, &version));
        }
        events.sort_by_key(|event| event["occurredAt"].to_string());
        record_all(&world, &events).await;
        world.wire.reset();
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let answer = world.get(&format!("/v1/compare?from=staging&to=production&limit=100{cursor}")).await;
            items.extend(answer.body["items"].as_array().unwrap().clone());
            let Some(next) = answer.body["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(items.len(), 200);
        let behind = items.iter().filter(|item| item["relation"] == "behind");
        let by: u64 = behind.clone().map(|item| item["by"].as_u64().unwrap()).sum();
        assert_eq!((behind.count(), by), (100, (0..200).filter(|n| n % 2 == 1).map(|n| 1 + n % 3).sum()));
        assert_eq!(items.iter().filter(|item| item["relation"] == "same").count(), 100);
        let of_compare = (world.wire.calls().len(), world.wire.count("BatchGetItem"), world.wire.units().to_string());
        world.wire.reset();
        let matrix = world.get("/v1/live?environment=production&difference=true&active=true&limit=100").await;
        let cells = matrix.body["items"].as_array().unwrap();
        let behind = cells.iter().filter(|cell| cell["difference"]["relation"] == "behind").count();
        assert_eq!((cells.len(), behind), (100, 50), "{matrix:?}");
        matrices.push((world.wire.calls().len(), world.wire.units().to_string()));
        costs.push(of_compare);
    }
    // Of each page the cells of both, the list of retirements, and the first landings that no cell tells.
    let [few, many] = costs.as_slice() else { panic!("{costs:?}") };
    assert_eq!(few, many, "flat in the length of history");
    assert!(many.0 <= 10 && many.1 <= 1, "{costs:?}");
    // Of a page of the matrix besides these what is active.
    let [few, many] = matrices.as_slice() else { panic!("{matrices:?}") };
    assert_eq!(few, many, "flat in the length of history");
    assert!(many.0 <= 8, "{matrices:?}");
}

#[tokio::test]
async fn who_lags_further_than_a_page_of_the_log_is_said_to_lag_by_at_least_that() {
    let world = World::new().await;
    let events: Vec<Value> =
        (0..130).map(|n| landed(&format!("d-{n}"), n, "staging", "cart", &n.to_string())).collect();
    record_all(&world, &events).await;
    record(&world, &[landed("p-1", 200, "production", "cart", "0")]).await;
    let item = &compared(&world, "from=staging&to=production").await[0];
    assert_eq!(told(item), ("cart behind".to_owned(), json!(100), json!(true)));
    assert_eq!((&item["since"], &item["forSeconds"]), (&Value::Null, &Value::Null), "nobody read that far");
    record(&world, &[landed("p-2", 210, "production", "cart", "60")]).await;
    world.wire.reset();
    let item = &compared(&world, "from=staging&to=production").await[0];
    assert_eq!(told(item), ("cart behind".to_owned(), json!(69), json!(false)));
    assert_eq!(item["since"], json!(at(61)));
    let log = world.wire.calls().iter().filter(|call| call.request.contains("LIVE#staging#cart")).count();
    assert_eq!(log, 1, "one page of the log");
    assert_eq!(item["changes"].as_array().unwrap().len(), 10);
    let one = &compared(&world, "from=staging&to=production&service=cart").await[0];
    assert_eq!(one["changes"].as_array().unwrap().len(), 69, "all of them where one service is asked for");
}

#[tokio::test]
async fn where_regions_disagree_each_is_compared() {
    let world = World::new().await;
    let in_region = |id: &str, seconds, environment: &str, region: &str, version: &str| {
        let mut event = landed(id, seconds, environment, "cart", version);
        event["region"] = json!(region);
        event
    };
    record(
        &world,
        &[
            landed("s-1", 10, "staging", "cart", "1"),
            landed("s-2", 20, "staging", "cart", "2"),
            in_region("p-1", 30, "production", "eu", "1"),
            in_region("p-2", 40, "production", "us", "1"),
        ],
    )
    .await;
    let item = &compared(&world, "from=staging&to=production").await[0];
    assert_eq!((told(item).0.as_str(), &item["by"], &item["regions"]), ("cart behind", &json!(1), &json!([])));
    record(&world, &[in_region("p-3", 50, "production", "us", "2")]).await;
    let item = &compared(&world, "from=staging&to=production").await[0];
    let regions: Vec<String> = item["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| format!("{} {} {}", of["region"].as_str().unwrap(), of["relation"].as_str().unwrap(), of["by"]))
        .collect();
    assert_eq!(
        (told(item).0.as_str(), regions),
        ("cart mixed", vec!["eu behind 1".to_owned(), "us same null".to_owned()])
    );
    assert_eq!(item["to"]["version"], Value::Null);
    let then = &compared(&world, &format!("from=staging&to=production&asOf={}", at(45))).await[0];
    assert_eq!(told(then), ("cart behind".to_owned(), json!(1), json!(false)));
}

#[tokio::test]
async fn in_a_region_that_nothing_names_runs_what_is_about_the_whole_environment() {
    let world = World::new().await;
    let in_region = |id: &str, seconds, environment: &str, region: &str, version: &str| {
        let mut event = landed(id, seconds, environment, "cart", version);
        event["region"] = json!(region);
        event
    };
    record(
        &world,
        &[
            in_region("s-1", 10, "staging", "us", "1"),
            in_region("s-2", 20, "staging", "eu", "2"),
            landed("p-1", 30, "production", "cart", "1"),
            in_region("p-2", 40, "production", "eu", "2"),
        ],
    )
    .await;
    for query in ["from=staging&to=production", &format!("from=staging&to=production&asOf={}", at(50))] {
        let item = &compared(&world, query).await[0];
        let regions = item["regions"].as_array().unwrap().iter();
        let regions: Vec<_> =
            regions.map(|of| (of["region"].as_str().unwrap(), of["relation"].as_str().unwrap())).collect();
        assert_eq!((told(item).0.as_str(), regions), ("cart mixed", vec![("eu", "same"), ("us", "same")]), "{query}");
    }
    // Where what ran in a region was taken away, nothing runs, whatever is about the whole environment.
    let removal = |id: &str, seconds, region: &str| {
        let more = json!({"type": "removal", "environment": "production", "service": "cart", "region": region});
        event_with(id, seconds, "COMPLETED", &more)
    };
    record(&world, &[removal("p-3", 55, "us")]).await;
    let regions = &compared(&world, "from=staging&to=production").await[0]["regions"];
    assert_eq!((&regions[1]["relation"], &regions[1]["to"]), (&json!("missing"), &Value::Null), "{regions}");
    assert_eq!(regions[1]["from"], json!({"version": "1", "commit": null}));
    // A time for one side only: how long it has been is counted up to now.
    record(&world, &[landed("s-3", 60, "staging", "cart", "3")]).await;
    let answer = world.get_at(&format!("/v1/compare?from=staging&to=production&toAsOf={}", at(35)), at(160)).await;
    assert_eq!(answer.body["items"][0]["forSeconds"], json!(140.0), "{answer:?}");
}

#[tokio::test]
async fn an_environment_is_compared_with_itself_as_it_was_and_by_its_alias() {
    let mut world = World::new().await;
    world.apply(&json!({"environments": [{"name": "staging"}, {"name": "production", "aliases": ["Prod"]}]})).await;
    record(
        &world,
        &[
            landed("p-1", 10, "production", "cart", "1"),
            landed("p-2", 20, "Prod", "cart", "2"),
            landed("p-3", 30, "Prod", "search", "7"),
            event_with("r-1", 40, "COMPLETED", &json!({"type": "removal", "environment": "Prod", "service": "cart"})),
        ],
    )
    .await;
    let of = async |from: i64, to: i64| -> Vec<String> {
        let query = format!("from=Prod&fromAsOf={}&to=production&toAsOf={}", at(from), at(to));
        compared(&world, &query).await.iter().map(|item| format!("{} {}", told(item).0, item["by"])).collect()
    };
    assert_eq!(of(15, 25).await, ["cart ahead 1"]);
    assert_eq!(of(25, 15).await, ["cart behind 1"]);
    assert_eq!(of(25, 35).await, ["cart same null", "search extra null"]);
    assert_eq!(of(35, 45).await, ["cart missing null", "search same null"]);
    assert_eq!(of(5, 5).await, Vec::<String>::new());
}

#[tokio::test]
async fn both_environments_must_be_named() {
    let world = World::new().await;
    for (query, fields) in [
        ("", vec!["from", "to"]),
        ("?from=staging", vec!["to"]),
        ("?from=staging&to=%20x", vec!["to"]),
        ("?from=a&to=b&asOf=2026-03-01T12:00:00Z&toAsOf=soon", vec!["toAsOf"]),
        ("?from=a&to=b&environment=c", vec!["environment"]),
        ("?from=a&to=b&cursor=x", vec!["cursor"]),
    ] {
        let answer = world.get(&format!("/v1/compare{query}")).await;
        let wrong: Vec<&str> =
            answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!((answer.status, wrong), (400, fields), "{query}");
    }
    assert_eq!(compared(&world, "from=nowhere&to=elsewhere").await, Vec::<Value>::new());
}

#[tokio::test]
async fn where_the_same_runs_nothing_is_looked_up_whenever_it_was_known() {
    let mut calls = Vec::new();
    for differing in [0, 2] {
        let world = World::new().await;
        let mut events = Vec::new();
        for service in 0..10 {
            // More than a tail, so that a first landing is not among the newest.
            for version in 0..12 {
                for environment in ["staging", "production"] {
                    if environment == "production" && version == 11 && service < differing {
                        continue;
                    }
                    let id = format!("{service}-{environment}-{version}");
                    events.push(landed(&id, version, environment, &format!("s-{service}"), &version.to_string()));
                }
            }
        }
        record_all(&world, &events).await;
        // A batch is recorded when it is committed, which may be seconds after it came.
        for known_at in [String::new(), format!("&knownAt={}", at(7200))] {
            world.wire.reset();
            let items = compared(&world, &format!("from=staging&to=production{known_at}")).await;
            let same = items.iter().filter(|item| item["relation"] == "same").count();
            assert_eq!((items.len(), same), (10, 10 - differing));
            calls.push(world.wire.calls().len());
        }
    }
    // As it was known at a time each of the 20 landings is read by itself; what differs takes more.
    assert_eq!(calls, [3, 23, 4, 27]);
}
