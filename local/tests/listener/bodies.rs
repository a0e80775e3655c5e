//! Bodies: how long they may be, how long they may take, and of what kind they are.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use local::listener::{Admission, InFlight, Limits};

use super::{HANGS, Opened, header, rest, status};

const POST: &str = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_a_400() {
    let listener = Opened::usual().await;
    for start in ["Content-Length: 100\r\n\r\n{\"deployment", "Transfer-Encoding: chunked\r\n\r\n64\r\n{\"deployment"] {
        let mut stream = listener.connect().await;
        stream.write_all(format!("{POST}{start}").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        assert_eq!(status(&answer), 400, "{answer}");
        assert!(answer.contains("the body broke off"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_slow_is_a_408_and_ends_the_connection() {
    let listener = Opened::impatient(10).await;
    let mut stream = listener.connect().await;
    stream.write_all(format!("{POST}Content-Length: 100\r\n\r\n{{").as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(answer.contains("\"title\":\"Request Timeout\"") && answer.contains("\"instance\":"), "{answer}");
    assert_eq!(header(&answer, "connection"), Some("close"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_refused_before_it_is_sent() {
    let listener = Opened::usual().await;
    for (method, path, bound) in [
        ("POST", "/v1/events", 6_553_701),
        ("PUT", "/v1/settings", 1_048_576),
        ("POST", "/v1/webhooks/github", 1_048_576),
        ("POST", "/v1/webhooks/custom/azure", 1_048_576),
        ("POST", "/local/eventbridge", 1_048_576),
        ("POST", "/local/explain", 6_553_701),
    ] {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            bound + 1
        );
        let answer = listener.answer(&head).await;
        assert_eq!(status(&answer), 413, "{answer}");
        assert!(answer.contains(&format!("at most {bound} bytes")), "{answer}");
        assert_eq!(header(&answer, "connection"), Some("close"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_unknown_length_is_refused_once_it_is_too_long() {
    let listener = Opened::usual().await;
    let mut stream = listener.connect().await;
    let head = POST.replace("/v1/events", "/v1/webhooks/github");
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let mut chunk = format!("{:x}\r\n", 256 * 1024);
    write!(chunk, "{}\r\n", " ".repeat(256 * 1024)).unwrap();
    let (mut reading, mut writing) = stream.split();
    let send = async {
        for _ in 0..8 {
            // The server may have closed by then.
            if writing.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let mut answer = [0; 12];
    let (read, ()) = tokio::join!(tokio::time::timeout(HANGS, reading.read_exact(&mut answer)), send);
    read.unwrap().unwrap();
    assert_eq!(answer, *b"HTTP/1.1 413");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_reads_does_not_become_the_next_request() {
    let listener = Opened::usual().await;
    let hidden = "GET /local/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let length = hidden.len();
    let answer = listener
        .answer(&format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{hidden}"))
        .await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_json_is_wanted_nothing_else_is_read() {
    let listener = Opened::usual().await;
    for path in ["/local/eventbridge", "/local/explain", "/v1/events"] {
        for kind in ["", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"] {
            let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{kind}Content-Length: 2\r\n");
            let answer = listener.answer(&format!("{head}Connection: close\r\n\r\n{{}}")).await;
            assert_eq!(status(&answer), 415, "{path} {kind} {answer}");
        }
    }
}

/// A body of so many bytes that is no event: what has arrived whole is answered 400.
fn head_of(bytes: usize) -> String {
    format!("{POST}Content-Length: {bytes}\r\nConnection: close\r\n\r\n")
}

/// Waits until so many bytes have arrived.
async fn taken(in_flight: &InFlight, bytes: usize) {
    let arriving = async {
        while in_flight.taken() != bytes {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANGS, arriving).await.unwrap_or_else(|_| panic!("{} and not {bytes}", in_flight.taken()));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_bodies_together_have_a_bound_and_what_has_not_arrived_takes_no_room() {
    let in_flight = InFlight::of(100);
    let admission = Admission { in_flight: in_flight.clone(), ..Admission::default() };
    let listener = Opened::with(Limits::default(), admission, None).await;
    let whole = async |bytes: usize| listener.answer(&(head_of(bytes) + &" ".repeat(bytes))).await;
    // Announced, and not sent.
    let mut announced = Vec::new();
    for _ in 0..5 {
        let mut stream = listener.connect().await;
        stream.write_all(head_of(100).as_bytes()).await.unwrap();
        announced.push(stream);
    }
    let mut slow = listener.connect().await;
    slow.write_all((head_of(61) + &" ".repeat(60)).as_bytes()).await.unwrap();
    taken(&in_flight, 60).await;
    for (bytes, expected) in [(40, 400), (41, 503), (1, 400), (100, 503), (40, 400)] {
        let answer = whole(bytes).await;
        assert_eq!(status(&answer), expected, "{bytes} {answer}");
        assert_eq!(header(&answer, "retry-after"), (expected == 503).then_some("1"), "{answer}");
        assert_eq!(header(&answer, "connection"), Some("close"), "{answer}");
        taken(&in_flight, 60).await;
    }
    // One that grows beyond the room while it comes, without a length.
    let mut growing = listener.connect().await;
    growing
        .write_all(format!("{POST}Transfer-Encoding: chunked\r\n\r\n1e\r\n{}\r\n", " ".repeat(30)).as_bytes())
        .await
        .unwrap();
    taken(&in_flight, 90).await;
    growing.write_all(format!("b\r\n{}\r\n", " ".repeat(11)).as_bytes()).await.unwrap();
    let answer = rest(&mut growing).await;
    assert_eq!((status(&answer), header(&answer, "retry-after")), (503, Some("1")), "{answer}");
    taken(&in_flight, 60).await;
    // The slow one is taken when it is whole, and leaves its room to others.
    slow.write_all(b" ").await.unwrap();
    assert_eq!(status(&rest(&mut slow).await), 400);
    taken(&in_flight, 0).await;
    assert_eq!(status(&whole(100).await), 400);
    // So does one that breaks off.
    let mut broken = listener.connect().await;
    broken.write_all((head_of(90) + &" ".repeat(80)).as_bytes()).await.unwrap();
    taken(&in_flight, 80).await;
    drop(broken);
    taken(&in_flight, 0).await;
    drop(announced);
}
