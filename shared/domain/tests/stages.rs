//! Stages: what each keeps of its own, which are inferred, and which one failed.

mod definition;
mod largest;

use domain::event::{self};
use domain::follows::metrics::{Dimensions, Metric, Tally};
use domain::identifiers::Identifier as _;
use domain::ledger::flag::Flag;
use domain::ledger::received::Received;
use domain::ledger::recording::{State, record};
use domain::ledger::stages::Stages;
use domain::ledger::stages::report::Report;
use domain::ledger::stages::rows::StageRow;
use domain::ledger::summary::Summary;
use domain::{DeploymentId, Event, EventKey, Figures, Status, Timestamp};
use serde_json::{Value, json};

fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

fn read(seconds: i64, status: &str, more: &Value) -> Event {
    let mut event = json!({"deploymentId": "d", "status": status, "occurredAt": at(seconds)});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event::read(event, Timestamp::MAX).unwrap()
}

/// An event of a stage.
fn of_stage(seconds: i64, stage: &str, status: &str, more: &Value) -> Event {
    let mut all = json!({"type": "stage", "stage": stage});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(seconds, status, &all)
}

/// An event of the deployment that names a stage.
fn naming(seconds: i64, stage: &str, status: &str) -> Event {
    read(seconds, status, &json!({"stage": stage}))
}

fn keyed(events: &[Event]) -> Vec<(EventKey, &Event)> {
    (0..).map(|number| EventKey::stored(&format!("{number:03}"))).zip(events).collect()
}

/// Folds events, storing and reading the summary after each as a cold process does.
fn fold<'a>(events: impl IntoIterator<Item = &'a (EventKey, &'a Event)>) -> Summary {
    let mut summary = Summary::empty(DeploymentId::parse("d").unwrap());
    for (key, event) in events {
        summary.fold(event, key, event.occurred_at.unwrap());
        summary = serde_json::from_str(&serde_json::to_string(&summary).unwrap()).unwrap();
    }
    summary
}

fn folded(events: &[Event]) -> Summary {
    fold(&keyed(events))
}

/// `DEPLOYMENT COMPLETED 10..40 = 30`, with a `~` before the name of an inferred one.
fn line(row: &StageRow) -> String {
    let second = |time: Option<Timestamp>| time.map_or("?".to_owned(), |time| time.seconds_since(at(0)).to_string());
    let mark = if row.inferred { "~" } else { "" };
    let took = row.duration_seconds.map_or("?".to_owned(), |seconds| seconds.to_string());
    format!("{mark}{} {} {}..{} = {took}", row.stage, row.status, second(row.started_at), second(row.finished_at))
}

fn lines(events: &[Event]) -> Vec<String> {
    folded(events).stage_rows().iter().map(line).collect()
}

fn failed(events: &[Event]) -> String {
    let summary = folded(events);
    summary.failed_stage(summary.attempt()).map_or(String::new(), |failed| {
        let error = failed.error.and_then(|error| error.message).unwrap_or_default();
        format!("{}: {error}", failed.stage)
    })
}

#[test]
fn a_stage_keeps_its_own_error_metrics_and_link() {
    let events = [
        of_stage(10, "CHECK", "IN_PROGRESS", &json!({"metrics": {"instanceCount": 3, "healthScore": 99}})),
        of_stage(
            40,
            "CHECK",
            "FAILED",
            &json!({
                "error": {"code": "E7", "message": "2 of 3 answer"}, "metrics": {"healthScore": 12.5, "durationSeconds": 29},
                "links": {"b": "https://b.example", "a": "https://a.example"},
            }),
        ),
        of_stage(20, "CHECK", "VALIDATING", &json!({"links": {"old": "https://old.example"}, "error": {"code": "E1"}})),
    ];
    let rows = folded(&events).stage_rows();
    let row = &rows[0];
    assert_eq!(line(row), "CHECK FAILED 10..40 = 30");
    assert_eq!(json!(row.error), json!({"code": "E7", "message": "2 of 3 answer"}));
    assert_eq!(json!(row.metrics), json!({"instanceCount": 3.0, "healthScore": 12.5, "durationSeconds": 29.0}));
    assert_eq!(row.link, Some(("a".into(), "https://a.example".into())));
    assert_eq!(failed(&events), "CHECK: 2 of 3 answer");
}

