//! What decides: what one environment runs beside another, and whether a version may go there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{Difference, all, compare};
use crate::model::answers::{self, Answers, LiveQuestion};
use crate::model::chance::Chance;
use crate::model::gates::{self, GateQuestion};
use crate::model::heard::Heard;
use crate::model::{drift, plots, releases, times};

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
    (as_of, known_at): (Option<i64>, Option<i64>),
    now: i64,
) -> Result<(), Difference> {
    let time = [("asOf", as_of), ("knownAt", known_at)]
        .map(|(name, time)| time.map(|time| format!("&{name}={}", times::text(time))).unwrap_or_default())
        .concat();
    let path = format!("/v1/compare?from={from}&to={to}{time}");
    let expected = answers::compared(heard, (from, to), (as_of, known_at), now);
    compare(path.clone(), json!(expected), all(world, &path, 1, now).await)
}

/// Asks how the cells of production stand to staging, and what is under way in them.
pub(super) async fn matrix(
    world: &World,
    heard: &Heard,
    (as_of, known_at): (Option<i64>, Option<i64>),
    now: i64,
) -> Result<(), Difference> {
    let time = [("asOf", as_of), ("knownAt", known_at)]
        .map(|(name, time)| time.map(|time| format!("&{name}={}", times::text(time))).unwrap_or_default())
        .concat();
    let path = format!("/v1/live?environment=production&difference=true&active=true{time}");
    let compared = answers::compared(heard, ("staging", "production"), (as_of, known_at), now);
    let in_both = compared.into_iter().filter(|item| !item["from"].is_null() && !item["to"].is_null());
    let differences = in_both.map(|item| {
        let mut difference = json!({"environment": "staging"});
        for name in ["relation", "by", "more", "since", "forSeconds"] {
            difference[name] = item[name].clone();
        }
        (item["service"].as_str().expect("a service").to_owned(), difference)
    });
    let differences: BTreeMap<String, Value> = differences.collect();
    let active = Answers::of(heard).active(Some("production"));
    let here = LiveQuestion { environment: Some("production".to_owned()), as_of, known_at, ..LiveQuestion::default() };
    let name = |of: &Value| of["service"].as_str().expect("a service").to_owned();
    let live: BTreeSet<String> = answers::live(heard, &here).iter().map(name).collect();
    // Where nothing runs, something can be under way.
    let is_past = as_of.is_some() || known_at.is_some();
    let begun = active.iter().filter(|_| !is_past).map(name).filter(|service| service != "unknown");
    let expected: BTreeSet<String> = begun.chain(live.iter().cloned()).collect();
    let cells = all(world, &path, 2, now).await;
    for cell in cells.as_array().into_iter().flatten() {
        let service = cell["service"].as_str().expect("a service");
        if !live.contains(service) {
            let runs = ["version", "commit", "since", "deploymentId", "change"].map(|field| cell[field].clone());
            compare(format!("{path}: nothing of {service}"), json!([null, null, null, null, null]), json!(runs))?;
            compare(format!("{path}: regions of {service}"), json!([]), cell["regions"].clone())?;
        }
        let difference = differences.get(service).cloned().unwrap_or_default();
        compare(format!("{path}: {service}"), difference, cell["difference"].clone())?;
        let here = active.iter().filter(|deployment| deployment["service"] == *service);
        let here: Vec<Value> = here.map(|deployment| deployment["deploymentId"].clone()).collect();
        let answered = cell["active"].as_array().map(|all| all.iter().map(|one| one["deploymentId"].clone()).collect());
        compare(
            format!("{path}: active of {service}"),
            json!((!is_past).then_some(here)),
            answered.unwrap_or_default(),
        )?;
    }
    let shown: Vec<String> = cells.as_array().into_iter().flatten().map(name).collect();
    compare(format!("{path}: services"), json!(expected), json!(shown))?;
    let missing: Vec<&String> = differences.keys().filter(|service| !shown.contains(*service)).collect();
    compare(path, json!([]), json!(missing))
}

/// Asks how releases stand, and which there are.
pub(super) async fn released(world: &World, heard: &Heard, as_of: Option<i64>, now: i64) -> Result<(), Difference> {
    let time = as_of.map(|time| format!("&asOf={}", times::text(time))).unwrap_or_default();
    for environment in ["staging", "production"] {
        for release in plots::RELEASES {
            let path = format!("/v1/releases/{release}?environment={environment}{time}");
            let answer = world.get_at(&path, at(0).plus_millis(now)).await;
            let items = answer.body["items"].as_array().into_iter().flatten();
            let items = items.map(|item| json!([item["service"], item["expected"], item["state"]]));
            let answered = json!({"complete": answer.body["complete"], "items": items.collect::<Vec<_>>()});
            let answered = if answer.status == 404 { Value::Null } else { answered };
            compare(path, releases::standing(heard, release, environment, (as_of, None), now), answered)?;
        }
        let path = format!("/v1/releases?environment={environment}{time}");
        let listed = all(world, &path, 1, now).await;
        let listed = listed.as_array().into_iter().flatten();
        let answered: Vec<Value> =
            listed.map(|item| json!([item["release"], item["day"], item["deployedAt"], item["complete"]])).collect();
        compare(path, releases::listed(heard, environment, as_of, now), json!(answered))?;
    }
    Ok(())
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
