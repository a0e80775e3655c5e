//! The figures as tables in Markdown.

use crate::figures::{Figures, Row};
use crate::statistics::Figure;

/// Which number of a figure a table shows.
pub(crate) type Of = fn(Figure) -> f64;

/// The participants of a run beside each other, with the ratios of the functions to each.
pub(crate) fn beside_each_other(figures: &Figures, subjects: &[&str], of: Of) -> String {
    let others = || subjects.iter().filter(|subject| **subject != "functions");
    let ratios = others().map(|other| format!("functions / {other}"));
    let named = others().map(|other| (*other).to_owned());
    let mut lines = heading(["functions".to_owned()].into_iter().chain(named).chain(ratios));
    for row in Row::all() {
        let get = |subject| figures.get(subject, &row).map(of);
        let ours = get("functions");
        let theirs: Vec<_> = others().map(|other| get(other)).collect();
        let numbers = [ours].into_iter().chain(theirs.iter().copied()).map(number);
        push(&mut lines, &row, &numbers.chain(theirs.iter().map(|theirs| ratio(ours, *theirs))).collect::<Vec<_>>());
    }
    lines
}

/// How noisy each figure was: how far apart the quartiles are.
pub(crate) fn spreads(figures: &Figures, subjects: &[&str]) -> String {
    let mut lines = heading(subjects.iter().map(|subject| (*subject).to_owned()));
    for row in Row::all() {
        let spread = |subject: &&str| {
            let figure = figures.get(subject, &row).filter(|figure| figure.spread > 0.0);
            figure.map(|figure| format!("{:.0} %", figure.spread * 100.0)).unwrap_or_default()
        };
        push(&mut lines, &row, &subjects.iter().map(spread).collect::<Vec<_>>());
    }
    lines
}

/// This run beside an earlier one. What did not change between them (hello, Node) shows how much the
/// machine did.
pub(crate) fn compared(before: &Figures, now: &Figures, subjects: &[&str], of: Of) -> String {
    let mut lines = heading(
        subjects
            .iter()
            .flat_map(|subject| [format!("{subject} before"), format!("{subject} now"), "now / before".to_owned()]),
    );
    for row in Row::all() {
        let mut cells = Vec::new();
        for subject in subjects {
            let [before, now] = [before, now].map(|run| run.get(subject, &row).map(of));
            cells.extend([number(before), number(now), ratio(now, before)]);
        }
        push(&mut lines, &row, &cells);
    }
    lines
}

fn heading(columns: impl IntoIterator<Item = String>) -> String {
    let columns: Vec<String> = columns.into_iter().collect();
    format!("| figure | {} |\n|---|{}\n", columns.join(" | "), "---|".repeat(columns.len()))
}

/// A row, unless nobody has a figure for it.
fn push(lines: &mut String, row: &Row, cells: &[String]) {
    if cells.iter().any(|cell| !cell.is_empty()) {
        let line = format!("| {} ({}) | {} |\n", row.name(), row.kind.unit(), cells.join(" | "));
        lines.push_str(&line);
    }
}

fn ratio(ours: Option<f64>, theirs: Option<f64>) -> String {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if theirs > 0.0 && ours / theirs < 0.1 => format!("{:.3}", ours / theirs),
        (Some(ours), Some(theirs)) if theirs > 0.0 => format!("{:.2}", ours / theirs),
        _ => String::new(),
    }
}

/// With a comma for thousands.
fn number(value: Option<f64>) -> String {
    let Some(value) = value else { return String::new() };
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