#[test]
fn a_stage_starts_when_it_is_worked_on() {
    let waiting = of_stage(0, "APPROVAL", "PENDING", &json!({}));
    assert_eq!(lines(std::slice::from_ref(&waiting)), ["APPROVAL PENDING ?..? = ?"]);
    let events = [
        waiting,
        of_stage(90, "APPROVAL", "IN_PROGRESS", &json!({})),
        of_stage(100, "APPROVAL", "COMPLETED", &json!({})),
    ];
    assert_eq!(lines(&events), ["APPROVAL COMPLETED 90..100 = 10"]);
}

#[test]
fn an_error_and_a_link_of_a_stage_are_bounded() {
    let error = |message: &str| {
        let events = [of_stage(0, "S", "FAILED", &json!({"error": {"code": "c".repeat(200), "message": message}}))];
        folded(&events).stage_rows()[0].error.clone().unwrap()
    };
    for message in ["x".repeat(4000), "ö".repeat(2000), "\u{1b}".repeat(4000), "\"\n".repeat(2000)] {
        let error = error(&message);
        let (code, kept) = (error.code.unwrap(), error.message.unwrap());
        assert!(kept.ends_with('…') && message.starts_with(kept.trim_end_matches('…')), "{kept}");
        let bytes = json!(code).to_string().len() + json!(kept).to_string().len();
        assert!((Report::ERROR_BYTES - 6..=Report::ERROR_BYTES).contains(&bytes), "{bytes}");
    }
    assert_eq!(error("short").message.as_deref(), Some("short"));
    let long = format!("https://a.example/{}", "x".repeat(600));
    let events = [of_stage(0, "S", "FAILED", &json!({"links": {"a": long, "b": "https://b.example"}}))];
    assert_eq!(folded(&events).stage_rows()[0].link, Some(("b".into(), "https://b.example".into())));
}

#[test]
fn the_plain_events_of_a_pipeline_give_a_full_history_of_stages() {
    let plain = [
        naming(0, "INITIALIZATION", "PENDING"),
        naming(10, "DEPLOYMENT", "IN_PROGRESS"),
        naming(20, "DEPLOYMENT", "IN_PROGRESS"),
        naming(40, "HEALTH_CHECK", "VALIDATING"),
    ];
    let ended = ["~INITIALIZATION COMPLETED 0..10 = 10", "~DEPLOYMENT COMPLETED 10..40 = 30"];
    assert_eq!(lines(&plain[..1]), ["~INITIALIZATION PENDING 0..? = ?"]);
    assert_eq!(lines(&plain), [&ended[..], &["~HEALTH_CHECK IN_PROGRESS 40..? = ?"]].concat());
    let with = |last: &[Event]| lines(&[&plain[..], last].concat());
    let completed = read(60, "COMPLETED", &json!({}));
    assert_eq!(with(std::slice::from_ref(&completed)), [&ended[..], &["~HEALTH_CHECK COMPLETED 40..60 = 20"]].concat());
    assert_eq!(with(&[naming(60, "HEALTH_CHECK", "FAILED")])[2], "~HEALTH_CHECK FAILED 40..60 = 20");
    assert_eq!(failed(&[&plain[..], &[naming(60, "HEALTH_CHECK", "FAILED")]].concat()), "HEALTH_CHECK: ");
    assert_eq!(
        with(&[completed.clone(), read(90, "ROLLED_BACK", &json!({}))])[2],
        "~HEALTH_CHECK ROLLED_BACK 40..90 = 50"
    );
    // What the ending names first has no duration; and it ended what came before.
    assert_eq!(
        with(&[naming(60, "CLEANUP", "CANCELLED")])[2..],
        ["~HEALTH_CHECK COMPLETED 40..60 = 20", "~CLEANUP CANCELLED ?..60 = ?"]
    );
    // The deployment failed in a stage, before the next one was named.
    assert_eq!(
        with(&[naming(60, "HEALTH_CHECK", "FAILED"), naming(90, "ROLLBACK", "ROLLED_BACK")])[2..],
        ["~HEALTH_CHECK FAILED 40..60 = 20", "~ROLLBACK ROLLED_BACK ?..90 = ?"]
    );
    // The events of a stage stand above, and its naming still ends the stage before.
    let own = of_stage(45, "HEALTH_CHECK", "FAILED", &json!({"error": {"message": "503"}}));
    assert_eq!(with(std::slice::from_ref(&own)), [&ended[..], &["HEALTH_CHECK FAILED ?..45 = ?"]].concat());
    assert_eq!(failed(&[&plain[..], &[own]].concat()), "HEALTH_CHECK: 503");
}

