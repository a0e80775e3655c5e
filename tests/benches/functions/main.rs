//! What the two functions cost: CPU time of their start, of a first invocation and of later ones,
//! memory and size. Beside them in the same run: a function that does nothing, and functions in Node
//! that make the same calls to AWS. All are real processes under a double of the Lambda Runtime API,
//! on the embedded DynamoDB and doubles of CloudWatch and SNS, behind HTTPS.
//!
//! `cargo xtask bench` builds them and runs this. Every participant has its turn in each round, so that
//! what else the machine does weighs on all of them: trust the ratios more than the figures. To compare
//! two builds, measure them in one run: `--beside`.

mod arguments;
mod backend;
mod calls;
mod figures;
mod form;
mod machine;
mod matrix;
mod meter;
mod recorder;
mod sample;
mod sizes;
mod statistics;
mod subject;
mod tables;
mod workload;
mod year;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use tempfile::TempDir;
use tests::deployed::binary_in;

use crate::arguments::{Arguments, USAGE};
use crate::backend::Backend;
use crate::calls::Calls;
use crate::figures::{Figures, Kind, Measured, Row};
use crate::subject::Subject;
use crate::workload::{FUNCTIONS, Workload};

/// The limits that `--check` holds the functions to. A machine's other work adds to what is counted and
/// never takes from it, so the least of the first invocations is what is held to the limit.
const MOST_BYTES: f64 = 12_000_000.0;
const MOST_MICROS: f64 = 5_000.0;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs it without this, and means tests.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match Arguments::read(arguments.into_iter()) {
        Ok(arguments) => run(&arguments).await,
        Err(wrong) => {
            eprintln!("{wrong}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &Arguments) -> ExitCode {
    let before = arguments
        .compare
        .as_ref()
        .map(|file| Figures::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    let subjects = subjects(arguments);
    let names: Vec<&'static str> = subjects.iter().map(Subject::name).collect();
    // As many authorities as they have in AWS, besides the one made for the occasion.
    let trusted = aws::authorities::AMAZON;
    let load = machine::load();
    if arguments.only_large {
        matrix::measure(&arguments.binaries, trusted, arguments.rounds).await;
        year::measure(&arguments.binaries, trusted, arguments.rounds).await;
        return ExitCode::SUCCESS;
    }

    let calls = record(arguments, &subjects, trusted).await;
    let mut measured = Measured::default();
    measure_sizes(&subjects, &mut measured);
    for round in 0..arguments.rounds {
        eprintln!("round {} of {}", round + 1, arguments.rounds);
        measure_round(arguments, &subjects, round, &calls, trusted, &mut measured).await;
    }
    measure_memory(arguments, &subjects, &calls, trusted, &mut measured).await;
    matrix::measure(&arguments.binaries, trusted, arguments.rounds).await;
    year::measure(&arguments.binaries, trusted, arguments.rounds).await;
    let figures = measured.figures();
    let load = [load, machine::load()];

    let of: [(&str, tables::Of); 2] =
        [("Medians", |figure| figure.median), ("The least of each", |figure| figure.least)];
    for (title, of) in of {
        println!("{title}, {} rounds:\n\n{}", arguments.rounds, tables::beside_each_other(&figures, &names, of));
        if let Some(before) = &before {
            println!("{title}, compared:\n\n{}", tables::compared(before, &figures, &names, of));
        }
    }
    println!("Between the quartiles:\n\n{}", tables::spreads(&figures, &names));
    println!("In the middle {:.0} %; load {load:?}.", figures.noise() * 100.0);
    if let Some(file) = &arguments.json {
        let kept = json!({
            "machine": machine::machine(), "load": load, "rounds": arguments.rounds, "warm": arguments.warm,
            "reports": arguments.reports, "noise": figures.noise(), "figures": figures.to_json(),
            "calls": calls.iter().map(|(workload, calls)| {
                (workload.name(), json!({"first": calls.first, "later": calls.later}))
            }).collect::<BTreeMap<_, _>>(),
        });
        std::fs::write(file, format!("{kept:#}\n")).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    if arguments.check && !within_limits(&figures) {
        eprintln!("above the limits of {MOST_BYTES} bytes and {MOST_MICROS} µs for a first invocation");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn subjects(arguments: &Arguments) -> Vec<Subject> {
    let mut subjects = vec![Subject::Functions { name: "functions", folder: arguments.binaries.clone() }];
    subjects.extend(arguments.beside.clone().map(|folder| Subject::Functions { name: "beside", folder }));
    subjects.push(Subject::Hello(arguments.hello.clone()));
    if arguments.with_node {
        let scripts = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/node"));
        let interpreter = subject::node().expect("node is on the path; or leave it out: --without-node");
        subject::install(&scripts).unwrap_or_else(|error| panic!("{}: {error}", scripts.display()));
        subjects.push(Subject::Node { interpreter, scripts });
    }
    subjects
}

/// Records the calls of each workload, prints them, and sees that Node makes the same ones.
async fn record(arguments: &Arguments, subjects: &[Subject], trusted: &str) -> BTreeMap<Workload, Calls> {
    println!("| calls to AWS | the first time | later |\n|---|---|---|");
    let mut recorded = BTreeMap::new();
    for workload in Workload::ALL {
        let backend = Backend::new(&arguments.binaries, trusted).await;
        let calls = Calls::of(&subjects[0], workload, &backend, None).await;
        println!("| {} | {} | {} |", workload.name(), calls.first, calls.later);
        if let Some(node) = subjects.iter().find(|subject| subject.name() == "node") {
            let backend = Backend::new(&arguments.binaries, trusted).await;
            let made = Calls::of(node, workload, &backend, Some(&calls)).await;
            assert_eq!(made.operations, calls.operations, "Node makes the same calls");
        }
        recorded.insert(workload, calls);
    }
    let backend = Backend::new(&arguments.binaries, trusted).await;
    for (name, calls) in calls::of_later_events(&subjects[0], &backend).await {
        println!("| {name} | | {calls} |");
    }
    println!();
    recorded
}

fn measure_sizes(subjects: &[Subject], measured: &mut Measured) {
    for subject in subjects {
        for function in FUNCTIONS {
            let binary = match subject {
                Subject::Functions { folder, .. } => binary_in(folder, function),
                Subject::Hello(binary) => binary.clone(),
                // Lambda has the interpreter.
                Subject::Node { .. } => continue,
            };
            let (bytes, zipped) = sizes::sizes(&binary).unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
            measured.add(subject.name(), Kind::Bytes, function, bytes);
            measured.add(subject.name(), Kind::Zipped, function, zipped);
        }
    }
}

/// Which build writes the history that `subject` finds: its own, where it is one.
fn writer<'a>(arguments: &'a Arguments, subject: &'a Subject) -> &'a Path {
    match subject {
        Subject::Functions { folder, .. } => folder,
        Subject::Hello(_) | Subject::Node { .. } => &arguments.binaries,
    }
}

async fn measure_round(
    arguments: &Arguments,
    subjects: &[Subject],
    round: usize,
    calls: &BTreeMap<Workload, Calls>,
    trusted: &str,
    measured: &mut Measured,
) {
    let folder = TempDir::new().expect("a temporary folder");
    let copies = subjects.iter().map(|subject| subject.copied(folder.path())).collect::<Result<Vec<_>, _>>();
    let mut copies = copies.unwrap_or_else(|error| panic!("{}: {error}", folder.path().display()));
    // Who comes first changes, and who follows whom.
    copies.rotate_left(round / 2 % subjects.len());
    if round % 2 == 1 {
        copies.reverse();
    }
    for workload in Workload::ALL {
        for subject in &copies {
            // It does nothing, whatever it is asked.
            if matches!(subject, Subject::Hello(_)) && workload != Workload::Report {
                continue;
            }
            let backend = Backend::new(writer(arguments, subject), trusted).await;
            let variables = vec![calls[&workload].script()];
            let sample = sample::sample(subject, workload, &backend, variables, arguments.warm).await;
            measured.add(subject.name(), Kind::Start, workload.function(), sample.start);
            measured.add(subject.name(), Kind::First, workload.name(), sample.first);
            measured.add(subject.name(), Kind::Warm, workload.name(), sample.warm);
        }
    }
}

async fn measure_memory(
    arguments: &Arguments,
    subjects: &[Subject],
    calls: &BTreeMap<Workload, Calls>,
    trusted: &str,
    measured: &mut Measured,
) {
    if arguments.reports == 0 {
        return;
    }
    for subject in subjects {
        eprintln!("memory: {} reports, {}", arguments.reports, subject.name());
        let backend = Backend::new(writer(arguments, subject), trusted).await;
        let variables = vec![calls[&Workload::Report].script()];
        let kilobytes = sample::memory(subject, &backend, variables, arguments.reports).await;
        measured.add(subject.name(), Kind::Memory, "event-processor", kilobytes);
    }
}

fn within_limits(figures: &Figures) -> bool {
    Row::all().iter().all(|row| {
        let least = figures.get("functions", row).map_or(0.0, |figure| figure.least);
        match row.kind {
            Kind::Bytes => least <= MOST_BYTES,
            // Ten deployments at once may open ten connections, each with a handshake.
            Kind::First if row.of != Workload::Queue.name() => least <= MOST_MICROS,
            _ => true,
        }
    })
}
