//! How many connections there are, and how long each may take.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{HANGS, Opened, header, rest, status};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_bound_a_connection_is_told_so_and_those_inside_are_served() {
    let listener = Opened::with(
        local::listener::Limits { connections: 3, ..Default::default() },
        local::listener::Admission::default(),
        None,
    )
    .await;
    let mut crowd = Vec::new();
    for _ in 0..3 {
        let mut stream = listener.connect().await;
        stream.write_all(HEALTH).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(start, *b"HTTP/1.1 200");
        crowd.push(stream);
    }
    for _ in 0..3 {
        let mut stream = listener.connect().await;
        stream.write_all(HEALTH).await.unwrap();
        let answer = rest(&mut stream).await;
        assert_eq!(status(&answer), 503, "{answer}");
        assert_eq!(header(&answer, "retry-after"), Some("1"));
        assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
        assert!(answer.contains("\"instance\":"), "{answer}");
    }
    // Those who turn up and say nothing hold up nobody who is inside.
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(listener.connect().await);
    }
    let inside = crowd.last_mut().unwrap();
    inside.write_all(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(inside).await.contains("HTTP/1.1 404"));
    // One has left: there is room for the next, once the crowd at the listener has gone.
    let next = async {
        loop {
            let mut stream = listener.connect().await;
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
            if rest(&mut stream).await.starts_with("HTTP/1.1 200") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(HANGS, next).await.expect("there is room again");
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_nothing_or_a_head_that_does_not_end_is_closed() {
    let listener = Opened::impatient(10).await;
    for start in ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"] {
        let mut stream = listener.connect().await;
        stream.write_all(start.as_bytes()).await.unwrap();
        rest(&mut stream).await;
    }
    // Also one that was served before, and is silent since.
    let mut stream = listener.connect().await;
    stream.write_all(HEALTH).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_comes_byte_by_byte_has_no_more_time_than_another() {
    let listener = Opened::impatient(10).await;
    let (mut reading, mut writing) = listener.connect().await.into_split();
    let dripping = tokio::spawn(async move {
        for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ".iter().chain(std::iter::repeat(&b'x')) {
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(HANGS, reading.read_to_end(&mut answer)).await.expect("it is closed");
    dripping.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_long_is_refused() {
    let listener = Opened::usual().await;
    let of =
        async |length| listener.status("/healthz", &format!("Host: localhost\r\nX: {}\r\n", "x".repeat(length))).await;
    assert_eq!(of(60 * 1024).await, 200);
    assert_eq!(of(70 * 1024).await, 431);
    assert_eq!(of(2 * 1024 * 1024).await, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_taken_holds_the_connection_for_a_while_only() {
    let listener = Opened::impatient(1).await;
    let mut greedy = listener.connect().await;
    // Far more answers than fit between the two, and none is read.
    let asked = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2000);
    let _ = tokio::time::timeout(Duration::from_secs(2), greedy.write_all(&asked)).await;
    let next = async {
        loop {
            let answer = listener.answer("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
            if answer.starts_with("HTTP/1.1 200") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(HANGS, next).await.expect("its place is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_it_closes_nobody_is_left() {
    let patience = Duration::from_mins(10);
    let limits = local::listener::Limits { connections: 10, patience, grace: Duration::from_millis(300) };
    let admission = local::listener::Admission { patience, ..Default::default() };
    let listener = Opened::with(limits, admission, None).await;
    let silent = listener.connect().await;
    let mut idle = listener.connect().await;
    idle.write_all(HEALTH).await.unwrap();
    let mut start = [0; 12];
    idle.read_exact(&mut start).await.unwrap();
    let mut half = listener.connect().await;
    half.write_all(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{").await.unwrap();
    let address = listener.address;
    listener.close().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    for mut stream in [silent, idle, half] {
        rest(&mut stream).await;
    }
}
