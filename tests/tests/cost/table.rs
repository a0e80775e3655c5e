//! The tables of what is counted, as docs/counts.md has them: whoever makes a path dearer, or cheaper, sees it in review.

use super::measured::Counted;
use super::{growth, paths};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/counts.md");

/// By how much allocations may differ before the table has to be written anew: they depend a little on the seeds of hash
/// maps.
const TOLERANCE: f64 = 0.02;

const PATHS: &str = "\
# Counts

A test counts these, of the real handlers over an embedded DynamoDB (`tests/tests/cost/table.rs`), and fails when one changes. After a change that is meant, `UPDATE_GOLDEN=1 cargo test --workspace --test end_to_end -- cost::table` writes this file anew, and the difference is read in review.

## Paths

Each in a process that did the same before, so that it knows the settings and what exists. A *round* is what is under way together. *Bytes sent* are those of the bodies of requests to AWS. *Allocations* are those of the function, the SDK and the test's double of the network, in a build without optimisation; they differ by less than 2 % from run to run.

| path | calls | rounds | read units | write units | bytes sent | allocations |
|---|---|---|---|---|---|---|
";

const GROWTH: &str = "
## Growth

The same of a few things and of many: calls, and read units. Where both are the same, `EXHAUSTIVE=1` asks it of more too: of 1,000 services, 3,000 deployments, 1,000 events and 1,000 landings. (10,000 deployments and 3,000 landings took the same when this was written.)

| of | question | calls | read units |
|---|---|---|---|
";

fn of_path(name: &str, counted: &Counted) -> String {
    let Counted { calls, rounds, read_units, write_units, sent, allocations } = counted;
    format!("| {name} | {calls} | {rounds} | {read_units} | {write_units} | {sent} | {allocations} |")
}

fn of_growth(what: &str, name: &str, [few, many]: &[Counted; 2]) -> String {
    let both = |few: String, many: String| if few == many { few } else { format!("{few} and {many}") };
    let calls = both(few.calls.to_string(), many.calls.to_string());
    let units = both(few.read_units.to_string(), many.read_units.to_string());
    format!("| {what} | {name} | {calls} | {units} |")
}

/// The row of the file, where it says the same but for allocations within the tolerance, and for a round more or less of
/// so many calls that it depends on which of them comes back first.
fn stands(row: &str, file: &str) -> Option<String> {
    const CHAINS: f64 = 10.0;
    let cells = |row: &str| row.split(" | ").map(|cell| cell.trim_matches(['|', ' ']).to_owned()).collect::<Vec<_>>();
    let number = |cells: &[String], at: usize| cells.get(at)?.parse::<f64>().ok();
    let counted = cells(row);
    let found = file.lines().find(|line| cells(line).first() == counted.first())?;
    let stands = cells(found);
    let (rounds, allocations) = (2, counted.len() - 1);
    let same = counted
        .iter()
        .zip(&stands)
        .enumerate()
        .all(|(at, (counted, stands))| counted == stands || at == rounds || at == allocations);
    let differs = |at: usize| Some((number(&counted, at)?, number(&stands, at)?));
    let (round, stood) = differs(rounds)?;
    let (allocated, before) = differs(allocations)?;
    let chains = number(&counted, 1)? > CHAINS;
    let steady = (round - stood).abs() <= if chains { 1.0 } else { 0.0 };
    (same && steady && (allocated / before - 1.0).abs() <= TOLERANCE).then(|| found.to_owned())
}

#[test]
fn each_path_takes_what_the_tables_say() {
    let file = std::fs::read_to_string(FILE).unwrap_or_default();
    let paths = paths::counted().into_iter().map(|(name, counted)| {
        let row = of_path(name, &counted);
        stands(&row, &file).unwrap_or(row)
    });
    let growth = growth::counted().into_iter().map(|(what, name, counted)| of_growth(&what, name, &counted));
    let lines = |rows: Vec<String>| rows.into_iter().map(|row| row + "\n").collect::<String>();
    let made = format!("{PATHS}{}{GROWTH}{}", lines(paths.collect()), lines(growth.collect()));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(FILE, &made).unwrap();
        return;
    }
    let differing = made.lines().zip(file.lines()).filter(|(made, stands)| made != stands);
    let differing: Vec<String> =
        differing.map(|(made, stands)| format!("counted: {made}\nstands:  {stands}")).collect();
    assert!(made == file, "docs/counts.md is out of date; see there how to write it anew\n{}", differing.join("\n"));
}
