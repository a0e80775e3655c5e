//! The figures as tables in Markdown.

use crate::figures::{Figures, Row};

/// The participants of a run beside each other, with the ratios of the functions to each.
pub(crate) fn beside_each_other(figures: &Figures, subjects: &[&str]) -> String {
    let others: Vec<&str> = subjects.iter().copied().filter(|subject| *subject != "functions").collect();
    let ratios = others.iter().map(|other| format!("functions / {other}"));
    let mut lines = heading(
        ["functions".to_owned()].into_iter().chain(others.iter().map(|other| (*other).to_owned())).chain(ratios),
    );
    for row in Row::all() {
        let ours = figures.get("functions", &row);
        let theirs: Vec<_> = others.iter().map(|other| figures.get(other, &row)).collect();
        let mut cells = vec![number(ours.map(|figure| figure.median))];
        cells.extend(theirs.iter().map(|figure| number(figure.map(|figure| figure.median))));
        cells.extend(
            theirs.iter().map(|figure| ratio(ours.map(|figure| figure.median), figure.map(|figure| figure.median))),
        );
        push(&mut lines, &row, &cells);
    }
    lines
}

/// The least of each figure and how noisy it was, for the functions.
pub(crate) fn noise(figures: &Figures) -> String {
    let mut lines = heading(["median", "least", "spread"].map(str::to_owned));
    for row in Row::all() {
        let Some(figure) = figures.get("functions", &row) else { continue };
        let spread = format!("{:.0} %", figure.spread * 100.0);
        push(&mut lines, &row, &[number(Some(figure.median)), number(Some(figure.least)), spread]);
    }
    lines
}

/// This run beside an earlier one. What did not change between them (the others) shows how much the
/// machine did.
pub(crate) fn compared(before: &Figures, now: &Figures, subjects: &[&str]) -> String {
    let mut lines = heading(
        subjects
            .iter()
            .flat_map(|subject| [format!("{subject} before"), format!("{subject} now"), "now / before".to_owned()]),
    );
    for row in Row::all() {
        let mut cells = Vec::new();
        for subject in subjects {
            let [before, now] = [before, now].map(|run| run.get(subject, &row).map(|figure| figure.median));
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
