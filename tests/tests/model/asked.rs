//! A story told to the product, and each answer of it compared with the model's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::NOT_YET;
use super::answers::{self, Answers, LiveQuestion};
use super::chance::Chance;
use super::heard::{self, Heard, Receipt};
use super::stories::{Step, Story};
use super::times;

mod decisions;

use decisions::{compared, drifted, gates, matrix, released};

/// What an answer should have been.
pub(super) struct Difference {
    question: String,
    expected: Value,
    answered: Value,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.question)?;
        where_different(f, "", &self.expected, &self.answered)
    }
}

/// Only what differs of two answers, each with the way to it.
fn where_different(f: &mut std::fmt::Formatter<'_>, way: &str, expected: &Value, answered: &Value) -> std::fmt::Result {
    match (expected, answered) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            names.iter().try_for_each(|name| {
                where_different(f, &format!("{way}.{name}"), &expected[name.as_str()], &answered[name.as_str()])
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs.into_iter().try_for_each(|(n, (one, other))| where_different(f, &format!("{way}[{n}]"), one, other))
        }
        _ if expected == answered => Ok(()),
        _ => writeln!(f, "  {way}: the model: {expected}, the product: {answered}"),
    }
}

/// Answers are compared without what the product does not say yet, and lists without their cursors.
fn comparable(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields.retain(|name, _| !NOT_YET.contains(&name.as_str()));
            fields.values_mut().for_each(|field| *field = comparable(field.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = comparable(item.take())),
        _ => {}
    }
    value
}

fn compare(question: impl Into<String>, expected: Value, answered: Value) -> Result<(), Difference> {
    let (question, expected, answered) = (question.into(), comparable(expected), comparable(answered));
    if expected == answered { Ok(()) } else { Err(Difference { question, expected, answered }) }
}

/// Tells a story, and answers the first difference, if there is one. An event is recorded a second later where the machine
/// was so busy that it took one, of which the model knows nothing: then the story is told again.
pub(super) async fn told(story: &Story, seed: u64) -> Result<(), Difference> {
    loop {
        let mut world = World::new().await;
        assert_eq!(world.apply(&super::gates::settings()).await.status, 201);
        let receipts = sent(&world, story).await;
        if let Some(keys) = keys(&world, story).await {
            return answered(&world, story, receipts, &keys, seed).await;
        }
    }
}

/// The first difference of what was answered to a story, and is answered after it.
async fn answered(
    world: &World,
    story: &Story,
    receipts: Vec<Value>,
    keys: &BTreeMap<(String, u64), String>,
    seed: u64,
) -> Result<(), Difference> {
    let mut heard = Heard::default();
    let mut expected: Vec<(String, Receipt)> = Vec::new();
    for together in story.0.chunk_by(|a, b| a.received == b.received) {
        let first = expected.len();
        for step in together {
            let key =
                receipts[expected.len()]["sequence"].as_u64().and_then(|sequence| keys.get(&(id(step), sequence)));
            let key = key.map_or("", String::as_str);
            expected.push((id(step), heard.hear(&step.event, step.occurred, step.received, key)));
        }
        // Events of one request are recorded together, and each receipt has the flags after all of them.
        for (id, receipt) in &mut expected[first..] {
            if let Receipt::Recorded { flags, .. } = receipt {
                *flags = heard.standing(id).1;
            }
        }
    }
    for (number, ((_, expected), receipt)) in expected.into_iter().zip(receipts).enumerate() {
        compare(format!("the receipt of event {number}"), shown(expected), receipt)?;
    }
    let now = story.0.last().map_or(0, |step| step.received) + 1;
    questions(world, &heard, now, &mut Chance::of(seed)).await?;
    world.expect_state_is_history().await;
    Ok(())
}

fn id(step: &Step) -> String {
    heard::id(&step.event)
}

fn shown(receipt: Receipt) -> Value {
    match receipt {
        Receipt::Recorded { sequence, status, flags } => {
            json!({"code": 201, "sequence": sequence, "status": status, "flags": flags})
        }
        Receipt::Duplicate => json!({"code": 200}),
        Receipt::Conflict => json!({"code": 409}),
    }
}

