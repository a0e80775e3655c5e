//! What the process holds open: one socket that it listens on, and no more descriptors after a crowd than before.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Client;
use crate::listener::program::Program;

fn exhaustive() -> bool {
    std::env::var_os("EXHAUSTIVE").is_some()
}

/// What the descriptors of a process are.
fn descriptors(process: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = entries.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    targets.map(|target| target.display().to_string()).collect()
}

/// The sockets of these kinds that the machine has in a state, as a descriptor shows them. A line names the state
/// in its fourth column, and the socket's number in one that depends on the kind.
fn sockets(kinds: &[&str], state: &str, number: usize) -> BTreeSet<String> {
    let tables = kinds.iter().filter_map(|kind| fs::read_to_string(format!("/proc/net/{kind}")).ok());
    let tables: Vec<String> = tables.collect();
    let lines = tables.iter().flat_map(|table| table.lines().skip(1).map(|line| line.split_whitespace().collect()));
    let open = lines.filter(|line: &Vec<&str>| line[3] == state);
    open.map(|line| format!("socket:[{}]", line[number])).collect()
}

/// How many sockets others can connect or send to: of TCP those that listen, of UDP all, of this machine's own
/// those that accept connections.
fn listening(process: u32) -> [usize; 3] {
    let [tcp, udp] = [(["tcp", "tcp6"], "0A"), (["udp", "udp6"], "07")].map(|(kinds, state)| sockets(&kinds, state, 9));
    let unix = sockets(&["unix"], "00010000", 6);
    let own: BTreeSet<String> = descriptors(process).into_iter().collect();
    [tcp, udp, unix].map(|sockets| sockets.intersection(&own).count())
}

fn start(before: &str, file: &Path) -> Program {
    Program::start(before, &["--data", file.to_str().unwrap()])
}

/// Clients that ask for a while, each on a connection of its own; nine of ten requests read. Answers how many there
/// were.
fn crowd(address: &str, clients: usize, name: &str, lasting: Duration) -> usize {
    let until = Instant::now() + lasting;
    let threads: Vec<_> = (0..clients)
        .map(|nth| {
            let (address, id) = (address.to_owned(), format!("{name}-{nth}"));
            std::thread::spawn(move || {
                let mut client = Client::connect(&address).unwrap();
                let mut asked = 0;
                // Not all of them write at once.
                for turn in nth.. {
                    if Instant::now() >= until {
                        break;
                    }
                    let answer = match turn % 10 {
                        0 => client.report(&json!({
                            "deploymentId": id, "eventId": format!("e-{turn}"), "service": format!("s-{nth}"),
                            "environment": "production", "status": "IN_PROGRESS", "version": "1"
                        })),
                        1..=5 => client.get("/v1/live?limit=20"),
                        _ => client.get("/v1/deployments?limit=20"),
                    };
                    let answer = answer.unwrap();
                    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
                    asked += 1;
                }
                asked
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).sum()
}

#[test]
fn it_listens_on_one_socket_and_a_crowd_leaves_no_descriptor_behind() {
    let folder = tempfile::tempdir().unwrap();
    let program = start("ulimit -n 256", &folder.path().join("history.db"));
    assert_eq!(listening(program.id()), [1, 0, 0]);
    // As many connections to the file are kept as read at one moment.
    crowd(&program.address, 16, "first", Duration::from_millis(500));
    std::thread::sleep(Duration::from_millis(200));
    let before = descriptors(program.id()).len();
    let lasting = Duration::from_secs(if exhaustive() { 60 } else { 1 });
    let asked = crowd(&program.address, 128, "then", lasting);
    let started = Instant::now();
    while descriptors(program.id()).len() > before + 10 {
        assert!(started.elapsed() < Duration::from_secs(5), "{before}, then {:?}", descriptors(program.id()));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(listening(program.id()), [1, 0, 0]);
    println!("{asked} requests; {before} descriptors before, {} after", descriptors(program.id()).len());
}

#[test]
fn an_idle_crowd_starves_nobody() {
    let folder = tempfile::tempdir().unwrap();
    // With few descriptors the server takes 104 connections, else 1,000.
    let (limits, most) = if exhaustive() { ("true", 1300) } else { ("ulimit -n 200", 150) };
    let program = start(limits, &folder.path().join("history.db"));
    let allowed = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let crowd = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_sub(200).min(most);
    let connect = |count: usize| -> Vec<TcpStream> { (0..count).map_while(|_| program.connect()).collect() };
    let mut dripping = connect(crowd * 200 / 1300);
    let idle = connect(crowd - dripping.len());
    // Those beyond the bound who say nothing are turned away first, and take two seconds.
    std::thread::sleep(Duration::from_secs(2));
    let until = Instant::now() + Duration::from_secs(if exhaustive() { 40 } else { 1 });
    let mut statuses = Vec::new();
    while Instant::now() < until {
        for stream in &mut dripping {
            // Those that were closed are closed.
            let _ = stream.write_all(b"G");
        }
        let asked = Instant::now();
        statuses.push(status_of_a_client(&program));
        assert!(asked.elapsed() < Duration::from_secs(1), "it took {:?}", asked.elapsed());
        std::thread::sleep(Duration::from_secs(1).saturating_sub(asked.elapsed()));
    }
    println!("among {crowd}: {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, Some(200 | 503))), "{statuses:?}");
    assert!(!exhaustive() || statuses.last() == Some(&Some(200)), "the idle ones are closed after a while");
    drop(idle);
    let gone = Instant::now();
    drop(dripping);
    while status_of_a_client(&program) != Some(200) {
        assert!(gone.elapsed() < Duration::from_secs(5), "there is room when they are gone");
    }
}

/// The status that a client is answered, if it is answered.
fn status_of_a_client(program: &Program) -> Option<u16> {
    let mut stream = program.connect()?;
    let mut answer = String::new();
    stream.write_all(b"GET /v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    stream.read_to_string(&mut answer).ok()?;
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}
