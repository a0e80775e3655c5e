//! How stages are stored: as rows without names of fields, since they are written with every event.
//!
//! `[name, attempt, latest, began, seen, reported, more]`: without what is null at the end. `latest` is null
//! where the stage has no events of its own. `seen` leaves out the latest status. A value is stored alone where
//! it came with the latest event, else as `[status, milliseconds, event key, value]`. Rows used to
//! have six elements, with `reported` as `[order, value]`, and are read as well.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::mention::{Mention, Naming};
use super::report::{Place, Placed, Report};
use super::{Stage, Stages};
use crate::identifiers::StageName;
use crate::{Moment, Timestamp};

type Row = Vec<Value>;

/// How what is ahead of its receipt is marked.
const AHEAD: &str = "AHEAD";
const ERROR: &str = "error";
const METRICS: &str = "metrics";
const LINK: &str = "link";
const NAMED: &str = "named";
const ENDED: &str = "ended";

impl From<Stages> for Vec<Row> {
    fn from(stages: Stages) -> Self {
        stages.0.into_iter().map(|((attempt, name), stage)| row(attempt, &name, &stage)).collect()
    }
}

impl TryFrom<Vec<Row>> for Stages {
    type Error = String;

    fn try_from(rows: Vec<Row>) -> Result<Self, String> {
        rows.into_iter().map(stage).collect::<Result<_, _>>().map(Self)
    }
}

fn row(attempt: u32, name: &StageName, stage: &Stage) -> Row {
    let mut row = vec![json!(name), json!(attempt)];
    let mut more = Map::new();
    match &stage.report {
        Some(report) => {
            let at_latest = Place::of(&report.latest);
            let seen: Vec<_> = report.seen.iter().filter(|status| **status != report.latest.status()).collect();
            let reported = report.reported.as_ref().map(|reported| placed(reported, &at_latest, json!(reported.value)));
            row.extend([
                json!(report.latest),
                json!(report.began.map(Timestamp::millis)),
                json!(seen),
                json!(reported),
            ]);
            if let Some(error) = &report.error {
                more.insert(ERROR.to_owned(), json!(error));
            }
            if !report.metrics.is_empty() {
                let figure = |(name, figure): (&String, &Placed<f64>)| {
                    (name.clone(), placed(figure, &at_latest, json!(figure.value)))
                };
                more.insert(METRICS.to_owned(), report.metrics.iter().map(figure).collect());
            }
            if let Some(link) = &report.link {
                let (name, url) = &link.value;
                more.insert(LINK.to_owned(), placed(link, &at_latest, json!({name: url})));
            }
        }
        None => row.extend([Value::Null, Value::Null, Value::Null, Value::Null]),
    }
    if let Some(mention) = &stage.mention {
        more.insert(NAMED.to_owned(), naming(mention.first));
        // One that is first named by an ending is mostly named by no other.
        if let Some(ended) = mention.ended.filter(|ended| *ended != mention.first) {
            more.insert(ENDED.to_owned(), naming(ended));
        }
    }
    if !more.is_empty() {
        row.push(Value::Object(more));
    }
    while row.last().is_some_and(|value| value.is_null() || *value == json!([])) {
        row.pop();
    }
    row
}

fn placed<T>(placed: &Placed<T>, at_latest: &Place, value: Value) -> Value {
    let Place { status, moment, key, .. } = &placed.place;
    if placed.place == *at_latest {
        return value;
    }
    let mut array = vec![json!(status), json!(moment.at.millis()), json!(key), value];
    array.extend(moment.ahead.then(|| json!(AHEAD)));
    Value::Array(array)
}

fn naming(naming: Naming) -> Value {
    let mut array = vec![json!(naming.status), json!(naming.moment.at.millis())];
    array.extend(naming.moment.ahead.then(|| json!(AHEAD)));
    Value::Array(array)
}

fn stage(row: Row) -> Result<((u32, StageName), Stage), String> {
    let mut row = row.into_iter();
    let mut next = || row.next().unwrap_or_default();
    let (name, attempt) = (read(next())?, read(next())?);
    let (latest, began, seen, reported, more) = (next(), next(), next(), next(), next());
    let mut more: Map<String, Value> = read::<Option<_>>(more)?.unwrap_or_default();
    let report = match read::<Option<_>>(latest)? {
        Some(latest) => {
            let mut report = Report::nothing(latest);
            let at_latest = Place::of(&report.latest);
            report.began = read::<Option<i64>>(began)?.map(Timestamp::from_millis);
            report.seen = read::<Option<_>>(seen)?.unwrap_or_default();
            report.seen.insert(report.latest.status());
            report.reported = value_of(reported, &at_latest)?;
            report.error = more.remove(ERROR).map(read).transpose()?;
            if let Some(Value::Object(metrics)) = more.remove(METRICS) {
                for (name, figure) in metrics {
                    report.metrics.extend(value_of(figure, &at_latest)?.map(|figure| (name, figure)));
                }
            }
            let link = value_of::<Map<String, Value>>(more.remove(LINK).unwrap_or_default(), &at_latest)?;
            report.link = link.and_then(|Placed { place, value }| {
                let (name, url) = value.into_iter().next()?;
                Some(Placed { place, value: (name, url.as_str()?.to_owned()) })
            });
            Some(report)
        }
        None => None,
    };
    let first = more.remove(NAMED).map(read_naming).transpose()?;
    let ended = more.remove(ENDED).map(read_naming).transpose()?;
    let mention = first.map(|first| Mention { first, ended: ended.or(Some(first).filter(|first| first.closes)) });
    Ok(((attempt, name), Stage { report, mention }))
}

/// A value, at the place of the latest event if it has none of its own.
fn value_of<T: DeserializeOwned>(value: Value, at_latest: &Place) -> Result<Option<Placed<T>>, String> {
    let (place, value) = match value {
        Value::Null => return Ok(None),
        // As it was stored before: an order and the value.
        Value::Array(array) if array.len() == 2 => {
            let (order, value) = read::<(crate::ledger::order::Order, Value)>(Value::Array(array))?;
            (Place::of(&order), value)
        }
        Value::Array(array) => {
            let mut array = array.into_iter();
            let mut next = || array.next().unwrap_or_default();
            let (status, at, key, value) = (read(next())?, read(next())?, read(next())?, next());
            let moment = Moment { at: Timestamp::from_millis(at), ahead: next() == AHEAD };
            (Place::new(status, moment, key), value)
        }
        value => (at_latest.clone(), value),
    };
    Ok(Some(Placed { place, value: read(value)? }))
}

fn read_naming(value: Value) -> Result<Naming, String> {
    let mut array = read::<Vec<Value>>(value)?.into_iter();
    let mut next = || array.next().unwrap_or_default();
    let (status, at): (crate::Status, i64) = (read(next())?, read(next())?);
    let moment = Moment { at: Timestamp::from_millis(at), ahead: next() == AHEAD };
    Ok(Naming { closes: status.is_terminal(), moment, status })
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("a stage: {error}"))
}
