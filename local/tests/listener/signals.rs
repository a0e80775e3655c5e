//! How the real program ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::program::Program;

const HALF: &str = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";

#[test]
fn it_ends_on_either_signal_although_connections_are_open() {
    for signal in ["TERM", "INT"] {
        let program = Program::start("true", &[]);
        let _silent = program.sent("");
        let mut idle = program.sent("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        idle.read_exact(&mut [0; 12]).unwrap();
        program.signal(signal);
        assert_eq!(program.end(Duration::from_secs(9)).0, Some(0), "{signal}");
    }
}

#[test]
fn half_a_request_does_not_keep_it_from_ending() {
    let program = Program::start("true", &[]);
    let _half = program.sent(HALF);
    let _head = program.sent("GET /healthz HT");
    program.signal("TERM");
    assert_eq!(program.end(Duration::from_secs(15)).0, Some(0));
}

#[test]
fn what_is_in_flight_is_answered_and_nobody_else_comes_in() {
    let program = Program::start("true", &[]);
    let body = "{\"deploymentId\": \"d-1\", \"service\": \"cart\", \"environment\": \"production\", \
                \"status\": \"IN_PROGRESS\", \"version\": \"1\"}";
    let (start, end) = body.split_at(20);
    let mut half = program.sent(&format!(
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{start}",
        body.len()
    ));
    // Answered after the listener had the other's head.
    let mut other = program.sent("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    other.read_to_string(&mut String::new()).unwrap();
    program.signal("TERM");
    let refused = Instant::now();
    while TcpStream::connect(&program.address).is_ok() {
        assert!(refused.elapsed() < Duration::from_secs(5), "nobody else comes in");
        std::thread::sleep(Duration::from_millis(20));
    }
    half.write_all(end.as_bytes()).unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(program.end(Duration::from_secs(9)).0, Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let program = Program::start("true", &[]);
        let _half = program.sent(HALF);
        let _answered = program.sent("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").read_exact(&mut [0; 12]);
        program.signal("TERM");
        // Two signals that come together may be one.
        std::thread::sleep(Duration::from_millis(500));
        program.signal(signal);
        assert_eq!(program.end(Duration::from_secs(5)).0, Some(code));
    }
}

#[test]
fn the_id_of_a_request_does_not_come_again_after_a_restart() {
    let instance = || {
        let program = Program::start("true", &[]);
        let mut answer = String::new();
        let mut stream = program.sent("GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\"instance\":").unwrap().1.to_owned()
    };
    assert_ne!(instance(), instance());
}
