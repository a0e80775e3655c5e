//! A page says what the API says.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use scraper::Html;
use serde_json::{Value, json};
use tests::World;
use tests::invocations::gateway_event;
use tests::world::at;

use super::{all, event, page, text, told, within};

async fn items(world: &World, path: &str) -> Vec<Value> {
    let answer = world.get(path).await;
    assert_eq!((answer.status, &answer.body["nextCursor"]), (200, &Value::Null), "{path}");
    answer.body["items"].as_array().unwrap().clone()
}

/// The cells of a matrix on a page, by service and environment.
fn matrix(page: &Html, table: &str) -> BTreeMap<(String, String), String> {
    let heads: Vec<String> = all(page, &format!("{table} thead th"))
        .iter()
        .map(|head| head.text().next().unwrap_or_default().trim().to_owned())
        .collect();
    let mut cells = BTreeMap::new();
    for row in all(page, &format!("{table} tbody tr")) {
        let service = text(within(row, "th")[0]);
        for (environment, cell) in heads[1..].iter().zip(within(row, "td")) {
            cells.insert((service.clone(), environment.clone()), text(cell));
        }
    }
    cells
}

#[tokio::test]
async fn the_matrix_says_of_each_cell_what_the_api_says() {
    let world = told().await;
    let known = "&asOf=2026-03-01T11:59:00.000Z&knownAt=2026-03-01T12:00:00.000Z";
    for time in ["", "&asOf=2026-03-01T11:55:30.000Z", "&asOf=2026-02-01T00:00:00.000Z", known] {
        let cells = items(&world, &format!("/v1/live?difference=true&active=true&limit=100{time}")).await;
        let page = page(&world, &format!("/live?environment=production{time}")).await;
        let mut shown = matrix(&page, ".scrolls > table.matrix");
        shown.extend(matrix(&page, "details table.matrix"));
        shown.retain(|_, cell| cell != "–");
        let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut seen = 0;
        for cell in &cells {
            let key = (string(&cell["service"]), string(&cell["environment"]));
            let text = shown.remove(&key).unwrap_or_else(|| panic!("{key:?} is not shown"));
            let version = if cell["mixed"] == true { "mixed".to_owned() } else { string(&cell["version"]) };
            assert!(text.starts_with(&format!("{version} ")), "{key:?}: {text}");
            let relation = cell["difference"]["relation"].as_str().unwrap_or("same");
            let by = cell["difference"]["by"].as_u64().map(|by| format!(" by {by}")).unwrap_or_default();
            let says = format!("{relation}{by}");
            let told =
                if cell["mixed"] == true { text.contains("mixed regions: eu 1, us 2") } else { text.contains(&says) };
            assert_eq!(told, relation != "same", "{key:?}: {text}");
            for active in cell["active"].as_array().into_iter().flatten() {
                let running = format!("{} running now", string(&active["version"]));
                assert!(text.contains(&running), "{key:?}: {text}");
                seen += 1;
            }
            let failed = cell["lastAttempt"]["status"] == "FAILED";
            assert_eq!(text.contains("failed last"), failed, "{key:?}: {text}");
        }
        assert_eq!(shown, BTreeMap::new(), "nothing else is shown");
        assert_eq!(seen, usize::from(time.is_empty()));
    }
    let page = page(&world, "/live").await;
    assert_eq!(text(all(&page, "h1")[0]), "2 of 6 services need a look; production is behind staging in 2");
}

#[tokio::test]
async fn what_is_stuck_has_stalled_in_its_cell_and_needs_a_look() {
    let world = told().await;
    // `run-p` was last heard of 50 seconds ago, and an hour of silence is too long.
    for (seconds, stuck) in [(3549, false), (3550, true)] {
        let ask = async |path: &str| {
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let query = Some(query).filter(|query| !query.is_empty());
            let asked = gateway_event("GET", path, query, &HeaderMap::new(), b"");
            world.invoke_query(&asked, at(seconds)).await["body"].as_str().unwrap().to_owned()
        };
        let cells: Value = serde_json::from_str(&ask("/v1/live?active=true&service=running").await).unwrap();
        let active = &cells["items"][1]["active"][0];
        assert_eq!((&active["stuck"], &active["updatedAt"]), (&json!(stuck), &json!(at(-50))));
        let page = Html::parse_document(&ask("/live?environment=production").await);
        let cell = &matrix(&page, ".scrolls > table.matrix")[&("running".to_owned(), "production".to_owned())];
        assert_eq!(cell.contains("1.0 stalled , nothing reported for 1 hour"), stuck, "{cell}");
        assert_eq!(cell.contains("1.0 running now"), !stuck, "{cell}");
        let wrong = Html::parse_document(&ask("/live?only=wrong").await);
        let wrong: Vec<String> = all(&wrong, ".scrolls > table.matrix tbody th").into_iter().map(text).collect();
        assert_eq!(wrong.contains(&"running".to_owned()), stuck, "{wrong:?}");
    }
}

