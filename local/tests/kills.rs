//! The server is killed while it works, again and again: it starts each time, and nothing that it acknowledged is
//! lost, or there twice.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::client::Client;
use crate::listener::program::{Program, run_on};
use crate::writers::{Writers, assert_kept};

const WRITERS: usize = 8;

/// Of a large number of rounds, the number that is tried.
fn rounds(few: usize, all: usize) -> usize {
    if std::env::var_os("EXHAUSTIVE").is_some() { all } else { few }
}

fn start(file: &Path) -> Program {
    Program::start("true", &["--data", file.to_str().unwrap()])
}

/// Lets writers report until the server is killed, and answers what was acknowledged, as the next start has it.
fn killed_under_writers(mut program: Program, file: &Path, name: &str, after: Duration) -> BTreeSet<(String, String)> {
    let writers = Writers::start(&program.address, name, WRITERS);
    std::thread::sleep(after);
    program.kill();
    let written = writers.stop();
    let next = start(file);
    let mut client = Client::connect(&next.address).unwrap();
    written.send_again(&mut client);
    assert_eq!(written.refused(), []);
    let acknowledged = written.acknowledged();
    assert_kept(&mut client, &acknowledged);
    acknowledged
}

fn is_intact(file: &Path) {
    for command in ["verify", "rebuild"] {
        let (code, printed) = run_on(file, &[command]);
        assert_eq!(code, Some(0), "{command}: {printed}");
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_twice_there_however_often_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let mut random = fastrand::Rng::with_seed(1);
    let mut all = BTreeSet::new();
    for round in 0..rounds(4, 140) {
        let after = Duration::from_millis(random.u64(0..300));
        all.extend(killed_under_writers(start(&file), &file, &format!("d-{round}"), after));
    }
    let program = start(&file);
    assert_kept(&mut Client::connect(&program.address).unwrap(), &all);
    is_intact(&file);
    println!("{} events were acknowledged", all.len());
}

#[test]
fn a_first_start_that_is_killed_hinders_no_later_one() {
    let mut random = fastrand::Rng::with_seed(2);
    let (mut made, rounds) = (0, rounds(2, 60));
    for _ in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.db");
        let mut first = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"));
        first.args(["--listen", "127.0.0.1:0", "--data"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut first = first.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.u64(0..60)));
        first.kill().unwrap();
        first.wait().unwrap();
        made += usize::from(file.exists());
        killed_under_writers(start(&file), &file, "d", Duration::from_millis(random.u64(50..150)));
        is_intact(&file);
    }
    println!("{made} of {rounds} had made the file before they were killed");
}
