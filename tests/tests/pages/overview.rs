//! The overview: what is wrong, the worst first; what is under way; the figures; and what all that reads.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{all, event, page, text, told, within};

const DAY: i64 = 86_400;

async fn post(world: &World, events: &[Value]) {
    for some in events.chunks(100) {
        let answer = world.post(&json!(some)).await;
        assert!(answer.body.as_array().unwrap().iter().all(|one| one["outcome"] == "recorded"), "{answer:?}");
    }
}

/// What is wrong: each with what it is called.
async fn wrong(world: &World, path: &str) -> Vec<(String, String)> {
    let page = page(world, path).await;
    let row = |row| (text(within(row, "a")[0]), text(within(row, ".said")[0]));
    all(&page, "li.is-wrong").into_iter().map(row).collect()
}

fn pair(what: &str, said: &str) -> (String, String) {
    (what.to_owned(), said.to_owned())
}

/// Of everything that can be wrong one, and some in two environments.
async fn everything() -> World {
    let world = World::new().await;
    let verdict = json!({"type": "verdict", "service": "search", "version": "3.14.0", "outcome": "BAD", "reason": "loses orders",
                         "triggeredBy": {"kind": "MANUAL", "actor": "ada"}, "occurredAt": at(-900)});
    let mut over = event("undone", -700, "undone", "production", "2", "ROLLED_BACK");
    over["rollbackTo"] = json!("1");
    post(
        &world,
        &[
            event("pay-s0", -4 * DAY, "payments", "staging", "5.1.4", "COMPLETED"),
            event("pay-s", -3 * DAY, "payments", "staging", "5.2.0", "COMPLETED"),
            event("pay-p0", -2 * DAY, "payments", "production", "5.1.4", "COMPLETED"),
            event("pay-p", -700, "payments", "production", "5.2.0", "FAILED"),
            event("qa", -60, "payments", "staging", "5.3.0", "FAILED"),
            event("search-s", -2 * DAY, "search", "staging", "3.14.0", "COMPLETED"),
            event("search-p", -1000, "search", "production", "3.14.0", "COMPLETED"),
            verdict,
            event("ledger", -7200, "ledger", "staging", "1.32.0", "IN_PROGRESS"),
            event("gateway-s", -3 * DAY, "gateway", "staging", "1", "COMPLETED"),
            event("gateway-p", -2 * DAY, "gateway", "production", "1-h1", "COMPLETED"),
            event("undone-s", -3 * DAY, "undone", "staging", "1", "COMPLETED"),
            event("undone-p", -2 * DAY, "undone", "production", "1", "COMPLETED"),
            over,
        ],
    )
    .await;
    world
}

#[tokio::test]
async fn what_is_wrong_is_told_the_worst_first() {
    let world = everything().await;
    assert_eq!(
        wrong(&world, "/").await,
        [
            pair("payments 5.2.0 failed in production", "failed last"),
            pair("payments 5.3.0 failed in staging", "failed last"),
            pair("ledger 1.32.0 has stalled in staging", "stalled"),
            pair("search 3.14.0 is bad and runs in production", "bad"),
            pair("search 3.14.0 is bad and runs in staging", "bad"),
            pair("production: gateway runs 1-h1, which never landed in staging", "unseen, high"),
            pair("undone 2 was rolled back in production", "rolled back"),
        ]
    );
    let shown = page(&world, "/").await;
    assert_eq!(text(all(&shown, "h1")[0]), "7 things are wrong, 1 deployment is under way");
    assert!(
        text(all(&shown, ".rest")[0]).starts_with("Nothing is known against 0 of 4 services."),
        "{}",
        text(all(&shown, ".rest")[0])
    );
    let first = text(all(&shown, "li.is-wrong")[0]);
    assert!(first.ends_with("5.1.4 runs."), "{first}");
    // What is bad for one environment is not told of another, and what was cleared is not told.
    let cleared = json!({"type": "verdict", "service": "search", "version": "3.14.0", "outcome": "CLEARED", "reason": "it was the database",
                         "triggeredBy": {"kind": "MANUAL", "actor": "ada"}, "occurredAt": at(-30)});
    post(&world, &[cleared]).await;
    assert!(wrong(&world, "/").await.iter().all(|(_, said)| said != "bad"));
    // As it was an hour ago: neither what failed since nor what was said since.
    assert_eq!(
        wrong(&world, "/?asOf=2026-03-01T11:00:00Z").await,
        [pair("production: gateway runs 1-h1, which never landed in staging", "unseen, high")]
    );
    let then = page(&world, "/?asOf=2026-03-01T11:47:00Z").await;
    assert_eq!(text(all(&then, "h1")[0]), "3 things were wrong");
    assert!(text(all(&then, "main")[0]).contains("What was under way then is not kept."));
}

