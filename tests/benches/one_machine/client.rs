//! Clients, each on a connection that it keeps.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

/// How many services there are.
const SERVICES: usize = 20;

/// Reports deployments that start and complete; answers how many events a second were recorded.
pub(crate) fn report(address: &str, clients: usize, count: usize) -> f64 {
    measure(address, clients, count, |client, turn| {
        let (deployment, ends) = (turn / 2, turn % 2 == 1);
        let body = format!(
            r#"{{"deploymentId":"d-{client}-{deployment}","service":"s{}","environment":"production","version":"1.0.{deployment}","status":"{}","occurredAt":"2026-11-01T10:{:02}:{:02}Z"}}"#,
            deployment % SERVICES,
            if ends { "COMPLETED" } else { "IN_PROGRESS" },
            deployment / 60 % 60,
            deployment % 60,
        );
        format!(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    })
}

/// Asks what is live in a place; answers how many answers a second there were.
pub(crate) fn ask(address: &str, clients: usize, count: usize) -> f64 {
    measure(address, clients, count, |_, turn| {
        format!("GET /v1/live?environment=production&service=s{} HTTP/1.1\r\nHost: localhost\r\n\r\n", turn % SERVICES)
    })
}

fn measure(address: &str, clients: usize, count: usize, request: impl Fn(usize, usize) -> String + Sync) -> f64 {
    let before = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..clients {
            let request = &request;
            scope.spawn(move || {
                let stream = TcpStream::connect(address).expect("a connection");
                stream.set_nodelay(true).expect("no delay");
                let mut connection = BufReader::new(stream);
                (0..count / clients).for_each(|turn| exchange(&mut connection, &request(client, turn)));
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let count = count as f64;
    count / before.elapsed().as_secs_f64()
}

fn exchange(connection: &mut BufReader<TcpStream>, request: &str) {
    connection.get_mut().write_all(request.as_bytes()).expect("it takes requests");
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(connection.read_line(&mut head).expect("an answer"), 0, "it goes on");
    }
    assert!(head.starts_with("HTTP/1.1 20"), "{head}");
    let head = head.to_lowercase();
    let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
    connection.read_exact(&mut vec![0; length.expect("a length")]).expect("a body");
}
