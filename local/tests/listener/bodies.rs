//! Bodies: how long they may be, how long they may take, and of what kind they are.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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