#[tokio::test]
async fn a_version_that_was_undone_elsewhere_on_the_path_is_told_where_it_runs() {
    let world = World::new().await;
    post(
        &world,
        &[
            event("d3", -4 * DAY, "cart", "development", "3", "COMPLETED"),
            event("s1", -3 * DAY, "cart", "staging", "1", "COMPLETED"),
            event("s2", -2 * DAY, "cart", "staging", "2", "COMPLETED"),
            event("p2", -DAY, "cart", "production", "2", "COMPLETED"),
        ],
    )
    .await;
    post(&world, &[event("s2", -600, "cart", "staging", "2", "ROLLED_BACK")]).await;
    let told = wrong(&world, "/").await;
    assert!(told.contains(&pair("cart 2 is bad and runs in production", "bad")), "{told:?}");
    // Places in which another version runs are left out.
    assert_eq!(told.iter().filter(|(_, said)| said == "bad").count(), 1, "{told:?}");
}

#[tokio::test]
async fn what_is_under_way_is_told_beside_how_long_it_usually_takes() {
    let world = World::new().await;
    let mut events = Vec::new();
    for (n, took) in [300, 400, 900].into_iter().enumerate() {
        let start = -(i64::try_from(n).unwrap() + 1) * DAY;
        events.push(event(&format!("c-{n}"), start, "cart", "production", &n.to_string(), "IN_PROGRESS"));
        events.push(event(&format!("c-{n}"), start + took, "cart", "production", &n.to_string(), "COMPLETED"));
    }
    events.push(event("c-9", -200, "cart", "production", "9", "IN_PROGRESS"));
    events.push(event("n-1", -100, "new", "production", "1", "IN_PROGRESS"));
    events.push(event("w-1", -50, "cart", "production", "10", "PENDING"));
    post(&world, &events).await;
    let shown = page(&world, "/").await;
    let is_it = |head: &scraper::ElementRef<'_>| text(*head).starts_with("Under way");
    let head = all(&shown, ".card h2").into_iter().find(is_it).unwrap();
    let cards = scraper::ElementRef::wrap(head.parent().unwrap()).unwrap();
    let rows: Vec<String> = within(cards, "li").into_iter().map(text).collect();
    assert_eq!(
        rows,
        [
            "cart 10 to production waiting 50 seconds usually 6 min 40 s",
            "new 1 to production running 1 minute usual duration not known",
            "cart 9 to production running 3 minutes usually 6 min 40 s",
        ]
    );
    // The usual duration stands at three quarters of the bar.
    let bars = within(cards, "progress");
    let [max, value] = ["max", "value"].map(|name| bars[0].value().attr(name).unwrap());
    assert_eq!((bars.len(), max, value), (1, "533", "200"));
    // How far it is says nothing new.
    let tag = world.page("/").await.1["etag"].as_str().unwrap().to_owned();
    let known = [("if-none-match", tag.as_str()), ("accept", "text/html")];
    let later = world.request("GET", "/", &known, b"", at(20)).await.unwrap();
    assert_eq!((later.status, later.body), (304, Value::Null));
}

#[tokio::test]
async fn the_figures_are_those_of_metrics_with_how_they_changed() {
    let world = World::new().await;
    let mut events = Vec::new();
    for (n, day) in [0, 1, 2, 3, 8, 9].into_iter().enumerate() {
        let start = -day * DAY - 7200;
        let took = if day < 7 { 300 } else { 600 };
        events.push(event(&format!("c-{n}"), start, "cart", "production", &n.to_string(), "IN_PROGRESS"));
        events.push(event(&format!("c-{n}"), start + took, "cart", "production", &n.to_string(), "COMPLETED"));
    }
    events.push(event("c-1", -DAY, "cart", "production", "1", "ROLLED_BACK"));
    events.push(event("elsewhere", -60, "cart", "staging", "1", "COMPLETED"));
    post(&world, &events).await;
    let shown = page(&world, "/").await;
    let card = all(&shown, "section[aria-label=Figures]")[0];
    let rows: Vec<Vec<String>> =
        within(card, "tbody tr").into_iter().map(|row| within(row, "th, td").into_iter().map(text).collect()).collect();
    let day = world.get("/v1/metrics?environment=production&hours=24").await.body;
    let week = world.get("/v1/metrics?environment=production&hours=168").await.body;
    let reached = |of: &Value| {
        (of["deployments"]["completed"].as_u64().unwrap() + of["deployments"]["rolledBack"].as_u64().unwrap())
            .to_string()
    };
    assert_eq!(rows[0][..3], ["Deployments ↑ 100 % more".to_owned(), reached(&day), reached(&week)]);
    assert_eq!(week["dora"]["changeFailureRate"], 25.0);
    assert_eq!(rows[1][..3], ["Change failures ↑ 25.0 points worse", "0.0 %", "25.0 %"].map(str::to_owned));
    assert_eq!(week["durationSeconds"]["p50"], 300.0);
    assert_eq!(rows[2][..3], ["Median duration ↓ 50 % shorter", "5 min", "5 min"].map(str::to_owned));
    assert_eq!(rows[3][..3], ["Lead time nothing to compare with", "–", "–"].map(str::to_owned));
    // A column for each day of the fourteen on which anything ended.
    assert_eq!(within(within(card, "tbody tr")[0], "rect").len(), 6);
}

