//! Incidents: recorded as deployments are, listed for themselves, counted for the time to restore, and
//! nowhere taken for a deployment.

use domain::Timestamp;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with, record};

/// An event of an incident of the service `cart` in staging, at some seconds after noon.
fn incident(name: &str, seconds: i64, status: &str) -> Value {
    event_with(&format!("incident:{name}"), seconds, status, &json!({"type": "incident"}))
}

/// The same with more fields, or others.
fn incident_with(name: &str, seconds: i64, status: &str, more: &Value) -> Value {
    let mut event = incident(name, seconds, status);
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// The same where it is not said what suffers, and where.
fn nameless(name: &str, seconds: i64, status: &str) -> Value {
    json!({"deploymentId": format!("incident:{name}"), "type": "incident", "status": status, "occurredAt": at(seconds)})
}

/// When an incident began, its name, environment and service.
type Reported = (Timestamp, String, &'static str, &'static str);
/// Whether a filter lets an incident through.
type Matches = fn(&Reported) -> bool;

fn new_year() -> Timestamp {
    Timestamp::parse("2026-01-01T00:00:00Z").unwrap()
}

/// The names of the incidents on all pages of a list.
async fn listed(world: &World, query: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get_at(&format!("/v1/incidents?{query}{cursor}"), at(3600)).await;
        assert_eq!(answer.status, 200, "{query}{cursor}: {answer:?}");
        let items = answer.body["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| item["incidentId"].as_str().unwrap()["incident:".len()..].to_owned()));
        assert!(found.len() < 100, "the pages of {query} end");
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

async fn time_to_restore(world: &World, query: &str) -> Value {
    world.get(&format!("/v1/metrics?{query}")).await.body["dora"]["medianTimeToRestoreSeconds"].clone()
}

#[tokio::test]
async fn an_incident_is_open_until_it_is_resolved_and_its_history_is_that_of_any() {
    let world = World::new().await;
    let detected = json!({
        "version": "2.8.0", "artifact": "cart@sha256:1", "notes": "5 % of payments fail",
        "links": {"ticket": "https://tickets.example.com/42"},
    });
    record(&world, &[incident_with("42", 10, "IN_PROGRESS", &detected)]).await;
    let mut expected = json!({
        "incidentId": "incident:42", "service": "cart", "environment": "staging", "status": "OPEN",
        "startedAt": at(10), "resolvedAt": null, "durationSeconds": null, "deploymentId": null,
        "version": "2.8.0", "artifact": "cart@sha256:1", "notes": "5 % of payments fail",
        "links": {"ticket": "https://tickets.example.com/42"},
    });
    let page = |item: &Value| json!({"items": [item], "nextCursor": null});
    assert_eq!(world.get("/v1/incidents").await.body, page(&expected));

    record(&world, &[nameless("42", 610, "COMPLETED")]).await;
    for (name, value) in
        [("status", json!("RESOLVED")), ("resolvedAt", json!(at(610))), ("durationSeconds", json!(600.0))]
    {
        expected[name] = value;
    }
    assert_eq!(world.get("/v1/incidents").await.body, page(&expected));

    let shown = world.get("/v1/deployments/incident:42").await.body;
    assert_eq!((&shown["status"], &shown["durationSeconds"]), (&json!("COMPLETED"), &json!(600.0)), "{shown}");
    let trail = world.get("/v1/deployments/incident:42/events").await.body;
    let types: Vec<&Value> = trail["items"].as_array().unwrap().iter().map(|item| &item["event"]["type"]).collect();
    assert_eq!(types, ["incident", "incident"]);
    let verified = world.get("/v1/deployments/incident:42/verify").await.body;
    assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(2)), "{verified}");
    let again = world.post_at(&nameless("42", 610, "COMPLETED"), at(3600)).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")));
    world.expect_state_is_history().await;
}

/// Every answer about deployments, and what a tick says, three hours after noon.
async fn about_deployments(world: &World) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for path in [
        "/v1/deployments",
        "/v1/deployments?environment=staging",
        "/v1/deployments?service=cart",
        "/v1/deployments?service=cart&environment=staging&status=COMPLETED",
        "/v1/deployments?version=1",
        "/v1/deployments/active",
        "/v1/deployments/active?environment=staging",
        "/v1/live",
        "/v1/live?environment=staging&service=cart",
        "/v1/live?asOf=2026-03-01T14:00:00Z",
        "/v1/catalog",
        "/v1/catalog?service=cart",
        "/v1/metrics",
        "/v1/metrics?environment=staging&service=cart&hours=72",
    ] {
        let mut body = world.get_at(path, at(3 * 3600)).await.body;
        if let Some(dora) = body.get_mut("dora") {
            // These are what incidents change.
            for name in ["medianTimeToRestoreSeconds", "changeFailures", "changeFailureRate", "deploymentReworkRate"] {
                dora[name].take();
            }
        }
        answers.push((path.to_owned(), body));
    }
    world.publish().await.unwrap();
    world.wire.reset();
    let clock = json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": at(3 * 3600), "region": "eu-central-1", "resources": [], "detail": {},
    });
    answers.push(("tick".to_owned(), world.processor.handle(&clock.to_string(), at(3 * 3600)).await.unwrap()));
    // How long a tick took is no fact of deployments.
    let mut gauges = json!(world.wire.metrics());
    for call in gauges.as_array_mut().unwrap() {
        call["MetricData"].as_array_mut().unwrap().retain(|datum| datum["MetricName"] != "TickDuration");
    }
    answers.push(("gauges".to_owned(), gauges));
    answers.push(("stuck".to_owned(), json!(world.wire.messages())));
    answers
}

