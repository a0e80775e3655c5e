//! Who reads our documents by the table for CDEvents (`docs/sources/cdevents-out.md`) finds the
//! deployment that was recorded.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

/// What the table makes of a document: deployment, service, environment, status, stage.
fn read(document: &Value) -> [Value; 5] {
    let (id, content) = (&document["subject"]["id"], &document["subject"]["content"]);
    let outcome = || match content["outcome"].as_str().unwrap() {
        "success" => "COMPLETED",
        "failure" => "FAILED",
        "cancel" => "CANCELLED",
        other => panic!("{other}"),
    };
    let run =
        |status: &str| [id, &content["pipelineName"], &Value::Null, &json!(status), &Value::Null].map(Clone::clone);
    let task = |status: &str| {
        let (run, stage) = (&content["pipelineRun"]["id"], &content["taskName"]);
        [run, &Value::Null, &Value::Null, &json!(status), stage].map(Clone::clone)
    };
    let service = |status: &str| {
        let deployment = &document["customData"]["event"]["deploymentId"];
        [deployment, id, &content["environment"]["id"], &json!(status), &Value::Null].map(Clone::clone)
    };
    match document["context"]["type"].as_str().unwrap().strip_suffix(".0.3.0").unwrap() {
        "dev.cdevents.pipelinerun.queued" => run("PENDING"),
        "dev.cdevents.pipelinerun.started" => run("IN_PROGRESS"),
        "dev.cdevents.pipelinerun.finished" => run(outcome()),
        "dev.cdevents.taskrun.started" => task("IN_PROGRESS"),
        "dev.cdevents.taskrun.finished" => task(outcome()),
        "dev.cdevents.service.deployed" => service("COMPLETED"),
        "dev.cdevents.service.rolledback" => service("ROLLED_BACK"),
        "dev.cdevents.service.removed" => service("removed"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn deployment_service_environment_status_and_stage_are_kept() {
    let events = [
        (json!({"status": "PENDING"}), vec![json!(["d-1", "cart", null, "PENDING", null])]),
        (json!({"status": "IN_PROGRESS"}), vec![json!(["d-1", "cart", null, "IN_PROGRESS", null])]),
        (
            json!({"type": "stage", "stage": "Prüfung", "status": "IN_PROGRESS"}),
            vec![json!(["d-1", null, null, "IN_PROGRESS", "Prüfung"])],
        ),
        (
            json!({"type": "stage", "stage": "Prüfung", "status": "CANCELLED"}),
            vec![json!(["d-1", null, null, "CANCELLED", "Prüfung"])],
        ),
        (json!({"status": "CANCELLED"}), vec![json!(["d-1", "cart", null, "CANCELLED", null])]),
        (json!({"status": "FAILED"}), vec![json!(["d-1", "cart", null, "FAILED", null])]),
        (
            json!({"status": "COMPLETED"}),
            vec![
                json!(["d-1", "cart", null, "COMPLETED", null]),
                json!(["d-1", "cart", "my staging", "COMPLETED", null]),
            ],
        ),
        (
            json!({"status": "ROLLED_BACK", "rollbackTo": "0.9"}),
            vec![
                json!(["d-1", "cart", null, "FAILED", null]),
                json!(["d-1", "cart", "my staging", "ROLLED_BACK", null]),
            ],
        ),
        (
            json!({"type": "removal", "status": "COMPLETED"}),
            vec![
                json!(["d-1", "cart", null, "COMPLETED", null]),
                json!(["d-1", "cart", "my staging", "removed", null]),
            ],
        ),
    ];
    for (said, expected) in events {
        let world = World::new().await;
        let mut event = json!({
            "deploymentId": "d-1", "service": "cart", "environment": "my staging", "version": "1.0", "occurredAt": at(0),
        });
        event.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        assert_eq!(world.post(&event).await.status, 201, "{event}");
        let path = "/v1/deployments/d-1/events?format=cdevents";
        let headers = [("host", "127.0.0.1:9000")];
        let answer = world.request("GET", path, &headers, b"", at(0)).await.unwrap();
        let items = answer.body["items"].as_array().unwrap();
        assert_eq!(items.iter().map(|document| json!(read(document))).collect::<Vec<_>>(), expected, "{said}");
    }
}
