//! The form in which a version is called bad, or cleared, sent to the real function.

use scraper::Html;
use serde_json::json;
use tests::World;

use super::{all, event, page, text, within};

const ID: &str = "00112233445566778899aabbccddeeff";

async fn world() -> World {
    let world = World::new().await;
    let answer = world.post(&event("p-1", -400, "cart", "production", "1.0", "COMPLETED")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    world
}

fn says<'f>(id: &'f str, outcome: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let all = [("form", id), ("outcome", outcome), ("service", "cart"), ("version", "1.0"), ("reason", "loses orders")];
    all.into_iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name))
        .chain(more.iter().copied())
        .collect()
}

#[tokio::test]
async fn a_version_is_called_bad_and_cleared_and_its_page_says_so() {
    let world = world().await;
    let title = async |path: &str| text(all(&page(&world, path).await, "h1")[0]);
    let path = "/bad/mark?service=cart&version=1.0";
    assert_eq!(title("/bad/mark").await, "Call a version bad, or clear it");
    assert_eq!(title(path).await, "Nothing speaks against cart 1.0");

    let (status, headers, body) = world.submit("/bad", &says(ID, "BAD", &[("environment", "production")])).await;
    assert_eq!((status, &headers["location"], body.as_str()), (303, &json!(path), ""));
    assert_eq!(title(path).await, "cart 1.0 is bad");
    let listed = &world.get("/v1/bad").await.body["items"][0];
    assert_eq!((&listed["version"], &listed["evidence"][0]["reason"]), (&json!("1.0"), &json!("loses orders")));
    assert_eq!(
        (&listed["evidence"][0]["environment"], &listed["evidence"][0]["by"]),
        (&json!("production"), &json!("anonymous"))
    );
    let shown = page(&world, path).await;
    let row = text(within(all(&shown, "table.plain tbody")[0], "tr")[0]);
    assert!(row.starts_with("called bad production 1 Mar 2026") && row.ends_with("anonymous: loses orders"), "{row}");

    let other = "f".repeat(32);
    let cleared = says(&other, "CLEARED", &[("reason", "it was the database")]);
    // What happens at the same moment counts anew, so it is cleared a second later.
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&cleared).finish();
    let kind = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let answer = world.request("POST", "/bad", &kind, body.as_bytes(), tests::world::at(1)).await.unwrap();
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(title(path).await, "cart 1.0 is cleared");
    assert_eq!(world.get("/v1/bad").await.body["items"], json!([]));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn each_wrong_field_says_so_and_nothing_is_recorded() {
    let world = world().await;
    for (changed, field, message) in [
        (("outcome", ""), "outcome", "say whether it is bad or cleared"),
        (("outcome", "GOOD"), "outcome", "say whether it is bad or cleared"),
        (("service", ""), "service", "name the service"),
        (("service", "crat"), "service", "no deployment names crat"),
        (("version", ""), "version", "name the version, or a commit"),
        (("version", "7"), "version", "no deployment of cart was found with 7"),
        (("commit", "a\u{7}"), "commit", "U+0007"),
        (("environment", "unknown"), "environment", "must be a known environment"),
        (("reason", "  "), "reason", "say why: it must be a text of 1 to 1024 bytes"),
    ] {
        let (status, _, document) = world.submit("/bad", &says(ID, "BAD", &[changed])).await;
        assert_eq!(status, 422, "{changed:?}: {document}");
        let page = Html::parse_document(&document);
        let summary = text(all(&page, ".refused")[0]);
        assert!(summary.contains(message), "{changed:?}: {summary}");
        assert_eq!(all(&page, "[autofocus]")[0].value().attr("name"), Some(field));
        assert!(
            all(&page, ".refused a").len() == 1 && all(&page, &format!("#field-{field}-error")).len() == 1,
            "{document}"
        );
    }
    assert_eq!(world.get("/v1/bad?cleared=true").await.body["items"], json!([]));
    let never = says(ID, "BAD", &[("version", "7"), ("newVersion", "yes")]);
    assert_eq!(world.submit("/bad", &never).await.0, 303);
}

#[tokio::test]
async fn sent_twice_it_is_said_once_and_a_change_in_between_is_not_lost_in_silence() {
    let world = world().await;
    for _ in 0..2 {
        assert_eq!(world.submit("/bad", &says(ID, "BAD", &[])).await.0, 303);
    }
    let evidence = async || world.get("/v1/bad").await.body["items"][0]["evidence"].as_array().unwrap().len();
    assert_eq!(evidence().await, 1);
    let (status, _, document) = world.submit("/bad", &says(ID, "BAD", &[("reason", "slow")])).await;
    assert!(status == 422 && document.contains("something else was recorded of it"), "{document}");
    assert_eq!(evidence().await, 1);
}
