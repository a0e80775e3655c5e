//! Metrics: what alarms and dashboards read is emitted, what is emitted is read or said not to be,
//! and each is read with a statistic that makes sense of it.

use std::collections::BTreeSet;

use super::drift::{expect_none, expect_one};
use super::emitted::{EMITTED, Emitted};
use super::readings::{self, Reading};
use super::templates::{CLASSES, Installation, Templates};

/// Emitted, and read by none of our alarms and dashboards on purpose.
const UNREAD: [&str; 12] = [
    // For the dashboards of teams: ours shows an environment as a whole, and of single services
    // their success rate only.
    "DeploymentEvents {Environment, Service}",
    "DeploymentsStarted {Environment, Service}",
    "DeploymentsCompleted {Environment, Service}",
    "DeploymentsFailed {Environment, Service}",
    "DeploymentsRolledBack {Environment, Service}",
    "DeploymentsCancelled {Environment, Service}",
    "DeploymentDuration {Environment, Service}",
    "DeploymentHealthScore {Environment, Service}",
    "DeploymentErrorRate {Environment, Service}",
    "DeploymentErrorCount {Environment, Service}",
    "LeadTime {Environment, Service}",
    "DeploymentVerdictBad {Environment, Service}",
];

/// The namespace that the function is configured to publish to.
fn namespace(installation: &Installation) -> &str {
    let function = installation.properties("EventProcessor.Function");
    function["Environment"]["Variables"]["METRICS_NAMESPACE"].as_str().unwrap()
}

/// Whether `reading` finds `emitted`: the same dimensions, and of those asked for the same values.
fn finds(reading: &Reading, emitted: &Emitted) -> bool {
    reading.metric == emitted.metric
        && reading.dimensions.len() == emitted.dimensions.len()
        && reading.dimensions.iter().all(|(name, value)| {
            let same = |(found, of): &(String, String)| found == name && value.as_ref().is_none_or(|value| value == of);
            emitted.dimensions.iter().any(same)
        })
}

/// Whether a statistic makes sense: the sum of percentages or of seconds says nothing, neither does
/// the sum of how something stood each minute; and the average of counts of one is always one.
fn makes_sense(statistic: &str, emitted: &Emitted) -> bool {
    let counts = emitted.unit == "Count" && !emitted.is_gauge;
    (statistic == "Sum") == counts
}

pub(crate) fn check(installation: &Installation, emitted: &BTreeSet<Emitted>) -> Vec<String> {
    let (readings, mut complaints) = readings::of(installation);
    let ours = namespace(installation);
    let mut unread: BTreeSet<String> = emitted.iter().map(Emitted::name).collect();
    for reading in readings.iter().filter(|reading| !reading.namespace.starts_with("AWS/")) {
        let Reading { by, metric, dimensions, statistic, .. } = reading;
        if reading.namespace != ours {
            complaints.push(format!("{by} reads {}, metrics go to {ours}", reading.namespace));
        }
        let found: Vec<&Emitted> = emitted.iter().filter(|emitted| finds(reading, emitted)).collect();
        if found.is_empty() {
            complaints.push(format!("{by} reads {metric} of {dimensions:?}, which nothing emits"));
        }
        if let Some(found) = found.iter().find(|found| !makes_sense(statistic, found)) {
            complaints.push(format!("{by} reads {metric} ({}) as {statistic}", found.unit));
        }
        for emitted in found {
            unread.remove(&emitted.name());
        }
    }
    let listed: BTreeSet<String> = UNREAD.map(str::to_owned).into();
    complaints.extend(unread.difference(&listed).map(|name| format!("{name} is emitted and read by nothing")));
    let stale = listed.difference(&unread);
    complaints.extend(stale.map(|name| format!("{name} is listed as read by nothing, but is read, or not emitted")));
    complaints
}

#[test]
fn what_is_read_is_emitted_and_what_is_emitted_is_read() {
    for class in CLASSES {
        for namespace in ["DeploymentStatus", "Shop/Deployments#2"] {
            let parameters = [("EnvironmentClass", class), ("MetricsNamespace", namespace)];
            expect_none(&check(&Templates::read().deploy(&parameters).unwrap(), &EMITTED));
        }
    }
}

#[test]
fn a_metric_that_lost_a_dimension_is_found() {
    let mut emitted = EMITTED.clone();
    emitted.retain(|emitted| emitted.name() != "StageDuration {Environment, Stage}");
    let complaints = check(&Installation::production(), &emitted);
    expect_one(&complaints, &["Duration by stage", "StageDuration", "Stage", "nothing emits"]);
}

#[test]
fn a_metric_that_nothing_reads_is_found() {
    let mut emitted = EMITTED.clone();
    let mut further = emitted.first().unwrap().clone();
    further.metric = "DeploymentsForgotten".to_owned();
    emitted.insert(further);
    let complaints = check(&Installation::production(), &emitted);
    expect_one(&complaints, &["DeploymentsForgotten {Environment", "read by nothing"]);
}

#[test]
fn an_alarm_on_what_is_not_emitted_is_found() {
    for (path, property, value, says) in [
        ("Health.HistoryModifiedAlarm", "/MetricName", "HistoryChanged", "HistoryChanged"),
        ("Health.HistoryModifiedAlarm", "/Dimensions/0/Value", "production", "production"),
        ("Environment.ActiveAlarm", "/Dimensions/0/Name", "Enviroment", "Enviroment"),
        ("Environment.DurationAlarm", "/Namespace", "DeploymentsStatus", "reads DeploymentsStatus"),
        ("Environment.SuccessRateAlarm", "/Statistic", "Sum", "DeploymentSuccessRate (Percent) as Sum"),
        ("Environment.ActiveAlarm", "/Statistic", "Sum", "ActiveDeployments (Count) as Sum"),
        ("Health.ConflictsAlarm", "/Statistic", "Average", "EventsConflicting (Count) as Average"),
    ] {
        let mut installation = Installation::production();
        *installation.properties_mut(path).pointer_mut(property).unwrap() = value.into();
        expect_one(&check(&installation, &EMITTED), &[&format!("alarm {path}"), says]);
    }
}

#[test]
fn a_widget_on_what_is_not_emitted_is_found() {
    for (from, to, says) in [
        (r#""LeadTime""#, r#""LeadTimes""#, "LeadTimes"),
        (r"Environment,Stage} MetricName=\", r"Environment,Step} MetricName=\", "Step"),
    ] {
        let mut installation = Installation::production();
        let body = &mut installation.properties_mut("Environment.Dashboard")["DashboardBody"];
        let spoiled = body.as_str().unwrap().replacen(from, to, 1);
        assert_ne!(*body, spoiled, "{from}");
        *body = spoiled.into();
        let complaints = check(&installation, &EMITTED);
        let complaint = complaints.iter().find(|complaint| complaint.contains("which nothing emits"));
        assert!(complaint.is_some_and(|complaint| complaint.contains(says)), "{says}: {complaints:#?}");
    }
}
