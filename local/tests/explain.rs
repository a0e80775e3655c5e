//! `POST /local/explain` of a custom source: the door names its mapping.

use api::Request;
use formats::Outcome;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_is_explained_at_the_door_of_its_mapping() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/custom/circleci");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
    let mapping: Value = read("mapping").parse().unwrap();
    let system = crate::system().await;
    system.apply_settings(&json!({"sources": [mapping]}).to_string(), lambda::now()).await.unwrap();
    let explain = async |door: &str| {
        let body = read("success");
        let query = vec![("door".to_owned(), door.to_owned())];
        let request = Request { method: "POST".to_owned(), query, body: body.into(), ..Request::default() };
        system.explain(request, lambda::now()).await
    };
    let explanation = explain("custom/circleci").await.unwrap().remove(0);
    assert_eq!((explanation.outcome, explanation.door.name()), (Outcome::Recorded, "custom/circleci"));
    assert_eq!(explanation.event.unwrap().deployment_id.as_str(), "circleci:fda08377-fe7e-46b1-8992-3a7aaecac9c3");
    let wrong = explain("custom/jenkins").await.unwrap_err();
    assert_eq!(wrong.status, 400);
    assert!(wrong.errors[0].detail.ends_with("flux, custom/circleci"), "{:?}", wrong.errors);
}
