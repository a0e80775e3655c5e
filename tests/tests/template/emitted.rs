//! Every metric that the code emits: the real handlers receive deployments that go every way
//! they can, and what reaches CloudWatch is gathered. That nothing is left out is certain, for the
//! compiler knows all variants of [`Metric`]: [`all_metrics!`] does not compile without one of them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::Retention;
use domain::follows::metrics::{Metric, Unit};
use serde_json::{Value, json};
use tests::witnessing::{scheduled, witness};
use tests::world::at;
use tests::{Vault, World};

/// The environment that the deployments go to: the one that is watched by default.
pub(crate) const ENVIRONMENT: &str = "production";

/// A metric as it was published, without its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Emitted {
    pub(crate) metric: String,
    /// Names and values.
    pub(crate) dimensions: Vec<(String, String)>,
    pub(crate) unit: String,
    /// Whether it is how something stands rather than what happened: the schedule publishes it.
    pub(crate) is_gauge: bool,
}

impl Emitted {
    /// `DeploymentDuration {Environment, Service}`.
    pub(crate) fn name(&self) -> String {
        let names: Vec<&str> = self.dimensions.iter().map(|(name, _)| name.as_str()).collect();
        format!("{} {{{}}}", self.metric, names.join(", "))
    }
}

/// All that the code emits.
pub(crate) static EMITTED: LazyLock<BTreeSet<Emitted>> = LazyLock::new(|| wait(drive()));

/// Runs what waits, in a test that does not.
pub(crate) fn wait<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(what)
}

/// The event of EventBridge's schedule.
pub(crate) fn clock(seconds: i64) -> String {
    json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": at(seconds), "detail": {}}).to_string()
}

/// An event of ours, as it stands in the queue.
pub(crate) fn queued(detail: &Value) -> String {
    json!({"source": "ci", "detail-type": "Deployment Event", "account": "1", "time": at(0), "detail": detail})
        .to_string()
}

