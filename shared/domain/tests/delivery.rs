//! How deployments went over a window: the same whatever the order of figures, and the same as a
//! recount finds.

#![expect(clippy::cast_precision_loss, reason = "small numbers fit a double exactly")]

mod published;
mod recount;

use domain::event::{self};
use domain::identifiers::{Identifier as _, Label};
use domain::questions::delivery::{Against, Facts, Hours, How, Part, Question, Window};
use domain::questions::delivery::{Because, ChangeFailures, Counted, Dora, Metrics, Outcomes, Period};
use domain::{DeploymentId, Environment, EventKey, Figures, Service, Status, Summary, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use recount::recount;

const MINUTE: i64 = 60_000;

fn noon() -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
}

fn question(hours: u32, environment: Option<&str>, service: Option<&str>) -> Question {
    let named = environment.map(|name| Environment::parse(name).unwrap());
    Question {
        part: Part::default(),
        environment: named.clone().map(Into::into).unwrap_or_default(),
        named,
        service: service.map(|name| Service::parse(name).unwrap().into()).unwrap_or_default(),
        window: Window::up_to(noon(), Hours::parse(&hours.to_string()).unwrap()),
    }
}

fn summary(events: &[Value]) -> Summary {
    let mut summary = Summary::empty(DeploymentId::parse(events[0]["deploymentId"].as_str().unwrap()).unwrap());
    for (number, event) in events.iter().enumerate() {
        let event = event::read(event.clone(), Timestamp::MAX).unwrap();
        summary.fold(&event, &EventKey::stored(&number.to_string()), event.occurred_at.unwrap());
    }
    summary
}

/// What is known of these, with ids that tell them apart, and of what else speaks against them.
fn facts(figures: &[Figures], others: Vec<Against>) -> Facts {
    let ended = figures
        .iter()
        .enumerate()
        .map(|(n, figures)| (DeploymentId::parse(&format!("d-{n}")).unwrap(), figures.clone()));
    Facts::new(ended.collect(), others, |_, _| true)
}

/// The same of summaries.
fn facts_of(summaries: &[Summary], others: &[Against]) -> Facts {
    let ended = summaries.iter().filter_map(|summary| Some((summary.deployment_id.clone(), Figures::of(summary)?)));
    Facts::new(ended.collect(), others.to_vec(), |_, _| true)
}

/// A deployment that began and ended so many minutes before noon.
fn deployment(service: &str, began: i64, endings: &[(i64, &str)]) -> Figures {
    let event = |minutes: i64, status: &str| {
        json!({
            "deploymentId": "d-1", "service": service, "environment": "production", "status": status,
            "occurredAt": noon().plus_millis(-minutes * MINUTE),
        })
    };
    let mut events = vec![event(began, "IN_PROGRESS")];
    events.extend(endings.iter().map(|(minutes, status)| event(*minutes, status)));
    Figures::of(&summary(&events)).unwrap()
}

#[test]
fn nothing_has_counts_of_zero_and_no_rates() {
    let metrics = question(2, None, None).answer(&facts(&[], vec![]));
    let period = |from: &str, to: &str| Period { from: from.into(), to: to.into(), outcomes: Outcomes::default() };
    let dora = Dora {
        deployments_per_day: 0.0,
        change_failures: ChangeFailures { judged_bad: Some(0), ..ChangeFailures::default() },
        change_failure_rate: None,
        deployment_rework_rate: None,
        median_lead_time_seconds: None,
        median_time_to_restore_seconds: None,
    };
    let expected = Metrics {
        environment: None,
        environments: Counted { names: None, because: Because::All },
        team: None,
        release: None,
        service: None,
        from: "2026-03-01T10:01:00.000Z".into(),
        to: "2026-03-01T12:01:00.000Z".into(),
        deployments: Outcomes::default(),
        success_rate: None,
        duration_seconds: None,
        stages: vec![],
        dora,
        trend: vec![
            period("2026-03-01T10:01:00.000Z", "2026-03-01T11:01:00.000Z"),
            period("2026-03-01T11:01:00.000Z", "2026-03-01T12:01:00.000Z"),
        ],
        groups: None,
        previous: None,
    };
    assert_eq!(metrics, expected);
}

