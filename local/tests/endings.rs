//! Many endings of one place at once: each reporter gets its answer, and none is refused.

use std::sync::Arc;

use api::Request;
use serde_json::{Value, json};

/// A batch of thirty deployments of one service to one place, all of which have ended.
fn batch(number: usize) -> Value {
    let ending = |minute: usize| {
        json!({
            "deploymentId": format!("d-{number}-{minute}"), "service": "cart", "environment": "production",
            "version": format!("{number}.{minute}"), "status": "COMPLETED",
            "occurredAt": format!("2026-01-15T10:{minute:02}:{number:02}Z"),
        })
    };
    (0..30).map(ending).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn six_batches_of_thirty_endings_of_one_place_are_all_recorded() {
    let system = Arc::new(crate::system().await);
    let posting = (0..6).map(|number| {
        let system = Arc::clone(&system);
        tokio::spawn(async move {
            let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
            let (method, path) = ("POST".to_owned(), "/v1/events".to_owned());
            let body = batch(number).to_string().into_bytes();
            let request = Request { method, path, headers, body, ..Request::default() };
            system.processor.http(&request, lambda::now()).await.unwrap()
        })
    });
    for posting in posting.collect::<Vec<_>>() {
        let answer = posting.await.unwrap();
        let receipts: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer.status, 200);
        let outcomes: Vec<&Value> = receipts.iter().map(|receipt| &receipt["outcome"]).collect();
        assert_eq!(outcomes, [&json!("recorded"); 30], "{}", answer.body);
    }
    let (method, path) = ("GET".to_owned(), "/v1/live".to_owned());
    let request = Request { method, path, ..Request::default() };
    let live: Value = serde_json::from_str(&system.query.http(&request, lambda::now()).await.unwrap().body).unwrap();
    assert_eq!(live["items"][0]["version"], "5.29", "the latest of them runs there");
}
