//! The figures as tables in Markdown.

use crate::figures::{Figures, Kind, Row};
use crate::meter::to_f64;
use crate::statistics::Figure;

/// Which number of a figure a table shows.
pub(crate) type Of = fn(Figure) -> f64;

/// The participants of a run beside each other, with the ratios of the functions to each.
pub(crate) fn beside_each_other(figures: &Figures, subjects: &[&str], of: Of) -> String {
    let others: Vec<&str> = subjects.iter().copied().filter(|subject| *subject != "functions").collect();
    let ratios = others.iter().map(|other| format!("functions / {other}"));
    let named = ["functions"].iter().chain(&others).map(|subject| (*subject).to_owned());
    let mut lines = heading(named.chain(ratios));
    let get = |subject: &str, row: &Row| figures.get(subject, row).map(of);
    for row in Row::all() {
        let ours = get("functions", &row);
        let theirs: Vec<_> = others.iter().map(|other| get(other, &row)).collect();
        let numbers = [ours].into_iter().chain(theirs.iter().copied()).map(number);
        push(
            &mut lines,
            &row,
            &numbers.chain(theirs.iter().map(|theirs| ratio(divided(ours, *theirs)))).collect::<Vec<_>>(),
        );
    }
    for kind in Kind::OF_TIME {
        let blank = std::iter::repeat_n(String::new(), 1 + others.len());
        let means = others.iter().map(|other| mean(kind, |row| divided(get("functions", row), get(other, row))));
        push_mean(&mut lines, kind, &blank.chain(means.map(ratio)).collect::<Vec<_>>());
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
    let both = |subject: &str, row: &Row| [before, now].map(|run| run.get(subject, row).map(of));
    for row in Row::all() {
        let cells = subjects.iter().flat_map(|subject| {
            let [before, now] = both(subject, &row);
            [number(before), number(now), ratio(divided(now, before))]
        });
        push(&mut lines, &row, &cells.collect::<Vec<_>>());
    }
    for kind in Kind::OF_TIME {
        let cells = subjects.iter().flat_map(|subject| {
            let mean = mean(kind, |row| {
                let [before, now] = both(subject, row);
                divided(now, before)
            });
            [String::new(), String::new(), ratio(mean)]
        });
        push_mean(&mut lines, kind, &cells.collect::<Vec<_>>());
    }
    lines
}

/// The geometric mean of the ratios of all figures of a kind: it is less noisy than each of them.
fn mean(kind: Kind, ratio: impl Fn(&Row) -> Option<f64>) -> Option<f64> {
    let logarithms: Vec<f64> =
        Row::all().iter().filter(|row| row.kind == kind).filter_map(ratio).map(f64::ln).collect();
    let count = to_f64(logarithms.len() as u64);
    (count > 0.0).then(|| (logarithms.iter().sum::<f64>() / count).exp())
}

fn divided(ours: Option<f64>, theirs: Option<f64>) -> Option<f64> {
    Some(ours? / theirs.filter(|theirs| *theirs > 0.0)?)
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

/// The mean of the ratios of a kind.
fn push_mean(lines: &mut String, kind: Kind, cells: &[String]) {
    let line = format!("| {}: geometric mean | {} |\n", kind.name(), cells.join(" | "));
    lines.push_str(&line);
}

fn ratio(value: Option<f64>) -> String {
    match value {
        Some(value) if value < 0.1 => format!("{value:.3}"),
        Some(value) => format!("{value:.2}"),
        None => String::new(),
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
