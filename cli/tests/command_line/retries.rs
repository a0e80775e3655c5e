//! Retries: how often, after which errors, and when not.

use crate::called::Shell;
use crate::server::Double;
use crate::wire::Raw;

const LIVE: &str = r#"{"items":[{"service":"a","environment":"b","rollback":false}],"nextCursor":null}"#;
type Headers = &'static [(&'static str, &'static str)];
const SOON: Headers = &[("retry-after", "0")];
const IN_THE_PAST: Headers = &[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")];
/// In the year 9999.
const NEVER: Headers = &[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")];
const NONSENSE: Headers = &[("retry-after", "when I say so")];

/// One that answers this so often, and then as it should.
fn at_first(times: usize, status: u16, headers: Headers) -> Double {
    Double::answering(
        move |before, _| {
            if before < times { (status, headers, String::new()) } else { (200, &[], LIVE.to_owned()) }
        },
    )
}

#[test]
fn a_request_to_a_busy_server_is_sent_again_with_a_notice() {
    for (status, headers) in [
        (429, SOON),
        (503, SOON),
        (503, IN_THE_PAST),
        (429, NONSENSE),
        (503, &[]),
        (502, &[]),
        (504, &[]),
        (504, NEVER),
    ] {
        let double = at_first(2, status, headers);
        let called = Shell::at(&double.url).call(&["live"]);
        assert_eq!((called.code, double.requests().len()), (0, 3), "{status} {headers:?}: {}", called.stderr);
        let notes: Vec<&str> = called.stderr.lines().collect();
        assert_eq!(notes.len(), 2, "{notes:?}");
        for note in notes {
            assert!(note.starts_with(&format!("the server answers {status} ")), "{note}");
            assert!(note.contains("; trying again in "), "{note}");
        }
    }
}

#[test]
fn a_request_to_a_busy_server_is_sent_four_times_at_most() {
    for (status, headers) in [(429, SOON), (503, &[]), (502, &[])] {
        let double = at_first(100, status, headers);
        let called = Shell::at(&double.url).call(&["live"]);
        assert_eq!((called.code, double.requests().len()), (1, 4), "{}", called.stderr);
        let failure = called.stderr.lines().nth(3).unwrap();
        assert!(failure.starts_with(&format!("deployment-status: {} answers {status} ", double.url)), "{failure}");
    }
}

#[test]
fn errors_that_a_retry_cannot_change_are_not_retried() {
    for status in [400, 404, 405, 409, 500, 501] {
        let double = at_first(100, status, SOON);
        assert_eq!(Shell::at(&double.url).call(&["live"]).code, 1);
        assert_eq!(double.requests().len(), 1, "{status}");
    }
}

#[test]
fn a_wait_that_is_longer_than_the_timeout_is_reported() {
    let failed = |headers: Headers, timeout: &str| {
        let double = at_first(100, 503, headers);
        let failed = Shell::at(&double.url).call(&["live", "--timeout", timeout]).failed(1);
        assert_eq!(double.requests().len(), 1, "{headers:?}");
        failed
    };
    let says = "\n  The server asks to wait 10m before the next request. A longer --timeout waits for that.\n";
    assert!(failed(&[("retry-after", "600")], "30s").ends_with(says));
    assert!(failed(&[("retry-after", "99999999999999999999999999")], "30s").contains("asks to wait 136years"));
    assert!(failed(NEVER, "30s").contains("The server asks to wait "));
    assert!(failed(&[("retry-after", "5")], "2s").contains("The server asks to wait 5s before the next request."));
}

#[test]
fn a_server_is_waited_for_as_long_as_it_asks_within_the_timeout() {
    let double = at_first(1, 503, &[("retry-after", "2")]);
    let started = std::time::Instant::now();
    let called = Shell::at(&double.url).call(&["live", "--timeout", "30s"]);
    assert_eq!((called.code, double.requests().len()), (0, 2), "{}", called.stderr);
    assert!(started.elapsed() >= std::time::Duration::from_secs(2));
    assert_eq!(called.stderr, "the server answers 503 Service Unavailable; trying again in 2.0 s\n");
}

/// The reason is in the problem details of the API, or in the message of the gateway in front of it.
#[test]
fn the_server_s_reason_is_shown() {
    const PROBLEM: &str =
        r#"{"type":"about:blank","title":"x","status":503,"detail":"too many \u001bwriters","instance":"r-1"}"#;
    const GATEWAY: &str = r#"{"message":"too many \u001bwriters"}"#;
    for (body, advice) in [
        (PROBLEM, "  The server's log has the cause under request id r-1.\n"),
        (GATEWAY, "  The server failed or has too many requests. The request can be sent again.\n"),
    ] {
        let double = Double::always(503, SOON, body);
        let called = Shell::at(&double.url).call(&["live"]);
        let notice = "the server answers 503 Service Unavailable (too many \\u{1b}writers); trying again in 0.0 s\n";
        let failure = match body {
            PROBLEM => "deployment-status: too many \\u{1b}writers\n".to_owned(),
            _ => format!(
                "deployment-status: {} answers 503 Service Unavailable: too many \\u{{1b}}writers\n",
                double.url
            ),
        };
        assert_eq!(called.stderr, format!("{}{failure}{advice}", notice.repeat(3)));
        assert_eq!((called.code, double.requests().len()), (1, 4));

        let long = Double::always(503, &[("retry-after", "60")], body);
        let called = Shell::at(&long.url).call(&["record", "--id", "d", "--status", "failed", "--timeout", "20s"]);
        assert_eq!((called.code, long.requests().len()), (1, 1));
        let says = "The server asks to wait 1m before the next request. A longer --timeout waits for that.";
        assert!(called.stderr.contains("too many \\u{1b}writers") && called.stderr.contains(says), "{}", called.stderr);
    }
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let ok = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{LIVE}", LIVE.len());
    let broken = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"items\":[],\"nextCursor\":null}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1e\r\n{\"items\":[],\"nextCursor\":null}\r\n",
    ];
    for bytes in broken {
        let then = ok.clone();
        let raw = Raw::answering(move |before| Some(if before == 0 { bytes.into() } else { then.clone().into() }));
        let called = Shell::at(&raw.url).call(&["live"]);
        assert_eq!((called.code, raw.connections()), (0, 2), "{bytes}: {}", called.stderr);
        assert!(called.stderr.starts_with("the connection broke (") && called.stderr.lines().count() == 1);

        let raw = Raw::always(bytes);
        let called = Shell::at(&raw.url).call(&["live"]);
        assert_eq!((called.code, raw.connections(), called.stdout.as_str()), (1, 4, ""), "{bytes}");
        assert!(called.stderr.contains(&format!("deployment-status: can't reach {}: ", raw.url)), "{}", called.stderr);
    }
}

#[test]
fn an_event_that_may_have_been_lost_on_the_way_is_sent_again_as_it_was() {
    let receipt = r#"{"deploymentId":"a","eventId":"e","sequence":1,"outcome":"recorded","status":"FAILED"}"#;
    let double = Double::answering(move |before, _| match before {
        0 => (503, SOON, String::new()),
        1 => (502, &[], "<html>".to_owned()),
        _ => (201, &[], receipt.to_owned()),
    });
    let called = Shell::at(&double.url).call(&["record", "--id", "a", "--status", "FAILED"]);
    assert_eq!(called.code, 0, "{}", called.stderr);
    let requests = double.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| !request.body.is_empty()));
    assert!(requests.windows(2).all(|two| two[0].body == two[1].body));
}