#[test]
fn stages_are_inferred_attempt_by_attempt() {
    let second = |seconds, stage: &str, status: &str| read(seconds, status, &json!({"stage": stage, "attempt": 2}));
    let events = [
        naming(0, "DEPLOYMENT", "IN_PROGRESS"),
        read(30, "FAILED", &json!({})),
        second(50, "DEPLOYMENT", "IN_PROGRESS"),
    ];
    assert_eq!(lines(&events), ["~DEPLOYMENT FAILED 0..30 = 30", "~DEPLOYMENT IN_PROGRESS 50..? = ?"]);
    assert_eq!(failed(&events), "", "the attempt that failed is not the current one");
}

#[test]
fn of_several_failed_stages_the_one_that_says_why_and_then_the_first_is_named() {
    let why = json!({"error": {"message": "why"}});
    let stage = |seconds, name: &str, more: &Value| of_stage(seconds, name, "FAILED", more);
    assert_eq!(failed(&[stage(10, "b", &json!({})), stage(20, "a", &json!({}))]), "b: ");
    assert_eq!(failed(&[stage(10, "b", &json!({})), stage(20, "a", &why)]), "a: why");
    assert_eq!(failed(&[stage(10, "a", &why), of_stage(20, "a", "COMPLETED", &json!({}))]), "");
}

/// What is published of stages: `StagesFailed HEALTH_CHECK 1`.
fn published(events: &[Event]) -> Vec<String> {
    let (mut state, mut tally): (Option<State>, Tally) = (None, Tally::default());
    for event in events {
        let received = Received::new(event, at(0), "test").unwrap();
        let (made, after) = record(state.as_ref(), received, at(100_000)).unwrap();
        tally.add_record(&made);
        state = Some(after);
    }
    let of_stages = tally.data().into_iter().filter_map(|datum| match datum.dimensions {
        Dimensions::Stage(environment, name) if environment.as_str() == "production" => {
            let values: Vec<String> = datum.values.iter().map(|(value, times)| format!("{value}x{times}")).collect();
            Some(format!("{} {name} {}", datum.metric.name(), values.join(" ")))
        }
        _ => None,
    });
    of_stages.filter(|line| !line.starts_with(&Metric::StageSuccessRate.name())).collect()
}