#[test]
fn a_failure_after_completion_is_restored_by_the_next_completion_in_its_place() {
    let failed = || deployment("cart", 100, &[(95, "COMPLETED"), (90, "FAILED")]);
    let restored = |others: Vec<Figures>| {
        let figures: Vec<Figures> = others.into_iter().chain([failed()]).collect();
        question(24, None, None).answer(&facts(&figures, vec![])).dora.median_time_to_restore_seconds
    };
    let completed = |service: &str, minutes| deployment(service, minutes + 5, &[(minutes, "COMPLETED")]);
    assert_eq!(restored(vec![]), None);
    assert_eq!(restored(vec![completed("cart", 91), completed("cart", 90)]), None, "not before, not at the same time");
    assert_eq!(restored(vec![completed("search", 80)]), None, "not of another service");
    assert_eq!(restored(vec![deployment("cart", 85, &[(80, "FAILED")])]), None, "not by a failure");
    assert_eq!(restored(vec![completed("cart", 30), completed("cart", 70), completed("cart", 60)]), Some(1200.0));
    let undone = deployment("cart", 85, &[(80, "COMPLETED"), (70, "ROLLED_BACK")]);
    assert_eq!(restored(vec![undone, completed("cart", 60)]), Some(600.0), "of ten and thirty minutes the lower");
}

#[test]
fn many_different_durations_have_a_mean_that_does_not_depend_on_their_order() {
    // Values of very different size: their sum depends on the order in which they are added.
    let mut figures: Vec<Figures> = (0..50).map(|n| deployment("cart", n + 1, &[(n, "COMPLETED")])).collect();
    for (n, figures) in figures.iter_mut().enumerate() {
        figures.duration_seconds = Some(if n % 2 == 0 { 0.001 } else { 1e12 / (n as f64).powi(3) });
    }
    let forwards = question(24, None, None).answer(&facts(&figures, vec![]));
    figures.reverse();
    assert_eq!(question(24, None, None).answer(&facts(&figures, vec![])), forwards);
    figures.rotate_left(17);
    assert_eq!(question(24, None, None).answer(&facts(&figures, vec![])), forwards);
}

/// One event of a deployment: minutes before noon, attempt, stage or the whole, status, and what else.
fn any_event() -> impl Strategy<Value = Value> {
    let status = proptest::sample::select(Status::ALL.to_vec());
    let kind = prop_oneof![6 => Just("deployment"), 4 => Just("stage"), 1 => Just("removal")];
    // Some hours within the window and some before it; the window's very ends are of whole minutes.
    let minutes = prop_oneof![4 => -1..90_i64, 1 => 0..7200_i64];
    let numbers = (minutes, 1..3_u32, 0..3_u8, proptest::option::of(0.0..1e12_f64), proptest::option::of(0..9000_i64));
    (status, kind, numbers).prop_map(|(status, kind, (minutes, attempt, stage, took, committed))| {
        json!({
            "deploymentId": "d-1", "status": status, "type": kind, "stage": format!("s{stage}"), "attempt": attempt,
            "occurredAt": noon().plus_millis(-minutes * MINUTE), "metrics": {"durationSeconds": took},
            "committedAt": committed.map(|minutes| noon().plus_millis(-minutes * MINUTE)),
        })
    })
}

/// The same of an incident.
fn any_event_of_an_incident() -> impl Strategy<Value = Value> {
    (any_event(), any::<bool>()).prop_map(|(mut event, resolved)| {
        event["deploymentId"] = json!("incident:1");
        event["type"] = json!("incident");
        event["status"] = json!(if resolved { "COMPLETED" } else { "IN_PROGRESS" });
        event
    })
}

/// A deployment, or an incident.
fn any_summary() -> impl Strategy<Value = Summary> {
    let service = proptest::sample::select(vec![Some("cart"), Some("search"), None]);
    let environment = proptest::sample::select(vec!["production", "staging"]);
    let release = proptest::sample::select(vec![None, Some("r-1"), Some("r-2")]);
    let events = prop_oneof![
        3 => proptest::collection::vec(any_event(), 1..6),
        1 => proptest::collection::vec(any_event_of_an_incident(), 1..6),
    ];
    (service, environment, release, events).prop_map(|(service, environment, release, mut events)| {
        for event in &mut events {
            if event["type"] != "incident" {
                event["release"] = json!(release);
            }
            event["service"] = json!(service);
            event["environment"] = json!(environment);
        }
        summary(&events)
    })
}

/// What speaks against one of these, which is given its number, by an incident or otherwise.
type Other = (usize, How, i64, Option<i64>, usize);

fn any_against() -> impl Strategy<Value = Other> {
    let how = proptest::sample::select(vec![How::Undone, How::JudgedBad, How::Incident]);
    (0..40_usize, how, -1..200_i64, proptest::option::of(-1..200_i64), 0..40_usize)
}