#[tokio::test]
async fn an_incident_is_no_deployment_wherever_deployments_are_shown_counted_or_notified() {
    for deployments in [
        vec![],
        vec![
            event_with("d-1", 0, "IN_PROGRESS", &json!({"version": "1"})),
            event("d-1", 60, "COMPLETED"),
            event_with("d-2", 120, "FAILED", &json!({"version": "2"})),
        ],
    ] {
        let world = World::new().await;
        record(&world, &deployments).await;
        let before = about_deployments(&world).await;
        world.wire.reset();
        // With all that would count of a deployment.
        let all = json!({
            "version": "1", "committedAt": at(-60), "metrics": {"healthScore": 5, "errorRate": 9, "errorCount": 3},
        });
        record(
            &world,
            &[
                incident_with("open", 200, "IN_PROGRESS", &all),
                incident_with("resolved", 210, "IN_PROGRESS", &all),
                incident_with("resolved", 220, "COMPLETED", &all),
                incident_with("late", 240, "COMPLETED", &json!({"service": null, "environment": null})),
                incident_with("late", 230, "IN_PROGRESS", &json!({"service": "mail"})),
                nameless("nowhere", 250, "IN_PROGRESS"),
            ],
        )
        .await;
        world.publish().await.unwrap();
        assert_eq!(world.wire.metrics(), [json!(null); 0], "not counted");
        // Nor notified, but that what ran there is suspected.
        let notified: Vec<String> = world.wire.messages().iter().map(|message| message["dedupeId"].clone()).collect();
        let suspected: &[&str] = if deployments.is_empty() { &[] } else { &["d-1##SUSPECT"] };
        assert_eq!(notified, suspected);
        assert_eq!(about_deployments(&world).await, before);
        assert_eq!(listed(&world, "").await, ["nowhere", "late", "resolved", "open"]);
        world.expect_state_is_history().await;
    }
}

