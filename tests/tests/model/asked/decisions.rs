//! What decides: what one environment runs beside another, and whether a version may go there.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{Difference, all, compare};
use crate::model::answers::{self, LiveQuestion};
use crate::model::chance::Chance;
use crate::model::gates::{self, GateQuestion};
use crate::model::heard::Heard;
use crate::model::{drift, plots, times};

/// Asks gates, by the settings of all stories, now and for the past.
pub(super) async fn gates(
    world: &World,
    heard: &Heard,
    past: Vec<LiveQuestion>,
    now: i64,
    chance: &mut Chance,
) -> Result<(), Difference> {
    let versions: Vec<_> = plots::THINGS.iter().filter_map(|(version, commit)| Some(((*version)?, *commit))).collect();
    let ids: Vec<&String> = heard.deployments().map(|(id, _)| id).collect();
    let nows = std::iter::repeat_n(LiveQuestion::default(), 4);
    for when in nows.chain(past) {
        let (version, commit) = chance.pick(&versions);
        let deployment = (chance.one_in(3) && !ids.is_empty()).then(|| chance.pick(&ids).clone());
        let service = chance.pick(&["cart", "cart", "search"]);
        let environment = chance.pick(&["production", "production", "staging"]);
        let question = GateQuestion { service, environment, version, commit, deployment, when };
        ask_gate(world, heard, &question, now).await?;
    }
    Ok(())
}

/// Asks what one environment runs beside another.
pub(super) async fn compared(
    world: &World,
    heard: &Heard,
    (from, to): (&str, &str),
    as_of: Option<i64>,
    now: i64,
) -> Result<(), Difference> {
    let time = as_of.map(|time| format!("&asOf={}", times::text(time))).unwrap_or_default();
    let path = format!("/v1/compare?from={from}&to={to}{time}");
    let expected = answers::compared(heard, (from, to), as_of, now);
    compare(path.clone(), json!(expected), all(world, &path, 1, now).await)
}

/// Asks one gate.
async fn ask_gate(world: &World, heard: &Heard, question: &GateQuestion, now: i64) -> Result<(), Difference> {
    let GateQuestion { service, environment, version, commit, deployment, when } = question;
    let mut path = format!("/v1/gate?service={service}&environment={environment}&version={version}");
    let times = [("asOf", when.as_of), ("knownAt", when.known_at)].map(|(name, time)| (name, time.map(times::text)));
    let named = [("commit", commit.map(str::to_owned)), ("deploymentId", deployment.clone())];
    for (name, value) in named.into_iter().chain(times) {
        path.extend(value.map(|value| format!("&{name}={value}")));
    }
    let answer = world.get_at(&path, at(0).plus_millis(now)).await.body;
    let outcomes = answer["checks"].as_array().into_iter().flatten().map(|check| check["outcome"].clone());
    let outcomes: Vec<Value> = outcomes.collect();
    let answered = json!({"decision": answer["decision"], "outcomes": outcomes, "at": answer["at"]});
    compare(path, gates::decided(heard, question, now), answered)
}

/// The kinds of drift that the model knows.
const KINDS: [&str; 6] = ["UNSEEN", "MIXED", "LAGGING", "ORPHANED", "STALE", "SILENT"];

/// Asks what has drifted.
pub(super) async fn drifted(world: &World, heard: &Heard, as_of: Option<i64>, now: i64) -> Result<(), Difference> {
    let path = format!("/v1/drift{}", as_of.map(|time| format!("?asOf={}", times::text(time))).unwrap_or_default());
    let Value::Array(answered) = all(world, &path, 2, now).await else { panic!("no list") };
    let severities = ["high", "medium", "low"];
    let rank = |finding: &Value| severities.iter().position(|severity| finding["severity"] == *severity);
    assert!(answered.is_sorted_by_key(rank), "the worst first: {answered:#?}");
    let short = |finding: Value| {
        let mut short = json!({});
        for name in ["kind", "severity", "service", "environment", "since"] {
            short[name] = finding[name].clone();
        }
        // Since when it lags is only said where all of that was read.
        if finding["kind"] == "LAGGING" {
            short["since"] = Value::Null;
        }
        short
    };
    let known = answered.into_iter().filter(|finding| KINDS.iter().any(|kind| finding["kind"] == *kind));
    let (mut answered, mut expected): (Vec<Value>, Vec<Value>) =
        (known.map(short).collect(), drift::found(heard, as_of, now));
    for findings in [&mut answered, &mut expected] {
        findings.sort_by_key(ToString::to_string);
    }
    compare(path, json!(expected), json!(answered))
}
