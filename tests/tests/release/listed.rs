//! Which releases there are.

use domain::fields::Unknown;
use domain::identifiers::Identifier as _;
use domain::{Environment, Settings};
use serde_json::{Value, json};
use store::reader::releases::ReleasesQuestion;
use tests::World;
use tests::world::at;

use super::{event, post, put, world};

fn settings() -> Settings {
    Settings::read(super::settings(), Unknown::Refused).unwrap()
}

const DAY: i64 = 24 * 3600;

/// The releases of a list over pages of this many: `7 2026-02-28 true`.
async fn releases(world: &World, query: &str, limit: usize) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("/v1/releases?{query}&limit={limit}{cursor}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let told = |item: &Value| {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", text("release"), text("day"), item["complete"])
        };
        all.extend(answer.body["items"].as_array().unwrap().iter().map(told));
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn releases_are_listed_by_their_newest_day_each_once() {
    let world = world().await;
    let of = |release: &str| json!({"release": release});
    post(
        &world,
        &[
            event("cart@1 staging", -3 * DAY, "COMPLETED", &of("5")),
            event("cart@1 production", -2 * DAY, "COMPLETED", &of("5")),
            event("cart@2 staging", -2 * DAY, "COMPLETED", &of("6#a")),
            event("search@2 staging", -DAY, "COMPLETED", &of("6#a")),
        ],
    )
    .await;
    put(&world, "9", &json!({"services": {"cart": "2"}, "environments": ["production"]}), None, -DAY).await;
    put(&world, "9", &json!({"services": {"cart": "3"}, "environments": ["production"]}), None, 0).await;
    for limit in [1, 2, 100] {
        let all = releases(&world, "", limit).await;
        assert_eq!(all, ["9 2026-03-01 null", "6#a 2026-02-28 null", "5 2026-02-27 null"], "{limit}");
        let production = releases(&world, "environment=prod", limit).await;
        assert_eq!(production, ["9 2026-03-01 false", "5 2026-02-27 true"], "{limit}");
        let staging = releases(&world, "environment=staging", limit).await;
        assert_eq!(staging, ["6#a 2026-02-28 true", "5 2026-02-27 true"], "{limit}");
    }
    let as_of = |seconds: i64| format!("asOf={}", at(seconds));
    assert_eq!(releases(&world, &as_of(-2 * DAY - 1), 100).await, ["5 2026-02-26 null"]);
    assert_eq!(
        releases(&world, &as_of(-1), 1).await,
        ["9 2026-02-28 null", "6#a 2026-02-28 null", "5 2026-02-27 null"]
    );
    assert_eq!(world.get("/v1/releases?cursor=x").await.status, 400);

    let (names, path) = (settings().names(), settings().path());
    let production = Environment::parse("production").unwrap();
    let question = ReleasesQuestion { environment: Some(&production), as_of: None, names: &names, path: &path };
    for (limit, expected) in [(1, &["9"][..]), (10, &["9"])] {
        let incomplete = world.reader().incomplete_releases(question, limit).await.unwrap();
        let incomplete: Vec<&str> = incomplete.iter().map(|listed| listed.release.as_str()).collect();
        assert_eq!(incomplete, expected, "of the newest {limit}");
    }
}