#[tokio::test]
async fn pages_have_each_incident_once_newest_first_over_months_and_environments() {
    let world = World::new().await;
    let begin = Timestamp::parse("2025-12-20T00:00:00Z").unwrap();
    let mut all: Vec<Reported> = Vec::new();
    for number in 0..30_i64 {
        // Two at each time, three days apart, in ids that are not in the order of time.
        let time = begin.plus_millis(number / 2 * 3 * 24 * 3_600_000);
        let environment = if number % 3 == 0 { "production" } else { "staging" };
        let service = if number % 4 == 0 { "mail" } else { "cart" };
        all.push((time, format!("{:02}", number * 17 % 30), environment, service));
    }
    for (time, name, environment, service) in &all {
        let more = json!({"occurredAt": time, "environment": environment, "service": service});
        record(&world, &[incident_with(name, 0, "IN_PROGRESS", &more)]).await;
        // A deployment beside each is none of them.
        record(&world, &[event_with(&format!("d-{name}"), 0, "IN_PROGRESS", &more)]).await;
    }
    all.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
    let cases: [(&str, Matches); 7] = [
        ("", |_| true),
        ("&environment=production", |incident| incident.2 == "production"),
        ("&service=mail", |incident| incident.3 == "mail"),
        ("&service=cart&environment=staging", |incident| (incident.3, incident.2) == ("cart", "staging")),
        ("&environment=nowhere", |_| false),
        ("&from=2026-01-01T00:00:00Z", |incident| incident.0 >= new_year()),
        ("&to=2026-01-01T00:00:00Z&service=cart", |incident| incident.0 < new_year() && incident.3 == "cart"),
    ];
    for (filter, matches) in cases {
        let expected: Vec<&str> =
            all.iter().filter(|incident| matches(incident)).map(|incident| incident.1.as_str()).collect();
        for limit in [1, 7, 100] {
            assert_eq!(listed(&world, &format!("limit={limit}{filter}")).await, expected, "{filter} by {limit}");
        }
    }
    for wrong in ["status=OPEN", "limit=0", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "cursor=x"] {
        assert_eq!(world.get(&format!("/v1/incidents?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn whatever_order_its_events_come_in_an_incident_is_the_same() {
    let story = [
        nameless("42", 100, "IN_PROGRESS"),
        incident_with("42", 40, "IN_PROGRESS", &json!({"notes": "first seen"})),
        nameless("42", 700, "COMPLETED"),
        incident_with("42", 640, "COMPLETED", &json!({"environment": "production", "notes": "mended"})),
    ];
    let mut answers = std::collections::BTreeSet::new();
    for order in 0..24_usize {
        // The permutation with this number in the factorial system.
        let (mut left, mut events, mut number) = (story.to_vec(), Vec::new(), order);
        for base in (1..=4).rev() {
            events.push(left.remove(number % base));
            number /= base;
        }
        let world = World::new().await;
        record(&world, &events).await;
        world.expect_state_is_history().await;
        let mut shown = world.get("/v1/deployments/incident:42").await.body;
        shown["verified"] = world.get("/v1/deployments/incident:42/verify").await.body["intact"].clone();
        shown["listed"] = world.get("/v1/incidents").await.body;
        for elsewhere in ["unknown", "production"] {
            assert_eq!(listed(&world, &format!("environment={elsewhere}")).await, [""; 0], "{events:?}");
        }
        assert_eq!(listed(&world, "environment=staging&service=cart").await, ["42"], "{events:?}");
        assert_eq!(time_to_restore(&world, "environment=unknown").await, Value::Null, "{events:?}");
        answers.insert(shown.to_string());
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let shown: Value = answers.first().unwrap().parse().unwrap();
    assert_eq!((&shown["verified"], &shown["flags"]), (&json!(true), &json!(["ENVIRONMENT_DISAGREES"])));
    assert_eq!(shown["listed"]["items"][0]["durationSeconds"], 660.0);
}

#[tokio::test]
async fn the_time_to_restore_is_the_median_over_undone_deployments_and_resolved_incidents() {
    let world = World::new().await;
    record(&world, &[event("d-1", -3000, "COMPLETED"), event("d-1", -2600, "ROLLED_BACK")]).await;
    assert_eq!(time_to_restore(&world, "hours=1").await, 400.0);
    record(
        &world,
        &[
            incident("1", -5000, "IN_PROGRESS"),
            incident("1", -3500, "COMPLETED"),
            incident("2", -1200, "IN_PROGRESS"),
            incident("2", -200, "COMPLETED"),
            // Open, ended before the window, and of unknown beginning: none of them counts.
            incident("open", -1000, "IN_PROGRESS"),
            incident("before", -9000, "IN_PROGRESS"),
            incident("before", -8999, "COMPLETED"),
            incident("lone", -100, "COMPLETED"),
        ],
    )
    .await;
    assert_eq!(time_to_restore(&world, "hours=1").await, 1000.0, "of 400, 1000 and 1500 s");
    let metrics = world.get("/v1/metrics?hours=1&environment=staging&service=cart").await.body;
    assert_eq!(metrics["dora"]["medianTimeToRestoreSeconds"], 1000.0);
    assert_eq!((&metrics["deployments"]["completed"], &metrics["deployments"]["rolledBack"]), (&json!(0), &json!(1)));
    // Where nothing was ever deployed, and where nobody knows where.
    let elsewhere = json!({"environment": "data-center", "service": "power"});
    record(
        &world,
        &[
            incident_with("power", -50, "IN_PROGRESS", &elsewhere),
            incident_with("power", -40, "COMPLETED", &elsewhere),
            nameless("nowhere", -30, "IN_PROGRESS"),
            nameless("nowhere", -10, "COMPLETED"),
        ],
    )
    .await;
    for (query, median) in [
        ("hours=1", json!(400.0)),
        ("hours=1&environment=data-center", json!(10.0)),
        ("hours=1&service=power", json!(10.0)),
        ("hours=1&environment=unknown", json!(20.0)),
        ("hours=1&environment=staging&service=power", Value::Null),
    ] {
        assert_eq!(time_to_restore(&world, query).await, median, "{query}");
    }
    // Opened again, it is not resolved; named elsewhere, it counts there.
    record(&world, &[incident_with("2", -150, "IN_PROGRESS", &json!({"attempt": 2}))]).await;
    record(&world, &[incident_with("nowhere", -40, "IN_PROGRESS", &json!({"environment": "production"}))]).await;
    assert_eq!(time_to_restore(&world, "hours=1&environment=staging").await, 400.0);
    assert_eq!(time_to_restore(&world, "hours=1&environment=unknown").await, Value::Null);
    assert_eq!(time_to_restore(&world, "hours=1&environment=production").await, 30.0);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_was_resolved_and_starts_again_is_open_in_whatever_order_that_is_reported() {
    let events = [incident("i", 0, "IN_PROGRESS"), incident("i", 600, "COMPLETED"), incident("i", 1200, "IN_PROGRESS")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let world = World::new().await;
        record(&world, &order.map(|index: usize| events[index].clone())).await;
        let shown = world.get_at("/v1/incidents", at(3600)).await.body["items"][0].clone();
        assert_eq!((&shown["status"], &shown["resolvedAt"]), (&json!("OPEN"), &Value::Null), "{order:?}: {shown}");
        assert_eq!(world.post_at(&incident("i", 1800, "COMPLETED"), at(3600)).await.status, 201);
        let shown = world.get_at("/v1/incidents", at(3600)).await.body["items"][0].clone();
        assert_eq!((&shown["status"], &shown["resolvedAt"]), (&json!("RESOLVED"), &json!(at(1800))), "{order:?}");
        world.expect_state_is_history().await;
    }
}