/// Sends each event; those that are received at one moment as one array. Answers what each got.
async fn sent(world: &World, story: &Story) -> Vec<Value> {
    let mut receipts = Vec::new();
    for together in story.0.chunk_by(|a, b| a.received == b.received) {
        let now = at(0).plus_millis(together[0].received);
        let answers = if let [alone] = together {
            let answer = world.post_at(&alone.event, now).await;
            vec![(answer.status, answer.body)]
        } else {
            let events: Vec<&Value> = together.iter().map(|step| &step.event).collect();
            let body = world.post_at(&json!(events), now).await.body;
            let code = |receipt: &Value| match receipt["outcome"].as_str() {
                Some("recorded") => 201,
                Some(_) => 200,
                None => receipt["status"].as_u64().expect("the status of a problem"),
            };
            body.as_array().unwrap_or_else(|| panic!("{body}")).iter().map(|one| (code(one), one.clone())).collect()
        };
        receipts.extend(answers.into_iter().map(|(code, receipt)| match code {
            201 => {
                let flags = receipt.get("flags").cloned().unwrap_or(json!([]));
                json!({"code": code, "sequence": receipt["sequence"], "status": receipt["status"], "flags": flags})
            }
            200 | 409 => json!({"code": code}),
            _ => receipt,
        }));
    }
    receipts
}

/// The keys of all recorded events, by deployment and sequence: what decides where nothing else does. None where an event
/// was not recorded at a time at which any came in.
async fn keys(world: &World, story: &Story) -> Option<BTreeMap<(String, u64), String>> {
    let mut keys = BTreeMap::new();
    let times: BTreeSet<String> = story.0.iter().map(|step| at(0).plus_millis(step.received).to_string()).collect();
    let ids: BTreeSet<String> = story.0.iter().map(id).collect();
    for id in ids {
        let path = format!("/v1/deployments/{id}/events?limit=100");
        for entry in world.get_at(&path, at(20_000)).await.body["items"].as_array().into_iter().flatten() {
            let key = entry["eventKey"].as_str().expect("a key").to_owned();
            if !times.contains(entry["recordedAt"].as_str().expect("a time")) {
                return None;
            }
            keys.insert((id.clone(), entry["sequence"].as_u64().expect("a sequence")), key);
        }
    }
    Some(keys)
}

/// All items of a list.
async fn all(world: &World, path: &str, limit: usize, now: i64) -> Value {
    let sign = if path.contains('?') { '&' } else { '?' };
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = format!("{path}{sign}limit={limit}{cursor}");
        let answer = world.get_at(&page, at(0).plus_millis(now)).await;
        assert_eq!(answer.status, 200, "{page}: {answer:?}");
        items.extend(answer.body["items"].as_array().expect("items").iter().cloned());
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return json!(items),
        }
    }
}

/// Asks all that can be asked, some of it for chosen times.
async fn questions(world: &World, heard: &Heard, now: i64, chance: &mut Chance) -> Result<(), Difference> {
    let answers = Answers::of(heard);
    for (id, expected) in answers.each() {
        let path = format!("/v1/deployments/{id}");
        let mut answer = world.get_at(&path, at(0).plus_millis(now)).await.body;
        // What follows from others, and from what was observed, is no part of the model.
        for field in ["expected", "pace", "previous", "verdict"] {
            let told = answer.as_object_mut().and_then(|fields| fields.remove(field));
            assert!(told.is_some(), "{path} has {field}");
        }
        compare(path, expected, answer)?;
    }
    let lists = async |path: String, expected: Vec<Value>, limit: usize| {
        let answered = all(world, &path, limit, now).await;
        compare(path, json!(expected), answered)
    };
    lists("/v1/deployments".to_owned(), answers.listed(|_| true), 100).await?;
    lists("/v1/deployments/active".to_owned(), answers.active(None), 100).await?;
    for (environment, service) in answers.places() {
        let path = format!("/v1/deployments?environment={environment}&service={service}");
        let here = answers.listed(|d| d.environment == environment && d.service == service);
        lists(path, here, chance.pick(&[3, 7, 100])).await?;
        let path = format!("/v1/deployments/active?environment={environment}");
        lists(path, answers.active(Some(&environment)), 100).await?;
        let one = LiveQuestion { environment: Some(environment), service: Some(service), ..LiveQuestion::default() };
        ask_live(world, heard, &one, false, now).await?;
    }
    for statuses in ["COMPLETED", "FAILED", "ROLLED_BACK,IN_PROGRESS,FAILED"] {
        let listed = answers.listed(|d| statuses.split(',').any(|status| d.status == status));
        lists(format!("/v1/deployments?status={statuses}"), listed, chance.pick(&[3, 100])).await?;
    }
    catalog(world, &answers, now).await?;
    ask_live(world, heard, &LiveQuestion::default(), false, now).await?;
    let (staging, production) = ("staging", "production");
    compared(world, heard, (staging, production), (None, None), now).await?;
    compared(world, heard, (production, staging), (None, None), now).await?;
    matrix(world, heard, (None, None), now).await?;
    released(world, heard, None, now).await?;
    for release in super::plots::RELEASES {
        let listed = answers.listed(|d| d.release.as_deref() == Some(release));
        lists(format!("/v1/deployments?release={release}"), listed, chance.pick(&[2, 100])).await?;
    }
    drifted(world, heard, None, now).await?;
    let past = past(heard, &answers, now, chance);
    for question in &past {
        ask_live(world, heard, question, chance.one_in(2), now).await?;
        let sides = chance.pick(&[(staging, production), (production, staging)]);
        compared(world, heard, sides, (question.as_of, question.known_at), now).await?;
        matrix(world, heard, (question.as_of, question.known_at), now).await?;
        if question.as_of.is_some() {
            released(world, heard, question.as_of, now).await?;
        }
        drifted(world, heard, question.as_of, now).await?;
    }
    gates(world, heard, past, now, chance).await
}

