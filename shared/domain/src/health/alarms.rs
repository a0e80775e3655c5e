//! What alarms say of a deployment: that it is bad or suspected where one goes off, and that it goes well where one is
//! well again.

use std::collections::BTreeMap;

use crate::Timestamp;
use crate::event::{Alarm, AlarmState};
use crate::identifiers::Region;
use crate::ledger::observed::Observed;

use super::piece::{Piece, Rule, Says, Scope};
use super::watched::Watched;

/// From when on it is of concern what alarms of a place said, of what has landed: what went off before the landing, and
/// is not well since, does not go off once more. How far that goes back is as long as it is suspected.
#[must_use]
pub fn looked_back_to(watched: &Watched) -> Option<Timestamp> {
    let hours = i64::from(watched.suspect_hours);
    watched.landed.map(|landed| landed.plus_millis(-hours * 60 * 60 * 1000))
}

/// What the alarms among these observations say, whatever their order. An alarm goes off when it says so and did not
/// say so before: what it repeats without being well in between, or after it lacked data, is no news.
#[must_use]
pub fn of_alarms(observed: &[Observed], watched: &Watched) -> Vec<Piece> {
    let mut rows: Vec<(&Observed, &Alarm)> =
        observed.iter().filter_map(|row| Some((row, row.alarm.as_ref()?))).collect();
    let order = |row: &Observed| (row.moment, row.history.clone(), row.key.clone());
    rows.sort_by_cached_key(|(row, _)| order(row));
    rows.dedup_by_key(|(row, _)| order(row));
    let mut states: BTreeMap<(&str, Option<&Region>), AlarmState> = BTreeMap::new();
    let mut pieces = Vec::new();
    for (row, alarm) in rows {
        let before = states.insert((&alarm.name, row.region.as_ref()), alarm.state);
        let is_news = alarm.state == AlarmState::Ok || before != Some(AlarmState::Alarm);
        // What was before the landing of what runs in a place is only of concern for what it says next.
        let ran = row.deployment_id.is_some() || watched.landed.is_some_and(|landed| landed <= row.moment.at);
        if is_news && ran {
            pieces.push(piece(row, alarm, watched));
        }
    }
    pieces
}

fn piece(row: &Observed, alarm: &Alarm, watched: &Watched) -> Piece {
    let is_named = row.deployment_id.is_some();
    let of_its_watch = if is_named { Scope::Deployment } else { Scope::Place };
    let is_watched = watched.watch_ends().is_none_or(|ends| row.moment.at <= ends);
    let (says, scope) = match alarm.state {
        AlarmState::Ok => (Says::Good, of_its_watch),
        AlarmState::Alarm if alarm.decisive && is_watched => (Says::Bad, of_its_watch),
        AlarmState::Alarm if is_named => (Says::Suspect, Scope::DeploymentSuspected),
        AlarmState::Alarm => (Says::Suspect, Scope::Suspected),
    };
    Piece {
        moment: row.moment,
        rule: Rule::Alarm,
        says,
        scope,
        figure: None,
        history: row.history.clone(),
        key: row.key.as_str().to_owned(),
        by: Some(row.by.clone()),
        reason: Some(in_words(alarm)),
    }
}

/// Which alarm it is, and why it says what it says.
fn in_words(alarm: &Alarm) -> String {
    let name = crate::one_line(&alarm.name, 100);
    match &alarm.reason {
        Some(reason) => format!("{name}: {}", crate::one_line(reason, 200)),
        None => name,
    }
}