#[tokio::test]
async fn freezes_are_told_that_hold_and_that_are_to_come() {
    let mut world = told().await;
    world.apply(&json!({"freezes": [
        {"name": "later", "from": "2026-03-05T00:00:00Z", "to": "2026-03-06T00:00:00Z"},
        {"name": "holidays", "environments": ["production"], "from": "2026-02-20T00:00:00Z", "to": "2026-03-04T00:00:00Z"},
        {"name": "over", "from": "2026-02-01T00:00:00Z", "to": "2026-02-02T00:00:00Z"},
    ]})).await;
    let shown = page(&world, "/").await;
    assert!(
        text(all(&shown, ".rest")[0]).ends_with("Frozen by holidays: production."),
        "{}",
        text(all(&shown, ".rest")[0])
    );
    let rows: Vec<String> = all(&shown, ".rows li:not(.is-wrong)").into_iter().map(text).collect();
    assert!(rows.contains(&"holidays production holds until 4 Mar 2026 00:00:00".to_owned()), "{rows:?}");
    assert!(rows.contains(&"later everywhere from 5 Mar 2026 00:00:00 to 6 Mar 2026 00:00:00".to_owned()), "{rows:?}");
    assert_eq!(rows.len(), 3, "{rows:?}");
}

#[tokio::test]
async fn where_nothing_is_wrong_that_is_all_that_is_said() {
    let world = World::new().await;
    let shown = page(&world, "/").await;
    assert_eq!(text(all(&shown, "h1")[0]), "Nothing is wrong, nothing is under way");
    assert!(text(all(&shown, "main")[0]).contains("Nothing is recorded yet."));
    post(&world, &[event("a", -60, "cart", "staging", "1", "COMPLETED")]).await;
    assert!(text(all(&page(&world, "/").await, ".rest")[0]).starts_with("Nothing is known against 1 of 1 service."));
}

/// So many services in three environments, each of which was undone once.
async fn many(services: usize) -> World {
    let world = World::new().await;
    let mut events = Vec::new();
    for service in (0..services).map(|n| format!("service-{n:03}")) {
        for (environment, ago) in [("development", 3), ("staging", 2), ("production", 1)] {
            events.push(event(
                &format!("{service}-{environment}-1"),
                -10 * ago * DAY,
                &service,
                environment,
                "1",
                "COMPLETED",
            ));
            events.push(event(
                &format!("{service}-{environment}-2"),
                -ago * DAY,
                &service,
                environment,
                "2",
                "COMPLETED",
            ));
        }
        events.push(event(&format!("{service}-production-2"), -60, &service, "production", "2", "ROLLED_BACK"));
    }
    post(&world, &events).await;
    world
}

#[tokio::test]
async fn what_it_reads_grows_by_a_query_for_each_service_that_was_judged() {
    let mut costs = Vec::new();
    for services in [4, 20] {
        let world = many(services).await;
        world.wire.reset();
        let shown = page(&world, "/").await;
        let wrong = all(&shown, "li.is-wrong").len();
        assert_eq!(wrong, 3 * services, "each was rolled back in production, and runs in both before it");
        let calls = world.wire.calls();
        let items = calls.iter().filter(|call| call.operation == "GetItem").count();
        println!("{services} services: {} calls, {items} of them for items, {} units", calls.len(), world.wire.units());
        // Hardly anything is read by itself.
        assert!(items <= 2, "{items}");
        let batches = world.wire.count("BatchGetItem");
        assert_eq!(batches, 4, "the latest ten, what ran in their places, all verdicts, and the places of the figures");
        costs.push(calls.len());
    }
    // Of three environments, of which each takes seven: cells twice, what is active, retired, by month, and the months.
    // And what figures ask of incidents and observations.
    assert!(costs[0] <= 38, "{} calls", costs[0]);
    assert!(costs[1] <= costs[0] + 16, "{costs:?}");
}

#[tokio::test]
async fn of_services_beyond_a_hundred_it_is_said_that_nothing_was_looked_for() {
    let world = World::new().await;
    let mut events = Vec::new();
    for service in (0..103).map(|n| format!("service-{n:03}")) {
        events.push(event(&service, -60, &service, "production", "1", "COMPLETED"));
        events.push(json!({"type": "verdict", "service": service, "version": "1", "outcome": "BAD", "reason": "slow",
                           "occurredAt": at(-50)}));
    }
    post(&world, &events).await;
    let shown = page(&world, "/").await;
    assert_eq!(text(all(&shown, "h1")[0]), "100 things are wrong, nothing is under way");
    let said = text(all(&shown, "main")[0]);
    assert!(said.contains("Of 3 services more it was not looked for whether what runs is bad"), "{said}");
    assert!(text(all(&shown, ".rest")[0]).starts_with("Nothing is known against 3 of 103 services."));
}