#[tokio::test]
async fn filters_in_the_address_show_a_part_of_it() {
    let world = told().await;
    let services = async |query: &str| -> Vec<String> {
        let page = page(&world, &format!("/live?{query}")).await;
        all(&page, ".scrolls > table.matrix tbody th").into_iter().map(text).collect()
    };
    assert_eq!(services("").await, ["behind", "fix", "mixed", "old", "running", "same"]);
    assert_eq!(services("only=wrong").await, ["behind", "fix"]);
    assert_eq!(services("only=differs").await, ["behind", "fix", "mixed", "running"]);
    assert_eq!(services("filter=N").await, ["behind", "running"]);
    assert_eq!(services("filter=nothing-like-it").await, Vec::<String>::new());
    let previews = async |query: &str| {
        let page = page(&world, &format!("/live?{query}")).await;
        (text(all(&page, "details.folded summary")[0]), all(&page, "details.folded tbody tr").len())
    };
    assert_eq!(previews("").await, ("1 environment of those that come and go: 1 service, 0 wrong".to_owned(), 1));
    assert_eq!(previews("filter=fix").await.1, 0);
}

#[tokio::test]
async fn services_stand_with_their_team_and_environments_can_be_left_out() {
    let mut world = told().await;
    let (from, to) = (at(-60), at(3600));
    let settings = json!({
        "environments": [{"name": "staging"}, {"name": "production"}],
        "services": [{"name": "old", "team": "<b>old hands</b>"}, {"name": "fix", "team": "<b>old hands</b>"}],
        "freezes": [{"name": "sale", "environments": ["production"], "except": ["fix"], "from": from, "to": to}],
    });
    world.apply(&settings).await;
    let rows = async |query: &str| -> Vec<String> {
        let page = page(&world, &format!("/live?{query}")).await;
        all(&page, ".scrolls > table.matrix tbody th").into_iter().map(text).collect()
    };
    let by_team = [
        "<b>old hands</b> 2 services, 1 wrong",
        "fix",
        "old",
        "Others 4 services, 1 wrong",
        "behind",
        "mixed",
        "running",
        "same",
    ];
    assert_eq!(rows("").await, by_team);
    assert_eq!(rows("group=none").await[..3], ["behind", "fix <b>old hands</b>", "mixed"]);
    assert_eq!(rows("group=prefix&only=wrong").await, ["behind", "fix <b>old hands</b>"]);
    let (status, _, refused) = world.page("/live?group=colour").await;
    assert_eq!(status, 400);
    assert!(refused.contains("must be team, prefix or none"), "{refused}");

    let heads = async |query: &str| -> Vec<String> {
        let page = page(&world, &format!("/live?{query}")).await;
        let heads = all(&page, ".scrolls > table.matrix thead th");
        heads.into_iter().map(|head| text(head).split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(heads("hide=staging").await, ["Service", "production"]);
    assert_eq!(heads("hide=nowhere%2Cproduction").await, ["Service", "staging"]);

    let page_now = page(&world, "/live").await;
    let frozen: Vec<String> = all(&page_now, ".scrolls tr[data-service]")
        .into_iter()
        .filter(|row| text(*row).contains("frozen until 1 Mar 2026 13:00:00"))
        .map(|row| row.value().attr("data-service").unwrap().to_owned())
        .collect();
    assert_eq!(frozen, ["old", "behind", "mixed", "running", "same"], "fix is an exception");
    let before = page(&world, &format!("/live?asOf={}", at(-61))).await;
    assert!(all(&before, ".scrolls tr[data-service]").into_iter().all(|row| !text(row).contains("frozen")));

    // What was frozen at a time, the settings of that time say.
    world.apply(&json!({})).await;
    let frozen = async |query: &str| text(all(&page(&world, query).await, ".scrolls table")[0]).contains("frozen");
    assert!(!frozen("/live").await);
    assert!(frozen(&format!("/live?asOf={}", at(-1))).await);
}

#[tokio::test]
async fn on_a_wall_there_is_nothing_to_operate() {
    let world = told().await;
    for path in ["/live?wall", "/live?wall=true"] {
        let page = page(&world, path).await;
        for operated in ["nav", "form", "input", "button", "header"] {
            assert!(all(&page, operated).is_empty(), "{path}: {operated}");
        }
        assert_eq!(all(&page, "body.wall .scrolls tr[data-service]").len(), 6);
    }
}

#[tokio::test]
async fn where_there_is_room_for_one_environment_it_is_that_of_production() {
    let mut world = told().await;
    world.post(&event("sand", -10, "same", "sandbox", "1.0", "COMPLETED")).await;
    let chosen = async |world: &World, query: &str| {
        let page = page(world, &format!("/live{query}")).await;
        (text(all(&page, ".tabs a[aria-current]")[0]), text(all(&page, "thead th.chosen")[0]))
    };
    assert_eq!(chosen(&world, "").await.0, "production");
    assert!(chosen(&world, "").await.1.starts_with("production "));
    assert_eq!(chosen(&world, "?environment=staging").await.0, "staging");
    let settings = json!({"environments": [{"name": "staging", "production": true}, {"name": "production"}]});
    world.apply(&settings).await;
    assert_eq!(chosen(&world, "").await.0, "staging");
}

#[tokio::test]
async fn a_permalink_shows_what_the_page_showed_whatever_comes_later() {
    for path in
        ["/live", "/live?only=differs", "/live?asOf=2026-03-01T11:55:29Z", "/compare?from=staging&to=production"]
    {
        let world = told().await;
        let before = page(&world, path).await;
        let links = all(&before, ".elsewhere a");
        let permalink = links.iter().find(|link| text(**link) == "Permalink").unwrap().value().attr("href").unwrap();
        let said = |page: &Html| {
            let shown: Vec<String> = all(page, "h1, .card td, .card th").into_iter().map(text).collect();
            // What is under way is not kept.
            shown
                .into_iter()
                .map(|text| text.replace(" 1.0 running now", "").replace(", 1 running now", ""))
                .collect::<Vec<_>>()
        };
        let after = page(&world, permalink).await;
        assert_eq!(said(&after), said(&before), "{path}: {permalink}");
        let late = event("late", -399, "behind", "staging", "3.0", "COMPLETED");
        let answer = world.post_at(&late, tests::world::at(60)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(said(&page(&world, permalink).await), said(&before), "{path}: {permalink}");
    }
}

#[tokio::test]
async fn what_has_no_name_is_not_said_to_be_nothing() {
    let world = World::new().await;
    let nameless = json!({
        "deploymentId": "nameless", "service": "cart", "environment": "production", "status": "COMPLETED",
        "occurredAt": tests::world::at(-60),
    });
    world.post(&nameless).await;
    let page = page(&world, "/live").await;
    assert_eq!(text(all(&page, ".matrix td")[0]), "not named 1 minute");
    assert_eq!(all(&page, ".matrix td a")[0].value().attr("href"), Some("/deployments/nameless"));
}

#[tokio::test]
async fn a_comparison_says_of_each_service_what_the_api_says() {
    let world = told().await;
    let path = "compare?from=staging&to=production";
    let compared = world.get(&format!("/v1/{path}&limit=100")).await.body["items"].as_array().unwrap().clone();
    let page = page(&world, &format!("/{path}")).await;
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in all(&page, "table tbody tr") {
        if within(row, "th.region").is_empty() {
            shown.insert(text(within(row, "th")[0]), within(row, "td").into_iter().map(text).collect());
        }
    }
    let same: Vec<String> = all(&page, ".many li").into_iter().map(text).collect();
    for item in compared {
        let (service, relation) = (item["service"].as_str().unwrap(), item["relation"].as_str().unwrap());
        let version = |side: &Value| match side {
            Value::Null => "nothing".to_owned(),
            side if side["mixed"] == true => "mixed".to_owned(),
            side => side["version"].as_str().unwrap().to_owned(),
        };
        if relation == "same" {
            assert!(same.contains(&format!("{service} {}", version(&item["to"]))), "{same:?}");
            continue;
        }
        let row = &shown[service];
        let by = item["by"].as_u64().map(|by| format!(" by {by}")).unwrap_or_default();
        assert!(row[0].starts_with(&format!("{relation}{by}")), "{service}: {row:?}");
        for (side, cell) in [&item["from"], &item["to"]].into_iter().zip(&row[1..]) {
            assert!(cell.starts_with(&version(side)), "{service}: {row:?}");
        }
        for change in item["changes"].as_array().unwrap() {
            assert!(row[3].contains(change["version"].as_str().unwrap()), "{service}: {row:?}");
        }
    }
    assert_eq!(text(all(&page, "h1")[0]), "production is behind staging in 2 of 6 services");
}

#[tokio::test]
async fn a_deployment_is_shown_with_its_status_its_stages_and_every_event() {
    let world = told().await;
    let stage = json!({
        "deploymentId": "behind-p2", "type": "stage", "stage": "HEALTH_CHECK", "status": "FAILED",
        "occurredAt": tests::world::at(-110), "error": {"code": "UNHEALTHY", "message": "3 of 4 <instances>"},
    });
    world.post(&stage).await;
    let events = items(&world, "/v1/deployments/behind-p2/events?limit=100").await;
    let page = page(&world, "/deployments/behind-p2").await;
    assert_eq!(text(all(&page, "h1")[0]), "behind 2.0 failed in production");
    let facts: Vec<String> = all(&page, ".facts > div").into_iter().map(text).collect();
    assert!(facts.contains(&"Status failed attempt 1".to_owned()), "{facts:?}");
    let stages: Vec<String> = all(&page, "table.stages tbody tr").into_iter().map(text).collect();
    assert_eq!(stages, ["HEALTH_CHECK failed UNHEALTHY: 3 of 4 <instances> –"]);
    assert_eq!(text(all(&page, "pre.error")[0]), "3 of 4 <instances>");
    let trail: Vec<Vec<String>> = all(&page, "table.plain tbody tr")
        .into_iter()
        .map(|row| within(row, "td").into_iter().map(text).collect())
        .filter(|cells: &Vec<String>| cells.len() == 7)
        .collect();
    assert_eq!(trail.len(), events.len());
    for (row, event) in trail.iter().zip(&events) {
        assert_eq!(row[0], event["sequence"].to_string());
        assert_eq!(
            (row[4].as_str(), row[5].as_str()),
            (event["producer"].as_str().unwrap(), &event["hash"].as_str().unwrap()[..12])
        );
    }
    assert!(text(all(&page, "main")[0]).contains("intact: every hash follows from the one before"));
}

#[tokio::test]
async fn the_overview_tells_what_is_wrong_and_what_is_under_way() {
    let world = told().await;
    let page = page(&world, "/").await;
    assert_eq!(text(all(&page, "h1")[0]), "3 things are wrong, 1 deployment is under way");
    let rows: Vec<String> = all(&page, ".rows li").into_iter().map(text).collect();
    assert_eq!(
        rows,
        [
            "behind 2.0 failed in production failed last 1 minute 1.0 runs.",
            "production: mixed runs 1 (eu), which never landed in staging (eu) unseen, high 5 minutes",
            "production: fix runs 1.0-fix, which never landed in staging unseen, high 6 minutes",
            "running 1.0 to production running 50 seconds usual duration not known",
        ]
    );
    let latest = items(&world, "/v1/deployments?limit=100").await;
    let shown = all(&page, "table.plain tbody tr a[href^='/deployments/']");
    let shown: Vec<&str> = shown.into_iter().map(|link| link.value().attr("href").unwrap()).collect();
    let expected: Vec<String> =
        latest.iter().take(10).map(|one| format!("/deployments/{}", one["deploymentId"].as_str().unwrap())).collect();
    assert_eq!(shown, expected);
}
