//! Writers at the same time: one history without a gap, one record of each event, one notification.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{DeploymentId, identifiers::Identifier as _};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::invocations::gateway_event;
use tests::world::at;
use tests::{Fault, World};

/// Posts each event through an instance of the function of its own, all at once, as when Lambda
/// scales out.
async fn post_all_at_once(world: &Arc<World>, events: Vec<Value>) -> Vec<Value> {
    let posts = events.into_iter().map(|event| {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            let processor = world.another_processor();
            let mut headers = axum::http::HeaderMap::new();
            headers.insert("content-type", "application/json".parse().unwrap());
            let request = gateway_event("POST", "/v1/events", None, &headers, event.to_string().as_bytes());
            let answer = processor.handle(&request.to_string(), at(0)).await.unwrap();
            serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
        })
    });
    join_all(posts).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_writers_of_one_deployment_make_one_history_without_a_gap() {
    let world = Arc::new(World::new().await);
    let event = |n: i64| {
        json!({
            "deploymentId": "d-1", "service": "cart", "environment": "production", "version": "1",
            "status": "IN_PROGRESS", "eventId": format!("e-{n}"), "occurredAt": at(-n),
            "type": "stage", "stage": format!("s-{}", n % 7),
        })
    };
    let receipts = post_all_at_once(&world, (0..100).map(event).collect()).await;
    let mut sequences: Vec<u64> = receipts.iter().map(|receipt| receipt["sequence"].as_u64().unwrap()).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=100).collect::<Vec<u64>>());
    let verified = world.get("/v1/deployments/d-1/verify").await.body;
    assert_eq!((&verified["intact"], &verified["events"]), (&json!(true), &json!(100)), "{verified}");
    world.expect_state_is_history().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_deliveries_of_one_event_make_one_record_and_one_notification() {
    let world = Arc::new(World::new().await);
    let event = json!({
        "deploymentId": "d-1", "service": "cart", "environment": "production", "status": "COMPLETED", "version": "1",
    });
    let receipts = post_all_at_once(&world, vec![event; 100]).await;
    let outcomes = |wanted: &str| receipts.iter().filter(|receipt| receipt["outcome"] == wanted).count();
    assert_eq!((outcomes("recorded"), outcomes("duplicate")), (1, 99));
    assert!(receipts.iter().all(|receipt| receipt["sequence"] == 1 && receipt["status"] == "COMPLETED"));
    world.publish().await.unwrap();
    assert_eq!(world.wire.messages().len(), 1);
    assert_eq!(world.reader().trail(&DeploymentId::parse("d-1").unwrap()).await.unwrap().records.len(), 1);
    world.expect_state_is_history().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_with_two_contents_is_one_record_and_a_conflict() {
    let world = Arc::new(World::new().await);
    let event =
        |version: &str| json!({"deploymentId": "d-1", "status": "PENDING", "eventId": "e-1", "version": version});
    let receipts = post_all_at_once(&world, vec![event("1"), event("2")]).await;
    let recorded = receipts.iter().filter(|receipt| receipt["outcome"] == "recorded").count();
    let conflicts: Vec<&Value> = receipts.iter().filter(|receipt| receipt["status"] == 409).collect();
    assert_eq!((recorded, conflicts.len()), (1, 1), "{receipts:?}");
    assert_eq!(conflicts[0]["errors"][0]["field"], "eventId");

    // Through the queue, and within one batch, the second is put aside where its sender can see it.
    let queued = |version: &str| {
        json!({"source": "ci", "detail-type": "Deployment Event", "time": at(0), "detail": {
            "deploymentId": "d-2", "status": "PENDING", "eventId": "e-1", "version": version,
        }})
        .to_string()
    };
    assert_eq!(world.queue(&[queued("1"), queued("2")], at(0)).await.unwrap(), Vec::<usize>::new());
    let rejected = world.get("/v1/rejected").await.body;
    assert_eq!(rejected["items"][0]["reason"], "conflict", "{rejected}");
    assert_eq!(rejected["items"][0]["raw"], queued("2"));
    world.expect_state_is_history().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deployments_that_end_in_one_place_at_once_agree_on_what_is_live() {
    let world = Arc::new(World::new().await);
    let event = |n: i64| {
        json!({
            "deploymentId": format!("d-{n}"), "service": "cart", "environment": "production",
            "version": n.to_string(), "status": if n % 5 == 0 { "FAILED" } else { "COMPLETED" }, "occurredAt": at(-n),
        })
    };
    let receipts = post_all_at_once(&world, (1..=30).map(event).collect()).await;
    assert!(receipts.iter().all(|receipt| receipt["outcome"] == "recorded"), "{receipts:?}");
    let live = world.get("/v1/live").await.body;
    assert_eq!((&live["items"][0]["version"], &live["items"][0]["since"]), (&json!("1"), &json!(at(-1))));
    world.expect_state_is_history().await;
}

/// Sixteen instances of the function take ten messages each, of landings in five places, until nothing is left; one in
/// so many transactions is cancelled before it is judged. How many calls that took.
async fn sixteen_writers_over_five_places(cancelled: Option<usize>) -> usize {
    const WRITERS: i64 = 16;
    let world = Arc::new(World::new().await);
    let transactions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&transactions);
    world.wire.decide(move |_, operation, _| {
        if operation != "TransactWriteItems" {
            return Fault::None;
        }
        let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
        let is_it = cancelled.is_some_and(|nth| number.is_multiple_of(nth));
        if is_it { Fault::Conflict } else { Fault::None }
    });
    let message = |writer: i64, n: i64| {
        json!({"source": "ci", "detail-type": "Deployment Event", "time": at(0), "detail": {
            "deploymentId": format!("d-{writer}-{n}"), "service": "cart", "environment": format!("place-{}", n % 5),
            "version": format!("{writer}.{n}"), "status": "COMPLETED", "occurredAt": at(-100 * n - writer),
        }})
        .to_string()
    };
    world.wire.reset();
    let writers = (0..WRITERS).map(|writer| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let processor = world.another_processor();
            let mut messages: Vec<String> = (0..10).map(|n| message(writer, n)).collect();
            // What is handed back is delivered again, as often as a queue does before it gives up.
            for _ in 0..5 {
                let again = world.queue_to(&processor, &messages, at(0)).await.unwrap();
                messages = again.into_iter().map(|nth| messages[nth].clone()).collect();
                if messages.is_empty() {
                    break;
                }
            }
            assert_eq!(messages, Vec::<String>::new());
        })
    });
    join_all(writers).await.into_iter().for_each(Result::unwrap);
    let calls = world.wire.calls().len();
    let least = 2 * usize::try_from(WRITERS).unwrap();
    assert!(
        transactions.load(Ordering::Relaxed) >= least,
        "those of one place go in turn, and each tenth was cancelled"
    );
    world.wire.heal();
    for writer in 0..WRITERS {
        for n in 0..10 {
            let id = DeploymentId::parse(&format!("d-{writer}-{n}")).unwrap();
            assert_eq!(world.reader().trail(&id).await.unwrap().records.len(), 1, "{id}");
        }
    }
    let live = world.get("/v1/live?service=cart").await.body;
    let versions: Vec<&str> =
        live["items"].as_array().unwrap().iter().map(|cell| cell["version"].as_str().unwrap()).collect();
    assert_eq!(versions, ["0.0", "0.1", "0.2", "0.3", "0.4"]);
    world.expect_state_is_history().await;
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_transactions_lose_and_double_nothing_and_at_most_double_the_calls() {
    let (undisturbed, disturbed) =
        (sixteen_writers_over_five_places(None).await, sixteen_writers_over_five_places(Some(10)).await);
    println!("{undisturbed} calls, {disturbed} with one in ten transactions cancelled");
    assert!(disturbed <= 2 * undisturbed, "{undisturbed} calls, then {disturbed}");
}
