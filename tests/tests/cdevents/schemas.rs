//! The validation itself: it can refuse.

use serde_json::{Value, json};
use tests::cdevents::{Schemas, folder, published};

use super::trail;

/// A change of a document at a pointer: another value there, or none.
type Spoiling = (&'static str, Option<Value>);

fn spoiled(document: &Value, (pointer, value): &Spoiling) -> Option<Value> {
    let mut document = document.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent)?.as_object_mut()?;
    match value {
        Some(value) => parent.insert(name.to_owned(), value.clone()),
        None => Some(parent.remove(name)?),
    };
    Some(document)
}

#[tokio::test]
async fn a_spoiled_document_is_refused_whatever_its_type() {
    let schemas = Schemas::read();
    let everywhere = [
        ("/context", None),
        ("/subject", None),
        ("/context/specversion", None),
        ("/context/version", Some(json!("0.5.0"))),
        ("/context/id", Some(json!(""))),
        ("/context/source", Some(json!("not a reference"))),
        ("/context/type", Some(json!("dev.cdevents.service.upgraded.0.3.0"))),
        ("/context/timestamp", Some(json!("2026-03-01 12:00"))),
        ("/subject/id", None),
        ("/subject/type", Some(json!("service"))),
        ("/subject/content/status", Some(json!("COMPLETED"))),
        ("/customData", Some(json!([]))),
        ("/deploymentId", Some(json!("d-1"))),
    ];
    let where_it_is = [
        ("pipelinerun.started", ("/subject/content/uri", None)),
        ("pipelinerun.started", ("/subject/content/pipelineName", None)),
        ("pipelinerun.finished", ("/subject/content/outcome", Some(json!("COMPLETED")))),
        ("pipelinerun.queued", ("/subject/content/uri", Some(json!("/v1/deployments/d-1")))),
        ("taskrun.started", ("/subject/content/pipelineRun/id", None)),
        ("taskrun.finished", ("/subject/content/taskName", Some(json!(1)))),
        ("service.deployed", ("/subject/content/environment", None)),
        ("service.deployed", ("/subject/content/artifactId", None)),
        ("service.rolledback", ("/subject/content/artifactId", Some(json!("")))),
        ("service.removed", ("/subject/content/environment/id", None)),
    ];
    let documents = trail::of_every_type().await;
    assert_eq!(schemas.types().collect::<Vec<_>>(), documents.keys().map(String::as_str).collect::<Vec<_>>());
    for (kind, document) in &documents {
        schemas.expect_valid(document);
        let own = where_it_is.iter().filter(|(name, _)| kind.contains(name)).map(|(_, spoiling)| spoiling);
        assert!(own.clone().count() > 0, "{kind}");
        for spoiling in everywhere.iter().chain(own) {
            let spoiled = spoiled(document, spoiling).unwrap();
            assert_ne!(schemas.errors(&spoiled), Vec::<String>::new(), "{kind} {spoiling:?}");
        }
    }
}

/// See the README of the schemas. Once this fails the correction can go.
#[test]
fn one_schema_of_the_release_can_be_met_by_no_document() {
    let schema = published(&folder().join("pipelinerunfinished.json"));
    let context = &schema["properties"]["context"];
    assert_eq!(context["required"], json!(["version", "id", "source", "type", "timestamp"]));
    assert_eq!((&context["properties"]["version"], &context["additionalProperties"]), (&Value::Null, &json!(false)));
}
