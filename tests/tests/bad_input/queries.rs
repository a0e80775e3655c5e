//! Questions that are wrong: unknown parameters, values out of bounds, and cursors that are not
//! ours, of this query, or whole.

use api::cursor;
use serde_json::json;
use tests::World;
use tests::world::at;

use super::{expect_problem, valid};

/// The lists, with what binds their cursors.
const LISTS: [(&str, &str); 6] = [
    ("/v1/deployments", "listDeployments "),
    ("/v1/deployments/active", "listActiveDeployments "),
    ("/v1/deployments/d-1/events", "listDeploymentEvents d-1"),
    ("/v1/live", "listLive "),
    ("/v1/catalog", "getCatalog "),
    ("/v1/rejected", "listRejected "),
];

/// A world in which each list has more than one page of one.
async fn filled() -> World {
    let world = World::new().await;
    for number in 1..=3 {
        for (second, status) in [(0, "IN_PROGRESS"), (1, "FAILED")] {
            let event = json!({
                "deploymentId": format!("d-{number}"), "service": format!("s-{number}"), "environment": "staging",
                "occurredAt": at(number * 10 + second - 100), "status": status,
            });
            assert_eq!(world.post(&event).await.status, 201);
        }
        let active = json!({"deploymentId": format!("a-{number}"), "service": "s-1", "environment": "staging", "status": "PENDING"});
        assert_eq!(world.post(&active).await.status, 201);
        world.queue(&[format!("wrong {number}")], at(-number)).await.unwrap();
    }
    world
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_by_name_on_every_route() {
    let world = filled().await;
    for path in [
        "/v1/deployments",
        "/v1/deployments/active",
        "/v1/live",
        "/v1/metrics",
        "/v1/rejected",
        "/v1/catalog",
        "/v1/deployments/d-1",
        "/v1/deployments/d-1/events",
        "/v1/deployments/d-1/verify",
        "/openapi.json",
        "/healthz",
        "/",
    ] {
        expect_problem(
            &world.get(&format!("{path}?enviroment=production")).await,
            400,
            "enviroment",
            "unknown parameter",
        );
    }
    let body = valid().to_string();
    let posted = world
        .request("POST", "/v1/events?dryRun=true", &[("content-type", "application/json")], body.as_bytes(), at(0))
        .await;
    expect_problem(&posted.unwrap(), 400, "dryRun", "unknown parameter; there are none here");
}

#[tokio::test]
async fn parameters_out_of_bounds_are_refused_by_name() {
    let world = filled().await;
    for (list, _) in LISTS {
        for limit in ["0", "-1", "101", "abc", "", "1.5", "1e1", "99999999999999999999999", "%00", "%EF%BC%95"] {
            expect_problem(
                &world.get(&format!("{list}?limit={limit}")).await,
                400,
                "limit",
                "must be a whole number from 1 to 100",
            );
        }
        expect_problem(&world.get(&format!("{list}?limit=5&limit=6")).await, 400, "limit", "is given twice");
        for limit in ["1", "100"] {
            assert_eq!(world.get(&format!("{list}?limit={limit}")).await.status, 200, "{list}");
        }
    }
    for (query, field, says) in [
        ("/v1/deployments?status=DONE", "status", "must be one of PENDING"),
        ("/v1/deployments?status=FAILED,DONE", "status", "must be one of PENDING"),
        ("/v1/deployments?status=", "status", "must be one of PENDING"),
        ("/v1/deployments?status=completed", "status", "must be one of PENDING"),
        ("/v1/deployments?environment=", "environment", "printable text"),
        ("/v1/deployments?environment=a%E2%80%8Bb", "environment", "this has U+200B"),
        ("/v1/deployments?environment=%ff", "environment", "must be UTF-8"),
        ("/v1/deployments?service=a%0Ab", "service", "printable text"),
        ("/v1/deployments?version=%00", "version", "printable text"),
        ("/v1/deployments?from=yesterday", "from", "RFC 3339"),
        ("/v1/deployments?to=2026-13-01T00:00:00Z", "to", "RFC 3339"),
        ("/v1/deployments?to=9999-01-01T00:00:00Z", "to", "RFC 3339"),
        ("/v1/deployments/active?environment=%20", "environment", "printable text"),
        ("/v1/live?asOf=now", "asOf", "RFC 3339"),
        ("/v1/live?knownAt=", "knownAt", "RFC 3339"),
        ("/v1/live?service=%F0%9F%9A%80%E2%80%8D", "service", "printable text"),
        ("/v1/catalog?service=%23b%20", "service", "no space at either end"),
        ("/v1/rejected?from=1", "from", "RFC 3339"),
        ("/v1/deployments?from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z", "from", "must not be later than `to`"),
        ("/v1/rejected?from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z", "from", "must not be later than `to`"),
    ] {
        expect_problem(&world.get(query).await, 400, field, says);
    }
    for hours in ["0", "-1", "9601", "abc", "", "1.5", "1e1", "24h", "99999999999999999999999", "%00", "%EF%BC%95"] {
        let answer = world.get(&format!("/v1/metrics?hours={hours}")).await;
        expect_problem(&answer, 400, "hours", "must be a whole number from 1 to 9600");
    }
    for hours in ["1", "9600"] {
        assert_eq!(world.get(&format!("/v1/metrics?hours={hours}")).await.status, 200, "{hours}");
    }
    expect_problem(&world.get("/v1/metrics?hours=5&hours=6").await, 400, "hours", "is given twice");
    let all = world.get("/v1/metrics?environment=&service=a%0Ab&hours=x").await;
    for field in ["environment", "service", "hours"] {
        expect_problem(&all, 400, field, "must be");
    }
    let all = world.get("/v1/deployments?status=DONE&from=x&limit=0&cursor=y").await;
    for field in ["status", "from", "limit", "cursor"] {
        expect_problem(&all, 400, field, "must");
    }
}

#[tokio::test]
async fn a_cursor_that_is_not_ours_or_not_whole_is_refused() {
    let world = filled().await;
    for (list, _) in LISTS {
        let page = world.get(&format!("{list}?limit=1")).await.body;
        let real = page["nextCursor"].as_str().unwrap_or_else(|| panic!("{list} has a second page: {page}")).to_owned();
        let mut altered = real.clone().into_bytes();
        altered[10] = if altered[10] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        // Version 1, a digest of twelve digits, and the position `~`; then the same of a version 2.
        let (forged, later_version) = ("ATEyMzQ1Njc4OTAxMn4", "AjEyMzQ1Njc4OTAxMn4");
        let cases = [
            "",
            "x",
            "%00",
            "~",
            &real[..real.len() - 1],
            &real[..real.len() - 4],
            &real[..8],
            &format!("{real}A"),
            &format!("{real}="),
            &altered,
            forged,
            later_version,
            &"A".repeat(9000),
        ];
        for wrong in cases {
            let answer = world.get(&format!("{list}?limit=1&cursor={wrong}")).await;
            expect_problem(&answer, 400, "cursor", "must be the `nextCursor` of an answer to the same query");
        }
        assert_eq!(world.get(&format!("{list}?limit=1&cursor={real}")).await.status, 200, "{list}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_query_is_refused() {
    let world = filled().await;
    let of = async |query: &str| world.get(query).await.body["nextCursor"].as_str().expect("a next page").to_owned();
    let cursors = [
        ("/v1/deployments", of("/v1/deployments?limit=1").await),
        ("/v1/deployments?environment=staging", of("/v1/deployments?environment=staging&limit=1").await),
        ("/v1/deployments?status=FAILED", of("/v1/deployments?status=FAILED&limit=1").await),
        ("/v1/deployments/active", of("/v1/deployments/active?limit=1").await),
        ("/v1/deployments/d-1/events", of("/v1/deployments/d-1/events?limit=1").await),
        ("/v1/deployments/d-2/events", of("/v1/deployments/d-2/events?limit=1").await),
        ("/v1/live", of("/v1/live?limit=1").await),
        ("/v1/live?environment=staging", of("/v1/live?environment=staging&limit=1").await),
        ("/v1/catalog", of("/v1/catalog?limit=1").await),
        ("/v1/rejected", of("/v1/rejected?limit=1").await),
    ];
    for (query, _) in &cursors {
        for (other, cursor) in &cursors {
            let separator = if query.contains('?') { '&' } else { '?' };
            let answer = world.get(&format!("{query}{separator}cursor={cursor}")).await;
            if query == other {
                // The limit is no part of the query: pages may differ in size.
                assert_eq!(answer.status, 200, "{query}: {answer:?}");
            } else {
                expect_problem(&answer, 400, "cursor", "same query");
            }
        }
    }
}

#[tokio::test]
async fn a_forged_cursor_with_a_right_digest_and_an_impossible_position_fails_no_invocation() {
    // The digest needs no secret, so anyone can make a cursor that leads anywhere.
    let world = filled().await;
    let long = "9".repeat(3000);
    let positions = [
        "",
        "#",
        "~",
        "a",
        "-1",
        "0",
        "18446744073709551616",
        "9999999999999#",
        "0000000000000#x",
        "99999999999999999#x",
        "2026-03-01",
        "\u{0}",
        "éééééééééééééé",
        "aaaaaaaaaaaaa#b",
        "staging#",
        "#staging",
        "staging#s-1#x",
        &long,
    ];
    for (list, query) in LISTS {
        for position in positions {
            let cursor = cursor::encode(query, position);
            let answer = world.request("GET", &format!("{list}?cursor={cursor}"), &[], b"", at(0)).await;
            let answer = answer.unwrap_or_else(|failed| panic!("{list} at {position:.40?}: {failed}"));
            assert!(matches!(answer.status, 200 | 400), "{list} at {position:.40?}: {answer:?}");
        }
    }
}
