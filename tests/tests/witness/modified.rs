//! History that someone modified: counted, so that an alarm rings; what retention removes is not.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Retention, Timestamp};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, published, record};

/// How often it was counted that history was modified.
fn counted(world: &World) -> Vec<(f64, f64)> {
    published(world, "HistoryModified", &[("Environment", "unknown")])
}

/// A stream record that has been removed by this principal.
fn removed_by(identity: &Value) -> Value {
    let keys = json!({"pk": {"S": "DEPLOYMENT#d-1"}, "sk": {"S": "EVENT#x"}});
    let change = json!({"Keys": keys, "SequenceNumber": "1", "SizeBytes": 9, "StreamViewType": "NEW_IMAGE"});
    let record = json!({
        "eventID": "1", "eventName": "REMOVE", "eventSource": "aws:dynamodb", "eventVersion": "1.1", "awsRegion": "x",
        "dynamodb": change, "userIdentity": identity,
    });
    json!({"Records": [record]})
}

#[tokio::test]
async fn what_was_altered_or_removed_is_counted_in_the_one_call_for_its_batch() {
    for retention in [0, 30] {
        let world = World::keeping(Retention::of_days(retention).unwrap()).await;
        record(&world, &[event("d-1", 0, "IN_PROGRESS"), event("d-1", 10, "COMPLETED")]).await;
        let (client, table) = (world.embedded.client(), &world.embedded.tables.history);
        let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
        let (mut altered, removed) = (items[0].clone(), &items[1]);
        altered.insert("producer".to_owned(), AttributeValue::S("somebody".to_owned()));
        client.put_item().table_name(table).set_item(Some(altered)).send().await.unwrap();
        let key = |name: &str| removed[name].clone();
        client.delete_item().table_name(table).key("pk", key("pk")).key("sk", key("sk")).send().await.unwrap();
        record(&world, &[event("d-2", 20, "IN_PROGRESS")]).await;

        world.publish().await.unwrap();
        assert_eq!(counted(&world), [(1.0, 2.0)], "one altered, one removed");
        assert_eq!(published(&world, "DeploymentEvents", &[("Environment", "staging")]), [(1.0, 3.0)]);
        assert_eq!(world.wire.count("PutMetricData"), 1);
        world.publish().await.unwrap();
        assert_eq!(counted(&world), [(1.0, 2.0)], "and not again");
    }
}

#[tokio::test]
async fn it_is_counted_when_it_was_found_out() {
    let world = World::new().await;
    let batch = removed_by(&Value::Null);
    world.processor.handle(&batch.to_string(), at(75)).await.unwrap();
    let datum = &world.wire.metrics()[0]["MetricData"][0];
    assert_eq!((&datum["MetricName"], &datum["Unit"]), (&json!("HistoryModified"), &json!("Count")));
    let minute = Timestamp::from_millis(at(60).millis());
    assert!((datum["Timestamp"].as_f64().unwrap() - minute.seconds_since(Timestamp::MIN)).abs() < 1.0, "{datum}");
}

#[tokio::test]
async fn what_dynamodb_removes_by_age_is_counted_only_when_history_is_kept_for_ever() {
    let long_ago = lambda::now().plus_millis(-3 * 24 * 60 * 60 * 1000);
    for (retention, expected) in [(1, vec![]), (0, vec![(1.0, 2.0)])] {
        let mut world = World::keeping(Retention::of_days(1).unwrap()).await;
        let event = json!({"deploymentId": "d-1", "status": "IN_PROGRESS", "occurredAt": long_ago});
        assert_eq!(world.post_at(&event, long_ago).await.status, 201);
        world.queue(&["{wrong".to_owned()], long_ago).await.unwrap();
        world.publish().await.unwrap();
        world.wire.reset();

        world.change_retention(Retention::of_days(retention).unwrap());
        assert_eq!(world.remove_expired().await, 2, "the event and the refusal");
        world.publish().await.unwrap();
        assert_eq!(counted(&world), expected, "{retention}");
        assert_eq!(world.wire.calls().len(), expected.len(), "{retention}");
    }
}

#[tokio::test]
async fn only_dynamodb_itself_removes_by_age() {
    let world = World::keeping(Retention::of_days(1).unwrap()).await;
    for (identity, expected) in [
        (json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"}), 0),
        (json!({"type": "Service", "principalId": "lambda.amazonaws.com"}), 1),
        (json!({"type": "AssumedRole", "principalId": "dynamodb.amazonaws.com"}), 1),
        (json!({}), 1),
        (Value::Null, 1),
    ] {
        world.wire.reset();
        let batch = removed_by(&identity);
        let answer = world.processor.handle(&batch.to_string(), at(0)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
        assert_eq!(counted(&world).len(), expected, "{identity}");
    }
    let altered = removed_by(&json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"}));
    let altered = altered.to_string().replace("REMOVE", "MODIFY");
    world.wire.reset();
    world.processor.handle(&altered, at(0)).await.unwrap();
    assert_eq!(counted(&world), [(1.0, 1.0)], "age removes, it alters nothing");
}
