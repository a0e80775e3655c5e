//! Figures of groups, beside the window before, as a table, and lead times of each commit.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event_with, record};

fn of(id: &str, seconds: i64, status: &str, service: &str, more: &Value) -> Value {
    let mut event = event_with(id, seconds, status, &json!({"service": service}));
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// Two hours: in the first one deployment, in the second four, of two teams and one that is of none.
async fn told() -> World {
    let mut world = World::new().await;
    record(
        &world,
        &[
            of("before", -5400, "COMPLETED", "cart", &json!({"version": "1"})),
            of("bad", -3000, "COMPLETED", "cart", &json!({"version": "2", "release": "r-1"})),
            of("back", -2400, "COMPLETED", "cart", &json!({"version": "1", "release": "r-2"})),
            of("mail", -1200, "COMPLETED", "mail", &json!({"release": "r-1"})),
            of("loose", -600, "FAILED", "=loose,\"x\"", &json!({})),
        ],
    )
    .await;
    world.apply(&json!({"services": [{"name": "cart", "team": "shop"}, {"name": "mail", "team": "=post"}]})).await;
    world
}

/// A group's name, how many completed and failed in it, its rates.
fn short(group: &Value) -> Value {
    let (deployments, dora) = (&group["deployments"], &group["dora"]);
    json!([
        group["name"],
        deployments["completed"],
        deployments["failed"],
        dora["changeFailureRate"],
        dora["deploymentReworkRate"],
        dora["medianTimeToRestoreSeconds"],
    ])
}

#[tokio::test]
async fn figures_are_given_by_service_environment_team_and_release() {
    let world = told().await;
    for (by, expected) in [
        (
            "service",
            json!([
                ["=loose,\"x\"", 0, 1, null, null, null],
                ["cart", 2, 0, 50.0, 50.0, 600.0],
                ["mail", 1, 0, 0.0, 0.0, null],
            ]),
        ),
        ("environment", json!([["staging", 3, 1, 100.0 / 3.0, 100.0 / 3.0, 600.0]])),
        (
            "team",
            json!([["=post", 1, 0, 0.0, 0.0, null], ["shop", 2, 0, 50.0, 50.0, 600.0], [null, 0, 1, null, null, null]]),
        ),
        // What restored it is part of another release.
        (
            "release",
            json!([["r-1", 2, 0, 50.0, 0.0, 600.0], ["r-2", 1, 0, 0.0, 100.0, null], [null, 0, 1, null, null, null]]),
        ),
    ] {
        let answer = world.get(&format!("/v1/metrics?hours=1&by={by}")).await.body;
        let groups: Vec<Value> = answer["groups"].as_array().unwrap().iter().map(short).collect();
        assert_eq!(json!(groups), expected, "{by}");
    }
    let plain = world.get("/v1/metrics?hours=1").await.body;
    assert_eq!((&plain["groups"], &plain["previous"]), (&Value::Null, &Value::Null));
    for (query, field) in [("by=day", "by"), ("compareTo=next", "compareTo"), ("format=xml", "format")] {
        let answer = world.get(&format!("/v1/metrics?{query}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn figures_are_given_of_a_team_or_a_release_alone() {
    let mut world = told().await;
    for (part, by) in [("team=shop", "team"), ("release=r-1", "release"), ("release=r-2", "release")] {
        let name = part.split_once('=').unwrap().1;
        let answer = world.get(&format!("/v1/metrics?hours=1&{part}")).await.body;
        assert_eq!(answer[by], name);
        let groups = world.get(&format!("/v1/metrics?hours=1&by={by}")).await.body["groups"].clone();
        let group = groups.as_array().unwrap().iter().find(|group| group["name"] == name).unwrap().clone();
        for figure in ["deployments", "successRate", "dora"] {
            assert_eq!(answer[figure], group[figure], "{part}: {figure}");
        }
    }
    let both = world.get("/v1/metrics?hours=1&team=shop&release=r-1&compareTo=previous&by=service").await.body;
    let of = |counts: &Value| (counts["completed"].clone(), counts["failed"].clone());
    assert_eq!(of(&both["deployments"]), (json!(1), json!(0)));
    assert_eq!(of(&both["previous"]["deployments"]), (json!(0), json!(0)), "it was of no release");
    assert_eq!(both["groups"].as_array().unwrap().iter().map(|group| &group["name"]).collect::<Vec<_>>(), ["cart"]);
    assert_eq!(world.get("/v1/metrics?hours=1&release=r-9").await.body["deployments"]["completed"], 0);
    let nobody = world.get("/v1/metrics?hours=1&team=shpo").await.body;
    assert_eq!((&nobody["team"], &nobody["deployments"]["completed"]), (&json!("shpo"), &json!(0)), "of no service");
    for (query, field) in [("team=%C2%9B", "team"), ("team=", "team"), ("release=%C2%9B", "release")] {
        let wrong = world.get(&format!("/v1/metrics?{query}")).await;
        assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (400, &json!(field)), "{query}");
    }
    // What was recorded under another name of a service is its team's.
    let renamed = json!({"services": [{"name": "basket", "aliases": ["cart"], "team": "shop"}]});
    world.apply(&renamed).await;
    assert_eq!(world.get("/v1/metrics?hours=1&team=shop").await.body["deployments"]["completed"], 2);
}

#[tokio::test]
async fn a_window_stands_beside_the_one_before_it() {
    let world = told().await;
    let answer = world.get("/v1/metrics?hours=1&compareTo=previous").await.body;
    let before = world.get(&format!("/v1/metrics?hours=1&asOf={}", at(-3600))).await.body;
    let previous = &answer["previous"];
    for name in ["from", "to", "deployments", "successRate", "dora"] {
        assert_eq!(previous[name], before[name], "{name}");
    }
    assert_eq!(previous["to"], answer["from"]);
    assert_eq!(
        previous["difference"],
        json!({
            "successRate": -25.0, "deploymentsPerDay": 48.0, "changeFailureRate": 100.0 / 3.0,
            "deploymentReworkRate": 100.0 / 3.0, "medianLeadTimeSeconds": null, "medianTimeToRestoreSeconds": null,
        })
    );
}

#[tokio::test]
async fn a_table_is_safe_to_open() {
    let world = told().await;
    let query = "hours=1&by=team&compareTo=previous&format=csv";
    let (status, headers, text) = world.page(&format!("/v1/metrics?{query}")).await;
    assert_eq!((status, headers["content-type"].as_str()), (200, Some("text/csv; charset=utf-8")));
    let rows: Vec<&str> = text.split("\r\n").collect();
    let (from, to, before) = (at(60 - 3600), at(60), at(60 - 7200));
    assert_eq!(
        rows,
        [
            "of,group,from,to,completed,failed,rolledBack,cancelled,successRate,deploymentsPerDay,undone,failedAfter,\
             judgedBad,incidents,changeFailures,changeFailureRate,deploymentReworkRate,medianLeadTimeSeconds,\
             medianTimeToRestoreSeconds,environments",
            &format!("all,,{from},{to},3,1,0,0,75,72,1,0,0,0,1,33.333333333333336,33.333333333333336,,600,"),
            &format!("group,'=post,{from},{to},1,0,0,0,100,24,0,0,0,0,0,0,0,,,"),
            &format!("group,shop,{from},{to},2,0,0,0,100,48,1,0,0,0,1,50,50,,600,"),
            &format!("group,,{from},{to},0,1,0,0,0,0,0,0,0,0,0,,,,,"),
            &format!("previous,,{before},{from},1,0,0,0,100,24,0,0,0,0,0,0,0,,,"),
            "",
        ]
    );
}

#[tokio::test]
async fn lead_times_are_of_each_commit_where_a_deployment_names_them() {
    let world = World::new().await;
    let commit = |n: u32, seconds: i64| json!({"sha": format!("abcdef{n}"), "at": at(seconds)});
    record(
        &world,
        &[
            of("one", -100, "COMPLETED", "cart", &json!({"committedAt": at(-1100)})),
            of("many", -900, "IN_PROGRESS", "cart", &json!({"commits": [commit(1, -5000), commit(2, -4000)]})),
            // The same commit again, and one more; the time of the one that is deployed counts no more.
            of(
                "many",
                -50,
                "COMPLETED",
                "cart",
                &json!({"commits": [commit(2, -3000), commit(3, -150)], "committedAt": at(-60)}),
            ),
        ],
    )
    .await;
    // Of 100, 1000, 3950 and 4950 seconds the lower of the two in the middle.
    assert_eq!(world.get("/v1/metrics").await.body["dora"]["medianLeadTimeSeconds"], 1000.0);
    world.expect_state_is_history().await;
    for (commits, field) in [
        (json!([{"sha": "abcdef1"}]), "commits[0].at"),
        (json!([{"sha": "", "at": at(0)}]), "commits[0].sha"),
        (json!([{"sha": "abcdef1", "at": "yesterday"}]), "commits[0].at"),
        (json!(["abcdef1"]), "commits[0]"),
        (json!({"sha": "abcdef1"}), "commits"),
        (json!([{"sha": "abcdef1", "at": at(0), "by": "ada"}]), "commits[0].by"),
        (json!((0..101).map(|n| json!({"sha": format!("{n:07x}"), "at": at(0)})).collect::<Vec<_>>()), "commits"),
    ] {
        let answer = world.post(&of("bad", 0, "COMPLETED", "cart", &json!({"commits": commits}))).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(field)), "{answer:?}");
    }
}
