//! How fast one machine records and answers, beside a recorder in Node and beside raw transactions of SQLite: by
//! turns in one run, as ratios.
//!
//! ```text
//! cargo build --release -p local && (cd tests/benches/one_machine/node && npm ci)
//! cargo bench --workspace --bench one_machine --profile dev -- target/release/deployment-status-local
//! ```

mod client;
mod raw;
mod server;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use server::Server;

/// How many events are reported in a run, and how many questions are asked.
const COUNT: usize = 4_000;
/// How many runs each has.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let Some(binary) = std::env::args().skip(1).find(|argument| argument != "--bench") else {
        eprintln!("usage: cargo bench --workspace --bench one_machine --profile dev -- BINARY");
        return ExitCode::FAILURE;
    };
    // Cargo starts a benchmark in its package's folder.
    let binary = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(binary);
    println!("a second, the median of {ROUNDS} runs by turns of {COUNT} each\n");
    println!("| | one machine | Node | ratio |\n|---|---|---|---|");
    for clients in [1, 16] {
        let runs: Vec<[[f64; 2]; 2]> = (0..ROUNDS).map(|_| [of_local(&binary, clients), of_node(clients)]).collect();
        for (nth, what) in ["events", "answers of what is live"].into_iter().enumerate() {
            let [local, node] = [0, 1].map(|subject| median(runs.iter().map(|run| run[subject][nth])));
            println!("| {what}, {clients} clients | {local:.0} | {node:.0} | {:.2} |", local / node);
        }
    }
    let pairs: Vec<[f64; 2]> = (0..ROUNDS).map(|_| beside_raw(&binary)).collect();
    let [local, raw] = [0, 1].map(|subject| median(pairs.iter().map(|pair| pair[subject])));
    println!("\nevents by 16 clients {local:.0}, raw transactions of their rows {raw:.0}: {:.2}", local / raw);
    ExitCode::SUCCESS
}

fn of_local(binary: &Path, clients: usize) -> [f64; 2] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    measured(&Server::local(binary, &folder.path().join("history.db")), clients)
}

fn of_node(clients: usize) -> [f64; 2] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    measured(&Server::node(&folder.path().join("history.db")), clients)
}

fn measured(server: &Server, clients: usize) -> [f64; 2] {
    [client::report(&server.address, clients, COUNT), client::ask(&server.address, clients, COUNT)]
}

/// Events that are reported, and then the rows that they became, each event's in a transaction.
fn beside_raw(binary: &Path) -> [f64; 2] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("history.db");
    let server = Server::local(binary, &file);
    let reported = client::report(&server.address, 16, COUNT);
    drop(server);
    [reported, raw::transactions(&file, &folder.path().join("raw.db"))]
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