async fn drive() -> BTreeSet<Emitted> {
    let mut world = World::new().await;
    let event = |id: &str, seconds: i64, more: &Value| {
        let mut event = json!({
            "deploymentId": id, "service": "cart", "environment": ENVIRONMENT, "version": "1.2.3",
            "occurredAt": at(seconds),
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let stage = |name: &str, status: &str| json!({"type": "stage", "stage": name, "status": status});
    let figures = json!({"healthScore": 99.5, "errorRate": 0, "errorCount": 3});
    let events = json!([
        event("well", 0, &json!({"status": "IN_PROGRESS", "committedAt": at(-600)})),
        event("well", 1, &stage("DEPLOYMENT", "IN_PROGRESS")),
        event("well", 2, &stage("DEPLOYMENT", "COMPLETED")),
        event("well", 3, &stage("SMOKE_TEST", "FAILED")),
        event("well", 9, &json!({"status": "COMPLETED", "metrics": figures})),
        event("well", 10, &json!({"status": "ROLLED_BACK"})),
        event("badly", 0, &json!({"status": "FAILED"})),
        event("given-up", 0, &json!({"status": "CANCELLED"})),
        event("running", 0, &json!({"status": "VALIDATING"})),
    ]);
    let answer = world.post_at(&events, at(60)).await;
    assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"), "{answer:?}");
    let known = |notes: &str| event("queued", 0, &json!({"status": "PENDING", "eventId": "1", "notes": notes}));
    let queue = ["{wrong".to_owned(), queued(&known("one")), queued(&known("other"))];
    assert_eq!(world.queue(&queue, at(60)).await.unwrap(), [0usize; 0]);
    world.publish().await.unwrap();
    let modified = json!({"Records": [{
        "eventSource": "aws:dynamodb", "eventName": "MODIFY", "eventID": "1", "eventVersion": "1.1", "awsRegion": "x",
        "dynamodb": {"Keys": {"pk": {"S": "DEPLOYMENT#well"}}, "SequenceNumber": "1", "SizeBytes": 1},
    }]});
    let (vault, forever) = (Vault::default(), Retention::FOREVER);
    let witness = witness(&world, &vault, forever);
    Box::pin(witness.handle(&modified.to_string(), at(60))).await.unwrap();
    scheduled(&witness, at(60)).await.unwrap();
    let nobody_reports = json!({"permissions": [{"who": "anonymous", "may": ["settings"]}]});
    assert_eq!(world.apply(&nobody_reports).await.status, 201);
    assert_eq!(world.post_at(&event("well", 20, &json!({"status": "FAILED"})), at(60)).await.status, 403);
    let mut emitted = gathered(&world, false);
    emitted.extend(beyond().await);
    world.wire.reset();
    world.processor.handle(&clock(120), at(120)).await.unwrap();
    emitted.extend(gathered(&world, true));
    emitted
}

/// What is published where there are more names than metrics.
async fn beyond() -> BTreeSet<Emitted> {
    let mut world = World::new().await;
    assert_eq!(world.apply(&json!({"metricsPerDay": 0})).await.status, 201);
    world.wire.reset();
    let event = json!({"deploymentId": "d-1", "environment": "made-up", "status": "PENDING", "occurredAt": at(0)});
    assert_eq!(world.post_at(&event, at(60)).await.status, 201);
    world.publish().await.unwrap();
    let mut emitted = gathered(&world, false);
    emitted.retain(|emitted| emitted.metric == "MetricSetsRefused");
    emitted
}

/// What has been published since the wire's last reset.
fn gathered(world: &World, is_gauge: bool) -> BTreeSet<Emitted> {
    let calls = world.wire.metrics();
    let data = calls.iter().flat_map(|call| call["MetricData"].as_array().unwrap());
    data.map(|datum| Emitted {
        metric: datum["MetricName"].as_str().unwrap().to_owned(),
        dimensions: dimensions(datum),
        unit: datum["Unit"].as_str().unwrap().to_owned(),
        is_gauge,
    })
    .collect()
}

/// A datum's dimensions in order, each with its value.
pub(crate) fn dimensions(datum: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let dimensions = datum["Dimensions"].as_array().unwrap();
    dimensions.iter().map(|dimension| (text(&dimension["Name"]), text(&dimension["Value"]))).collect()
}

/// A list of these variants that does not compile when it is not a list of all.
macro_rules! all_metrics {
    ($($metric:ident)*) => {{
        let _ = |metric: Metric| match metric { $(Metric::$metric => {})* };
        [$(Metric::$metric),*]
    }};
}

fn all() -> BTreeSet<(String, String)> {
    let unit = |metric: Metric| match metric.unit() {
        Unit::Count => "Count",
        Unit::Seconds => "Seconds",
        Unit::Percent => "Percent",
    };
    let all = all_metrics!(
        DeploymentEvents DeploymentsStarted DeploymentsCompleted DeploymentsFailed DeploymentsRolledBack
        DeploymentsCancelled DeploymentSuccessRate DeploymentDuration DeploymentHealthScore DeploymentErrorRate
        DeploymentErrorCount LeadTime StageDuration StagesCompleted StagesFailed StageSuccessRate ActiveDeployments
        StuckDeployments DeploymentVerdictBad EventsRejected EventsConflicting EventsForbidden HistoryModified MetricSetsRefused TickCoverage TickDuration
        AnchorAge
    );
    all.into_iter().map(|metric| (metric.name(), unit(metric).to_owned())).collect()
}

#[test]
fn every_metric_that_there_is_was_emitted() {
    let emitted: BTreeSet<_> = EMITTED.iter().map(|emitted| (emitted.metric.clone(), emitted.unit.clone())).collect();
    assert_eq!(emitted, all());
}

/// The table in the document is what people build their own alarms from.
#[test]
fn the_document_names_every_metric_with_its_unit_and_no_other() {
    let document = include_str!("../../../docs/metrics-and-alerts.md");
    let mut documented = BTreeSet::new();
    for row in document.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let unit = cells[2].split(',').next().unwrap();
        let names = cells[1].split(',').map(|name| name.trim().trim_matches('`'));
        documented.extend(names.map(|name| (name.to_owned(), unit.to_owned())));
    }
    assert_eq!(documented, all());
}
