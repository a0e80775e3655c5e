//! What is declared.

use domain::identifiers::Identifier as _;
use domain::{Label, Timestamp};
use serde_json::json;
use tests::Fault;
use tests::world::at;

use super::{event, post, put, status, world};

#[tokio::test]
async fn a_release_is_declared_amended_and_asked_for_as_of_any_time() {
    let world = world().await;
    assert_eq!(status(&world, "release/7", "environment=production").await, "404");
    let first = put(&world, "release/7", &json!({"services": {"shop-cart": "2", "search": "5"}}), None, -300).await;
    assert_eq!((first.status, &first.body["version"], &first.body["outcome"]), (201, &json!(1), &json!("recorded")));
    assert_eq!(first.headers["etag"], "\"1\"");
    // The same in other words is no new version.
    let same =
        put(&world, "release/7", &json!({"environments": [], "services": {"search": "5", "cart": "2"}}), None, -200)
            .await;
    assert_eq!((same.status, &same.body["version"], &same.body["outcome"]), (200, &json!(1), &json!("unchanged")));
    post(&world, &[event("cart@2 production", -250, "COMPLETED", &json!({}))]).await;
    let production = "environment=production";
    assert_eq!(status(&world, "release/7", production).await, "cart IN_PLACE, search NEVER_DEPLOYED: incomplete");
    assert_eq!(
        status(&world, "release/7", "environment=prod").await,
        "cart IN_PLACE, search NEVER_DEPLOYED: incomplete"
    );

    let amended = json!({"services": {"cart": "2"}, "environments": ["prod"], "notes": "search goes later"});
    for wrong in ["\"2\"", "\"0\""] {
        assert_eq!(put(&world, "release/7", &amended, Some(wrong), -100).await.status, 412, "{wrong}");
    }
    let second = put(&world, "release/7", &amended, Some("\"1\""), -100).await;
    assert_eq!((second.status, &second.body["version"]), (201, &json!(2)));
    assert_eq!(status(&world, "release/7", production).await, "cart IN_PLACE: complete");
    let as_of = |seconds: i64| format!("environment=production&asOf={}", at(seconds));
    for (seconds, expected) in [
        (-301, "404"),
        (-300, "cart NEVER_DEPLOYED, search NEVER_DEPLOYED: incomplete"),
        (-250, "cart IN_PLACE, search NEVER_DEPLOYED: incomplete"),
        (-101, "cart IN_PLACE, search NEVER_DEPLOYED: incomplete"),
        (-100, "cart IN_PLACE: complete"),
    ] {
        assert_eq!(status(&world, "release/7", &as_of(seconds)).await, expected, "{seconds}");
    }
    let answer = world.get("/v1/releases/release/7?environment=production").await.body;
    let declared = &answer["declared"];
    assert_eq!((&declared["version"], &declared["environments"]), (&json!(2), &json!(["production"])));
    assert_eq!((&declared["notes"], &declared["recordedAt"]), (&json!("search goes later"), &json!(at(-100))));
    assert_eq!(answer["items"][0]["expected"], json!({"version": "2", "commit": null}));
    assert_eq!((&answer["items"][0]["live"]["version"], &answer["more"]), (&json!("2"), &json!(false)));

    // Each version is in the chain of its release.
    let versions = world.reader().declarations(&Label::parse("release/7").unwrap()).await.unwrap();
    let [one, two] = versions.as_slice() else { panic!("{versions:?}") };
    assert_eq!((one.computed_hash(), two.computed_hash()), (one.hash.clone(), two.hash.clone()));
    assert_eq!((one.previous_hash.as_str(), &two.previous_hash), ("", &one.hash));
    assert!(one.document.contains(r#""release":"release/7""#), "the hash covers whose it is: {}", one.document);
    assert_eq!(declared["hash"], two.hash.as_str());
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_of_it_is_recorded() {
    let world = world().await;
    let wrong = json!({"services": {"cart": 2, "search": ""}, "environments": ["x", "x"], "note": ""});
    let answer = put(&world, "7", &wrong, None, 0).await;
    let fields: Vec<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(answer.status, 400);
    assert_eq!(fields, ["services.cart", "services.search", "environments[1]", "note"]);
    let right = json!({"services": {"cart": "1"}});
    assert_eq!(put(&world, "%07", &right, None, 0).await.status, 400);
    assert_eq!(put(&world, "7?x=1", &right, None, 0).await.status, 400);
    assert_eq!(put(&world, "7", &right, Some("\"1\""), 0).await.status, 412, "there is none yet");
    let text = world.request("PUT", "/v1/releases/7", &[("content-type", "text/plain")], b"{}", at(0)).await.unwrap();
    assert_eq!(text.status, 415);
    assert_eq!(status(&world, "7", "environment=production").await, "404");
    assert_eq!(status(&world, "7", "").await, "400");
}

#[tokio::test]
async fn wherever_it_breaks_off_to_declare_it_again_makes_one_version_that_a_gate_finds() {
    for fault in [Fault::Before, Fault::After] {
        for broken in 0..3 {
            let world = world().await;
            put(&world, "other", &json!({"services": {"web": "1"}}), None, -10).await;
            world.wire.reset();
            world.wire.decide(move |number, _, _| if number == broken { fault } else { Fault::None });
            let document = json!({"services": {"cart": "2", "web": "1"}});
            let (path, headers) = ("/v1/releases/7", [("content-type", "application/json")]);
            let body = document.to_string();
            let first = world.request("PUT", path, &headers, body.as_bytes(), at(0)).await;
            assert!(first.is_err(), "call {broken}: {first:?}");
            world.wire.decide(|_, _, _| Fault::None);
            let again = put(&world, "7", &document, None, 10).await;
            assert!(matches!(again.status, 200 | 201) && again.body["version"] == 1, "call {broken}: {again:?}");
            let gate = world.get("/v1/gate?service=cart&environment=production&version=2").await.body;
            assert_eq!(gate["checks"][5]["evidence"][0]["release"], "7", "call {broken}");
            world.expect_state_is_history().await;
        }
    }
}

#[tokio::test]
async fn two_who_declare_at_once_make_two_versions_and_lose_none() {
    let world = world().await;
    let documents: Vec<_> = (0..8).map(|n| json!({"services": {"cart": n.to_string()}})).collect();
    let all = documents.iter().map(|document| put(&world, "7", document, None, 0));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let versions = world.reader().declarations(&Label::parse("7").unwrap()).await.unwrap();
    assert!(versions.iter().map(|version| version.number).eq(1..=8));
    let (release, names) = (Label::parse("7").unwrap(), domain::settings::Names::default());
    let newest = world.reader().declared(&release, Timestamp::MAX, &names).await.unwrap().unwrap();
    assert_eq!(newest.version, versions[7]);
}