#[test]
fn each_try_is_signed_for_itself() {
    let double = at_first(1, 503, &[("retry-after", "1")]);
    let shell = Shell::at(&double.url)
        .with("AWS_ACCESS_KEY_ID", "AKID")
        .with("AWS_SECRET_ACCESS_KEY", "x")
        .with("AWS_REGION", "eu-central-1");
    assert_eq!(shell.call(&["live", "--auth", "iam"]).code, 0);
    let requests = double.requests();
    assert_eq!(requests.len(), 2);
    assert_ne!(requests[0].headers["x-amz-date"], requests[1].headers["x-amz-date"]);
    assert_ne!(requests[0].headers["authorization"], requests[1].headers["authorization"]);
}

#[test]
fn a_server_that_says_nothing_is_waited_for_as_long_as_the_timeout_and_no_longer() {
    for bytes in [None, Some("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")] {
        // Half an answer, and then the connection stays open.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let open: Vec<_> = listener
                .incoming()
                .map(|connection| {
                    let mut connection = connection.unwrap();
                    std::io::Write::write_all(&mut connection, bytes.unwrap_or_default().as_bytes()).unwrap();
                    connection
                })
                .collect();
            drop(open);
        });
        let printed = Shell::at(&url).call(&["live", "--timeout", "1s"]).failed(6);
        let expected = format!("deployment-status: {url} did not answer within 1s\n  --timeout sets a longer time.\n");
        assert_eq!(printed, expected);
        let by_variable = Shell::at(&url).with("DEPLOYMENT_STATUS_TIMEOUT", "1s").call(&["live"]).failed(6);
        assert_eq!(by_variable, expected);
    }
}

#[test]
fn a_timeout_that_no_clock_can_hold_is_none() {
    let double = Double::always(200, &[], LIVE);
    for timeout in ["4294967295", "400000000000 years"] {
        Shell::at(&double.url).call(&["live", "--timeout", timeout]).succeeded();
    }
}