#[test]
fn metrics_of_inferred_stages_are_published_once_with_the_first_ending() {
    let place = |event: Event| {
        let mut event = event;
        event.named.environment = domain::Environment::parse("production").ok();
        event
    };
    let events = [
        naming(0, "DEPLOYMENT", "IN_PROGRESS"),
        naming(40, "HEALTH_CHECK", "VALIDATING"),
        of_stage(42, "OWN", "COMPLETED", &json!({})),
        naming(45, "OWN", "VALIDATING"),
        read(60, "FAILED", &json!({})),
        read(90, "ROLLED_BACK", &json!({})),
    ];
    let expected = [
        "StageDuration DEPLOYMENT 40x1",
        "StageDuration HEALTH_CHECK 5x1",
        "StagesCompleted DEPLOYMENT 1x1",
        "StagesCompleted HEALTH_CHECK 1x1",
        "StagesCompleted OWN 1x1",
    ];
    let named_first = events.clone().map(place);
    assert_eq!(published(&named_first), expected);
    assert!(published(&named_first[..4]).iter().all(|line| line.contains("OWN")), "not before the ending");
    // Where the environment is named last, all of it counts there too.
    let named_last = [&events[..], &[place(read(50, "VALIDATING", &json!({})))]].concat();
    assert_eq!(published(&named_last), expected);
    let figures = Figures::of(&folded(&named_first)).unwrap();
    let stages: Vec<String> = figures
        .stages
        .iter()
        .map(|stage| format!("{} {} {:?}", stage.stage, stage.status, stage.duration_seconds))
        .collect();
    assert_eq!(stages, ["DEPLOYMENT COMPLETED Some(40.0)", "HEALTH_CHECK COMPLETED Some(5.0)", "OWN COMPLETED None"]);
}

#[test]
fn rows_of_before_are_read_and_go_on() {
    let order = |status: &str, seconds: i64| json!([1, status, at(seconds).millis(), format!("k{seconds}")]);
    let stored = json!([
        ["CHECK", 1, order("FAILED", 40), at(10).millis(), ["IN_PROGRESS", "FAILED"], [order("FAILED", 40), 29.0]],
        ["CLEANUP", 1, order("IN_PROGRESS", 50), null, ["PENDING", "IN_PROGRESS"], null],
        ["DEPLOYMENT", 1, order("COMPLETED", 9), null, ["COMPLETED", "FAILED"], [order("FAILED", 8), 7.5]],
    ]);
    let stages: Stages = serde_json::from_value(stored).unwrap();
    let mut summary = folded(&[]);
    summary.stages = stages;
    let all: Vec<String> = summary.stage_rows().iter().map(line).collect();
    assert_eq!(all, ["CLEANUP IN_PROGRESS ?..? = ?", "DEPLOYMENT COMPLETED ?..9 = 7.5", "CHECK FAILED 10..40 = 30"]);
    let check = summary.stages.report(1, &domain::StageName::parse("CHECK").unwrap()).unwrap();
    assert_eq!(check.seen.iter().copied().collect::<Vec<_>>(), [Status::InProgress, Status::Failed]);
    let compact = serde_json::to_value(&summary.stages).unwrap();
    assert_eq!(compact[0], json!(["CHECK", 1, order("FAILED", 40), at(10).millis(), ["IN_PROGRESS"], 29.0]));
    assert_eq!(serde_json::from_value::<Stages>(compact).unwrap(), summary.stages);
    let event = of_stage(60, "CHECK", "COMPLETED", &json!({}));
    summary.fold(&event, &EventKey::stored("k"), event.occurred_at.unwrap());
    assert!(summary.stage_rows().iter().map(line).any(|line| line == "CHECK COMPLETED 10..60 = 50"));
    for wrong in [json!([[1, 2]]), json!([["S"]]), json!([["S", 1, {"a": 1}]])] {
        assert!(serde_json::from_value::<Stages>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_hundred_stages_are_kept_named_or_reported() {
    let mut events: Vec<Event> = (0..60).map(|n| naming(n, &format!("named-{n:03}"), "IN_PROGRESS")).collect();
    assert!(!folded(&events).flags.contains(&Flag::StagesTruncated));
    events.extend((0..60).map(|n| of_stage(n, &format!("own-{n:03}"), "COMPLETED", &json!({}))));
    let summary = folded(&events);
    assert!(summary.flags.contains(&Flag::StagesTruncated));
    assert_eq!(summary.stage_rows().len(), Stages::MOST);
    events.reverse();
    assert_eq!(folded(&events).stage_rows().len(), Stages::MOST);
}
