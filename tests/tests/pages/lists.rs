//! Pages of lists say what the API says.

use scraper::Html;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{all, event, page, text, told, within};

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The cells of the rows of a table.
fn rows(page: &Html, table: &str) -> Vec<Vec<String>> {
    let cells = |row| within(row, "th, td").into_iter().map(text).collect();
    all(page, &format!("{table} tbody tr")).into_iter().map(cells).collect()
}

async fn items(world: &World, path: &str) -> Vec<Value> {
    world.get(path).await.body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_finding_is_told_with_how_bad_it_is_and_what_it_follows_from() {
    let mut world = told().await;
    world.post(&event("old-s", -110 * 86_400, "old", "staging", "0.1", "COMPLETED")).await;
    world.apply(&json!({"environments": [{"name": "staging"}, {"name": "production", "production": true, "staleAfterDays": 30}]})).await;
    for query in
        ["", "?severity=high", "?kind=STALE", "?service=fix", "?environment=staging", "?asOf=2026-03-01T11:53:00Z"]
    {
        let and = if query.is_empty() { "?" } else { "&" };
        let findings = items(&world, &format!("/v1/drift{query}{and}limit=100")).await;
        let page = page(&world, &format!("/drift{query}")).await;
        let cards = all(&page, ".finding");
        assert_eq!(cards.len(), findings.len(), "{query}");
        for (card, finding) in cards.iter().zip(&findings) {
            assert!(text(within(*card, "h2")[0]).starts_with(string(&finding["what"])));
            let place = finding["environment"].as_str().map(|name| format!("in {name}"));
            assert_eq!(within(*card, "h2 .small").into_iter().map(text).next(), place);
            let kind = string(&finding["kind"]).to_lowercase().replace('_', " ");
            assert_eq!(text(within(*card, ".said")[0]), format!("{kind}, {}", string(&finding["severity"])));
            assert_eq!(within(*card, "time[data-ago]").len(), usize::from(finding["since"].is_string()));
            let evidence = finding["evidence"].as_array().unwrap();
            for (row, piece) in within(*card, "tbody tr").into_iter().zip(evidence) {
                let row: Vec<String> = within(row, "td").into_iter().map(text).collect();
                let region = piece["region"].as_str().map(|name| format!(" ({name})")).unwrap_or_default();
                let expected = [
                    format!("{}{region}", string(&piece["environment"])),
                    string(&piece["service"]).to_owned(),
                    string(&piece["version"]).to_owned(),
                    string(&piece["deploymentId"]).to_owned(),
                ];
                assert_eq!([0, 1, 2, 4].map(|n| row[n].clone()), expected);
            }
            assert_eq!(within(*card, "tbody tr").len(), evidence.len());
        }
    }
    let page = page(&world, "/drift").await;
    assert_eq!(text(all(&page, "h1")[0]), "4 findings, the worst first");
    assert!(text(all(&page, ".rest")[0]).contains("2 high, 2 medium, 0 low. Found by version 1 of the settings."));
    let nothing = super::page(&world, "/drift?kind=MIXED&environment=production").await;
    assert_eq!(text(all(&nothing, "h1")[0]), "Nothing has drifted in production");
}

#[tokio::test]
async fn a_bad_version_is_told_with_why_where_since_when_and_who_says_so() {
    let world = told().await;
    let verdict = |version: &str, outcome: &str, seconds: i64, reason: &str| {
        json!({"type": "verdict", "service": "same", "version": version, "outcome": outcome, "reason": reason,
               "triggeredBy": {"kind": "MANUAL", "actor": "ada"}, "occurredAt": at(seconds)})
    };
    for event in [
        event("behind-p2", -60, "behind", "production", "2.0", "ROLLED_BACK"),
        verdict("1.0", "BAD", -50, "loses <orders>"),
        verdict("0.9", "BAD", -45, "slow"),
        verdict("0.9", "CLEARED", -40, "it was the database"),
    ] {
        let answer = world.post(&event).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }
    for (query, title) in [
        ("", "2 versions are bad"),
        ("?cleared=true", "2 versions are bad, 1 cleared"),
        ("?service=same", "1 version of same is bad"),
        ("?asOf=2026-03-01T11:59:05Z", "1 version is bad"),
        ("?asOf=2026-02-01T00:00:00Z", "No version is known to be bad"),
    ] {
        let and = if query.is_empty() { "?" } else { "&" };
        let versions = items(&world, &format!("/v1/bad{query}{and}limit=100")).await;
        let page = page(&world, &format!("/bad{query}")).await;
        assert_eq!(text(all(&page, "h1")[0]), title, "{query}");
        let cards = all(&page, ".verdict");
        assert_eq!(cards.len(), versions.len(), "{query}");
        for (card, version) in cards.iter().zip(&versions) {
            assert_eq!(
                text(within(*card, "h2")[0]),
                format!("{} {}", string(&version["service"]), string(&version["version"]))
            );
            assert_eq!(text(within(*card, ".said")[0]), string(&version["state"]).to_lowercase());
            for (row, piece) in within(*card, "tbody tr").into_iter().zip(version["evidence"].as_array().unwrap()) {
                let row: Vec<String> = within(row, "td").into_iter().map(text).collect();
                assert!(row[0].contains(string(&piece["reason"])), "{row:?}");
                assert_eq!(row[1], piece["environment"].as_str().unwrap_or("everywhere"));
                assert_eq!(row[3], piece["by"].as_str().unwrap_or_else(|| string(&piece["deploymentId"])));
                assert!(
                    row[4].contains(string(&piece["cleared"]["reason"]))
                        && (row[4] == "no") == piece["cleared"].is_null(),
                    "{row:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_release_is_told_with_what_it_lacks_where() {
    let world = told().await;
    let lists = items(&world, "/v1/releases?environment=staging").await;
    let list = page(&world, "/releases?environment=staging").await;
    assert_eq!(text(all(&list, "h1")[0]), "0 of 1 releases are not complete in staging");
    let row = &rows(&list, "table")[0];
    assert_eq!((row[0].as_str(), row[1].as_str(), row[4].as_str()), ("spring", string(&lists[0]["day"]), "complete"));
    assert_eq!(text(all(&page(&world, "/releases").await, "h1")[0]), "Releases, newest first");

    let release = world.get("/v1/releases/spring?environment=production").await.body;
    let shown = page(&world, "/releases/spring").await;
    assert_eq!(text(all(&shown, "h1")[0]), "spring lacks 2 of 2 services in production");
    let states: Vec<(String, String)> =
        rows(&shown, "table").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let expected = release["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (string(&item["service"]).to_owned(), string(&item["state"]).to_lowercase().replace('_', " ")));
    assert_eq!(states, expected.collect::<Vec<_>>());
    let where_: Vec<String> = all(&shown, ".rows li").into_iter().map(text).collect();
    assert_eq!(where_, ["staging complete", "production, shown below lacks 2 of 2 behind, same"]);
    // Before any of it there was none.
    assert_eq!(world.page("/releases/spring?asOf=2026-01-01T00:00:00Z").await.0, 404);
    let other = page(&world, "/releases/spring?environment=staging").await;
    assert_eq!(text(all(&other, "h1")[0]), "spring is complete in staging");
}

#[tokio::test]
async fn the_settings_are_told_as_they_are_and_as_they_were() {
    let mut world = told().await;
    assert_eq!(text(all(&page(&world, "/settings").await, "h1")[0]), "No settings were in force: the defaults hold");
    let document = json!({
        "environments": [
            {"name": "staging", "aliases": ["stage"]},
            {"name": "production", "production": true, "staleAfterDays": 90,
             "gate": {"provenIn": "staging", "soakMinutes": 60, "notBad": true}}],
        "services": [{"name": "same", "aliases": ["the-same"]}],
        "freezes": [{"name": "holidays", "environments": ["production"], "from": "2026-02-20T00:00:00Z", "to": "2026-03-04T00:00:00Z", "except": ["old"]}],
        "permissions": [{"who": "oidc:repo:shop/*", "may": ["override"], "environments": ["production"]}],
    });
    world.apply(&document).await;
    let shown = page(&world, "/settings").await;
    assert_eq!(text(all(&shown, "h1")[0]), "Settings, version 1");
    let stored = world.get("/v1/settings").await.body;
    assert!(text(all(&shown, ".rest")[0]).starts_with(&format!("Applied by {} on ", string(&stored["recordedBy"]))));
    let cells: Vec<Vec<String>> = rows(&shown, "table");
    for expected in [
        vec!["staging", "stage", "no freeze", "never"],
        vec!["production production", "–", "proven in staging for 1 h or longer not bad no freeze", "90 days"],
        vec!["holidays", "holds", "production", "20 Feb 2026 00:00:00", "4 Mar 2026 00:00:00", "old"],
        vec!["oidc:repo:shop/*", "override", "production", "all", "all"],
        vec!["same", "the-same"],
    ] {
        assert!(cells.iter().any(|row| *row == expected), "{expected:?} in {cells:?}");
    }
    let written = all(&shown, "pre.sent")[0].text().collect::<String>();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), stored["settings"]);
    let before = page(&world, "/settings?asOf=2026-02-01T00:00:00Z").await;
    assert_eq!(text(all(&before, "h1")[0]), "No settings were in force then: the defaults hold");
    let version = all(&shown, "td a").into_iter().find(|link| text(*link) == "1").unwrap();
    let again = page(&world, version.value().attr("href").unwrap()).await;
    assert_eq!(text(all(&again, "h1")[0]), "Settings, version 1");
}

#[tokio::test]
async fn metrics_are_told_and_drawn_and_the_table_says_what_the_chart_does() {
    let world = told().await;
    for query in
        ["", "?hours=168&environment=production", "?hours=2208", "?hours=24&asOf=2026-01-22T12:00:00Z&service=same"]
    {
        let metrics = world.get(&format!("/v1/metrics{query}")).await.body;
        let page = page(&world, &format!("/metrics{query}")).await;
        let count = |of: &Value, name: &str| of[name].as_u64().unwrap();
        let names = ["completed", "rolledBack", "failed", "cancelled"];
        let periods = metrics["trend"].as_array().unwrap();
        let table = all(&page, "details table tbody tr");
        assert_eq!(table.len(), periods.len(), "{query}");
        for (row, period) in table.into_iter().zip(periods) {
            let cells: Vec<String> = within(row, "td").into_iter().map(text).collect();
            assert_eq!(cells, names.map(|name| count(&period["outcomes"], name).to_string()), "{query}");
        }
        // A part of a column for each outcome of a period in which there was any.
        let parts: usize =
            periods.iter().map(|period| names.iter().filter(|name| count(&period["outcomes"], name) > 0).count()).sum();
        assert_eq!(all(&page, ".columns-chart rect").len(), parts, "{query}");
        let facts: Vec<String> = all(&page, ".facts .figure").into_iter().map(text).collect();
        let percent = |value: &Value| value.as_f64().map_or("–".to_owned(), |value| format!("{value:.1} %"));
        assert_eq!(facts[0], format!("{:.2}", metrics["dora"]["deploymentsPerDay"].as_f64().unwrap()));
        assert_eq!(
            (&facts[1], &facts[5]),
            (&percent(&metrics["dora"]["changeFailureRate"]), &percent(&metrics["successRate"]))
        );
        let finished: u64 = names.iter().map(|name| count(&metrics["deployments"], name)).sum();
        let title = text(all(&page, "h1")[0]);
        assert!(
            title.starts_with(&if finished == 0 { "No ".to_owned() } else { format!("{finished} ") }),
            "{query}: {title}"
        );
    }
}

#[tokio::test]
async fn incidents_are_listed_a_page_at_a_time() {
    let world = told().await;
    for n in 0..21 {
        let event = json!({"type": "incident", "deploymentId": format!("incident:old-{n}"), "occurredAt": at(-9000 - n), "service": "same",
                           "environment": "staging", "status": "COMPLETED"});
        assert_eq!(world.post(&event).await.status, 201);
    }
    let first = page(&world, "/incidents").await;
    assert_eq!(text(all(&first, "h1")[0]), "Incidents, newest first: 1 on this page is open");
    let next = all(&first, "main p a").into_iter().find(|link| text(*link) == "Earlier ones").unwrap();
    let second = page(&world, next.value().attr("href").unwrap()).await;
    let mut shown = rows(&first, "table");
    shown.extend(rows(&second, "table"));
    let incidents = items(&world, "/v1/incidents?limit=100").await;
    assert_eq!((shown.len(), incidents.len()), (22, 22));
    for (row, incident) in shown.iter().zip(&incidents) {
        assert_eq!(
            [row[1].as_str(), &row[2], &row[3]],
            [string(&incident["incidentId"]), string(&incident["service"]), string(&incident["environment"])]
        );
        assert!(row[4].starts_with(&string(&incident["status"]).to_lowercase()), "{row:?}");
    }
    let open = page(&world, "/incidents?environment=production").await;
    assert_eq!(rows(&open, "table").len(), 1);
    assert!(rows(&open, "table")[0][7].contains("orders are lost"));
    let incident = page(&world, "/deployments/incident:inc-1").await;
    assert_eq!(text(all(&incident, "h1")[0]), "Incident of behind in production is open");
    let none = page(&world, "/incidents?from=2026-03-01T11:59&to=2026-03-01T12:00").await;
    assert_eq!(text(all(&none, "h1")[0]), "No incidents");
}

#[tokio::test]
async fn what_was_rejected_is_told_with_each_wrong_field_and_what_was_sent() {
    let world = told().await;
    let nothing = page(&world, "/rejected").await;
    assert_eq!(text(all(&nothing, "h1")[0]), "No rejected events");
    let sent = json!({"source": "ci", "detail-type": "Deployment Event", "time": at(0), "detail": {"deploymentId": "x<b>", "status": "DONE"}});
    world.queue(&[sent.to_string()], at(0)).await.unwrap();
    let rejected = &items(&world, "/v1/rejected").await[0];
    let shown = page(&world, "/rejected").await;
    let card = text(all(&shown, "main .card")[0]);
    for error in rejected["errors"].as_array().unwrap() {
        assert!(card.contains(&format!("{} : {}", string(&error["field"]), string(&error["detail"]))), "{card}");
    }
    assert!(card.contains(string(&rejected["detail"])) && card.contains(string(&rejected["rawHash"])), "{card}");
    assert_eq!(all(&shown, "pre.sent")[0].text().collect::<String>(), string(&rejected["raw"]));
}