/// These with ids of their own, and what speaks against those that there are.
fn told_apart(mut summaries: Vec<Summary>, others: Vec<Other>) -> (Vec<Summary>, Vec<Against>) {
    for (n, summary) in summaries.iter_mut().enumerate() {
        let id = if summary.deployment_id.as_str().starts_with("incident:") {
            format!("incident:{n}")
        } else {
            format!("d-{n}")
        };
        summary.deployment_id = DeploymentId::parse(&id).unwrap();
    }
    let against = others.into_iter().filter_map(|(of, how, at, over, by)| {
        let (of, by) = (summaries.get(of)?, summaries.get(by)?);
        let time = |minutes: i64| noon().plus_millis(-minutes * MINUTE);
        let over_at = over.filter(|_| how == How::Incident).map(time);
        let (deployment_id, by) = (of.deployment_id.clone(), by.deployment_id.clone());
        Some(Against { deployment_id, how, at: time(at), over_at, by })
    });
    let against = against.collect();
    (summaries, against)
}

fn any_question() -> impl Strategy<Value = Question> {
    let hours = proptest::sample::select(vec![1, 2, 24, 48, 49, 100, 2208, 9600]);
    let environment = proptest::sample::select(vec![None, Some("production"), Some("nowhere")]);
    let service = proptest::sample::select(vec![None, Some("cart"), Some("unknown")]);
    (hours, environment, service).prop_map(|(hours, environment, service)| question(hours, environment, service))
}

/// Takes the means out, which a recount adds up in another order, and gives them back.
fn means(metrics: &mut Metrics) -> Vec<f64> {
    let of_stages = metrics.stages.iter_mut().filter_map(|stage| stage.duration_seconds.as_mut());
    let all = metrics.duration_seconds.as_mut().into_iter().chain(of_stages);
    all.map(|durations| std::mem::take(&mut durations.average)).collect()
}

proptest! {
    #![proptest_config(super::cases(300))]

    #[test]
    fn a_recount_finds_the_same(
        summaries in proptest::collection::vec(any_summary(), 0..40), question in any_question(),
        others in proptest::collection::vec(any_against(), 0..12),
    ) {
        let (summaries, others) = told_apart(summaries, others);
        let facts = facts_of(&summaries, &others);
        let (mut metrics, mut expected) = (question.answer(&facts), recount(&question, &summaries, &others));
        let (found, counted) = (means(&mut metrics), means(&mut expected));
        prop_assert_eq!(metrics, expected);
        prop_assert_eq!(found.len(), counted.len());
        for (found, counted) in found.into_iter().zip(counted) {
            prop_assert!((found - counted).abs() <= 1e-9 * counted, "{} {}", found, counted);
        }
    }

    #[test]
    fn a_part_has_the_figures_of_its_group(
        summaries in proptest::collection::vec(any_summary(), 0..40), question in any_question(),
        others in proptest::collection::vec(any_against(), 0..12),
    ) {
        let (summaries, others) = told_apart(summaries, others);
        let facts = facts_of(&summaries, &others);
        let groups = question.groups(&facts, |figures| figures.release.as_ref().map(ToString::to_string));
        let whole = question.answer(&facts);
        for group in groups {
            let release = group.name.as_deref().map(|name| Label::parse(name).unwrap());
            let part = question.clone().of_part(Part { team: None, release: release.clone() });
            let metrics = part.answer(&facts);
            if release.is_none() {
                prop_assert_eq!(&metrics, &whole, "it names no part");
                continue;
            }
            prop_assert_eq!(&metrics.release, &group.name);
            prop_assert_eq!(metrics.deployments, group.deployments);
            prop_assert_eq!(metrics.success_rate, group.success_rate);
            prop_assert_eq!(metrics.dora, group.dora);
        }
    }

    #[test]
    fn any_order_gives_the_same_and_every_number_is_one(
        ((summaries, others), seed) in (
            proptest::collection::vec(any_summary(), 0..40), proptest::collection::vec(any_against(), 0..12),
        ).prop_map(|(summaries, others)| told_apart(summaries, others)).prop_flat_map(|facts| (Just(facts), 0..40_usize)),
        question in any_question(),
    ) {
        let metrics = question.answer(&facts_of(&summaries, &others));
        let (mut shuffled, mut other_way) = (summaries.clone(), others.clone());
        shuffled.reverse();
        shuffled.rotate_left(seed.min(summaries.len()));
        other_way.reverse();
        let text = serde_json::to_string(&metrics).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&question.answer(&facts_of(&shuffled, &other_way))).unwrap());
        // What is no number would be written as null, which a figure that is always known can't be read from.
        prop_assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), metrics);
    }

    #[test]
    fn figures_are_read_back_as_they_were(summary in any_summary()) {
        let figures = Figures::of(&summary);
        let text = serde_json::to_string(&figures).unwrap();
        prop_assert_eq!(serde_json::from_str::<Option<Figures>>(&text).unwrap(), figures);
    }
}
