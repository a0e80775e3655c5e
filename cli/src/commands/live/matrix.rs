//! The matrix: a row for each service, a column for each environment.

use std::collections::BTreeMap;

use api::LiveCell;
use domain::Status;
use domain::live::Change;

use super::{beside, regions, version};
use crate::output::{Column, Field, Look, Table, Tone, shown, symbol, word};

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Attempts and what is under way with their versions.
    Whole,
    /// Without these, for a terminal that is less wide.
    InShort,
}

/// All cells as a table, in the form that fits this terminal; none where neither does.
pub(super) fn fitting(cells: &[LiveCell], look: &Look) -> Option<Table> {
    [Told::Whole, Told::InShort].into_iter().map(|told| table(cells, look, told)).find(|table| table.fits(look))
}

fn table(cells: &[LiveCell], look: &Look, told: Told) -> Table {
    // In the order in which they come, which is that of the promotion path.
    let mut environments: Vec<&str> = cells.iter().map(|cell| cell.environment.as_str()).collect();
    environments.dedup();
    let mut services: BTreeMap<&str, BTreeMap<&str, &LiveCell>> = BTreeMap::new();
    for cell in cells {
        services.entry(&cell.service).or_default().insert(&cell.environment, cell);
    }
    let mut table = Table::new(&[Column::of("SERVICE")]);
    for environment in &environments {
        table.add_column(shown(environment));
    }
    for (service, places) in services {
        let mut row = vec![Field::of(service)];
        row.extend(
            environments.iter().map(|at| places.get(at).map_or_else(Field::absent, |cell| square(cell, look, told))),
        );
        table.add(row);
    }
    table
}

/// The live version and its age, and in parentheses all that is to be known beside it.
fn square(cell: &LiveCell, look: &Look, in_all: Told) -> Field {
    let live = version(cell).unwrap_or_else(|| "-".to_owned());
    let age = cell.since.as_deref().map(|since| format!(" {}", beside::aged(since, look.now))).unwrap_or_default();
    let unfinished = regions::unfinished(cell);
    let under_way = beside::under_way(cell, look, in_all);
    let mut told: Vec<String> = Vec::new();
    let was_undone = unfinished.iter().any(|(_, last)| last.status == Status::RolledBack);
    if cell.change == Some(Change::Rollback) && !was_undone {
        told.push("rolled back".to_owned());
    }
    told.extend(cell.difference.as_ref().and_then(beside::in_short));
    told.extend(unfinished.iter().map(|(region, last)| {
        let symbol = if look.symbols { format!("{} ", symbol(last.status)) } else { String::new() };
        let region = region.map(|region| format!("{region} ")).unwrap_or_default();
        let tried = last.version.as_ref().filter(|_| in_all == Told::Whole);
        let tried = tried.map_or(String::new(), |version| format!("{version} "));
        format!("{symbol}{region}{tried}{}", word(last.status))
    }));
    told.extend(under_way.iter().cloned());
    told.extend(cell.verdict.map(|verdict| verdict.word().to_owned()));
    let tone = match unfinished.first() {
        _ if cell.verdict.is_some() => Some(Tone::Notable),
        Some((_, newest)) if newest.status != Status::Cancelled => Some(Tone::Notable),
        _ if !under_way.is_empty() => Some(Tone::Active),
        Some(_) => Some(Tone::Faint),
        None => beside::age(cell, look.now),
    };
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    Field::of(&format!("{live}{age}{told}")).toned_if(tone)
}