/// Asks which environments and services there are.
async fn catalog(world: &World, answers: &Answers, now: i64) -> Result<(), Difference> {
    let places = answers.places();
    let services: BTreeSet<&str> = places.iter().map(|(_, service)| service.as_str()).collect();
    let services: Vec<Option<&str>> = services.into_iter().map(Some).chain([None]).collect();
    for (retired, service) in [false, true].into_iter().flat_map(|retired| services.iter().map(move |s| (retired, *s)))
    {
        let of = service.map(|service| format!("&service={service}")).unwrap_or_default();
        let path = format!("/v1/catalog?retired={retired}{of}");
        let answer = world.get_at(&path, at(0).plus_millis(now)).await.body;
        let answered = json!({"environments": answer["environments"], "services": answer["services"]});
        compare(path, answers.catalog(retired, service), answered)?;
    }
    Ok(())
}

/// Questions for the past: around the endings and around the receipts.
fn past(heard: &Heard, answers: &Answers, now: i64, chance: &mut Chance) -> Vec<LiveQuestion> {
    let endings = answers.endings();
    let receipts = heard.receipts();
    let mut questions = Vec::new();
    for number in 0..8 {
        let mut near = |times: &[i64]| {
            let time = if times.is_empty() { now } else { chance.pick(times) };
            let time = time + chance.pick(&[0, 0, 0, -1, 1, 999, -1000]);
            Some(time.min(now))
        };
        let as_of = if number % 3 == 0 { None } else { near(&endings) };
        let known_at = if number % 3 == 1 { None } else { near(&receipts) };
        questions.push(LiveQuestion { as_of, known_at, ..LiveQuestion::default() });
    }
    questions
}

/// Asks what is live. Where times are `whole`, they are asked for without the fraction of the second.
async fn ask_live(
    world: &World,
    heard: &Heard,
    question: &LiveQuestion,
    whole: bool,
    now: i64,
) -> Result<(), Difference> {
    let mut meant = question.clone();
    let mut parameters = Vec::new();
    for (name, time) in [("asOf", &mut meant.as_of), ("knownAt", &mut meant.known_at)] {
        if let Some(time) = time {
            let text = if whole { times::whole_second(*time) } else { times::text(*time) };
            parameters.push(format!("{name}={text}"));
            if whole {
                *time = times::second_of(*time) + 999;
            }
        }
    }
    let names = [("environment", &question.environment), ("service", &question.service)];
    parameters.extend(names.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?))));
    let path = format!("/v1/live?{}", parameters.join("&"));
    let path = path.trim_end_matches('?');
    let answered = all(world, path, 100, now).await;
    compare(path, json!(answers::live(heard, &meant)), answered)
}
