//! Servers that are not reachable, are not ours, or answer in a wrong form: exit code 1, a helpful message,
//! and never a part of an answer.

use serde_json::json;

use crate::called::Shell;
use crate::server::Double;
use crate::wire::{Https, Raw};

const LIVE: &str = r#"{"items":[{"service":"a","environment":"b","rollback":false}],"nextCursor":null}"#;

/// What `live` says of this server, which must not do.
fn error_of(url: &str) -> String {
    let printed = Shell::at(url).call(&["live"]).failed(1);
    assert!(printed.starts_with("deployment-status: ") && printed.contains(url) && printed.len() < 500, "{printed}");
    printed
}

#[test]
fn a_server_that_is_not_reachable_is_reported_at_once() {
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    assert_eq!(
        error_of(&nobody),
        format!(
            "deployment-status: can't reach {nobody}: Connection refused (os error 111)\n  \
             Is the local server running? `cargo run -p local` starts it.\n"
        )
    );
    let printed = error_of("http://no-such-host.invalid");
    assert!(printed.contains("failed to lookup address information"), "{printed}");
    assert!(printed.ends_with("\n  The address came from variable DEPLOYMENT_STATUS_URL.\n"), "{printed}");
    assert_eq!(printed.lines().count(), 2, "there is no retry: {printed}");
}

#[test]
fn a_wrong_scheme_is_reported_in_both_directions() {
    let plain = Raw::always(b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice());
    let printed = error_of(&plain.url.replace("http", "https"));
    assert!(
        printed.contains("The server does not use TLS, or its certificate is not trusted on this machine."),
        "{printed}"
    );
    assert_eq!(plain.connections(), 1);

    let tls = Https::of("localhost", "http://127.0.0.1:1");
    let printed = error_of(&format!("http://{}", tls.address));
    assert!(
        printed.contains("its answer is not HTTP. Does the address need https:// instead of http://?"),
        "{printed}"
    );
}

#[test]
fn an_answer_that_is_not_ours_is_described() {
    let answers: [(u16, &str, &str); 17] = [
        (
            200,
            "<!doctype html><title>Welcome</title>",
            "is not JSON; it begins with `<!doctype html><title>Welcome</title>`",
        ),
        (200, "  \n<html>\u{1b}[2J", r"it begins with `<html>\u{1b}[2J`"),
        (200, "", "its answer is empty"),
        (204, "", "its answer is empty"),
        (200, "null", "an unexpected form (invalid type: null"),
        (200, "[]", "an unexpected form"),
        (200, "{}", "an unexpected form (missing field `items`"),
        (200, r#"{"hello": "world"}"#, "an unexpected form (missing field `items`"),
        (200, r#"{"items": "\u001b[2J"}"#, r#"an unexpected form (invalid type: string "\u{1b}[2J""#),
        (200, r#"{"items": [{"#, "its answer is cut off"),
        (200, "{\"items\": [],\"nextCursor\":null} trailing", "its answer is not JSON"),
        (203, "nothing", "its answer is not JSON; it begins with `nothing`"),
        (404, r#"{"message": "Not Found"}"#, "it answers 404 Not Found"),
        (404, r#"{"type":"about:blank","title":"x","status":410,"detail":"gone"}"#, "it answers 404 Not Found"),
        (405, "", "it answers 405 Method Not Allowed"),
        (418, "short and stout", "it answers 418 I'm a teapot"),
        (599, "", "answers 599"),
    ];
    for (status, body, why) in answers {
        let double = Double::always(status, &[], body);
        let printed = error_of(&double.url);
        assert!(printed.contains(why), "{status} {body}: {printed}");
        assert_eq!(double.requests().len(), 1, "{status} {body}");
        if status < 500 {
            assert!(printed.contains("is not a Deployment Status API, or has another version: "), "{printed}");
            assert!(printed.contains("The address came from variable DEPLOYMENT_STATUS_URL."), "{printed}");
        }
    }
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let elsewhere = Double::always(200, &[], LIVE);
    for status in [301, 302, 303, 307, 308, 300] {
        let to = format!("location: {}/\u{1b}[2Jx\r\n", elsewhere.url).replace('\u{1b}', "\u{9b}");
        let raw = Raw::always(format!("HTTP/1.1 {status} X\r\n{to}content-length: 0\r\n\r\n"));
        let printed = error_of(&raw.url);
        assert!(printed.contains(&format!(r"it redirects to {}/\u{{9b}}[2Jx", elsewhere.url)), "{printed}");
    }
    assert!(error_of(&Raw::always("HTTP/1.1 302 X\r\n\r\n").url).contains("it redirects\n"));
    assert!(elsewhere.requests().is_empty());
    let unchanged = Raw::always("HTTP/1.1 304 Not Modified\r\n\r\n");
    assert!(error_of(&unchanged.url).contains("it answers 304 to a request without a tag"));
}

#[test]
fn a_404_is_one_only_where_one_thing_was_asked_for_and_the_api_says_so() {
    let problem =
        r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no such route; see GET /openapi.json"}"#;
    let double = Double::always(404, &[("content-type", "application/problem+json")], problem);
    let printed = Shell::at(&double.url).call(&["live"]).failed(1);
    assert_eq!(
        printed,
        "deployment-status: no such route; see GET /openapi.json\n  \
         This version of the server has no route GET /v1/live.\n"
    );
    assert_eq!(Shell::at(&double.url).call(&["status", "a"]).code, 3);
    let other = Double::always(404, &[], r#"{"error": "Not Found"}"#);
    assert_eq!(Shell::at(&other.url).call(&["status", "a"]).code, 1);
}

#[test]
fn a_failure_of_the_server_has_the_request_s_id() {
    let problem = r#"{"type":"about:blank","title":"x","status":500,"detail":"it failed","instance":"req\u001b-7"}"#;
    let double = Double::always(500, &[], problem);
    let printed = Shell::at(&double.url).call(&["live"]).failed(1);
    assert_eq!(
        printed,
        "deployment-status: it failed\n  The server's log has the cause under request id req\\u{1b}-7.\n"
    );
    let printed = error_of(&Double::always(500, &[], r#"{"message":"Internal Server Error"}"#).url);
    assert!(printed.contains("answers 500 Internal Server Error: Internal Server Error\n"), "{printed}");
}

#[test]
fn bytes_that_are_not_valid_http_are_described() {
    let head = "HTTP/1.1 200 OK\r\n";
    let long = "x".repeat(200_000);
    let answers: Vec<(Vec<u8>, &str)> = vec![
        (b"220 smtp.example.test ready\r\n".to_vec(), "its answer is not HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), "its answer is not HTTP"),
        (b"HTTP/9.9 200 OK\r\n\r\n".to_vec(), "its answer is not HTTP"),
        (b"HTTP/1.1 999999 OK\r\n\r\n".to_vec(), "its answer is not HTTP"),
        (format!("{head}x: {long}\r\n\r\n").into_bytes(), "its answer is not HTTP"),
        (format!("{head}content-length: no\r\n\r\n{LIVE}").into_bytes(), "its answer is not HTTP"),
        (format!("{head}transfer-encoding: chunked\r\n\r\nnonsense\r\n{LIVE}").into_bytes(), "its answer is not HTTP"),
        ([head.as_bytes(), b"\r\n{\"items\":[],\"nextCursor\":\"\xff\xfe\"}"].concat(), "its answer is not UTF-8"),
        (
            [head.as_bytes(), b"content-encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\xff"].concat(),
            "its answer has the content encoding gzip, which was not requested",
        ),
        // Less than is there: the JSON of it ends in the middle.
        (format!("{head}content-length: 20\r\n\r\n{LIVE}").into_bytes(), "its answer is cut off"),
    ];
    for (bytes, why) in answers {
        let raw = Raw::always(bytes.clone());
        let printed = error_of(&raw.url);
        assert!(printed.contains(why), "{}: {printed}", String::from_utf8_lossy(&bytes));
        assert_eq!(raw.connections(), 1);
    }
}

#[test]
fn every_proper_way_to_send_an_answer_is_understood() {
    let chunk = |bytes: &[u8]| format!("{:x}\r\n{}\r\n", bytes.len(), str::from_utf8(bytes).unwrap());
    let chunks = LIVE.as_bytes().chunks(7).map(chunk).collect::<Vec<_>>().concat();
    for bytes in [
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{LIVE}", LIVE.len()),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"),
        format!("HTTP/1.0 200 OK\r\n\r\n{LIVE}"),
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{LIVE}"),
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{LIVE}", LIVE.len()),
    ] {
        let raw = Raw::always(bytes.clone());
        assert_eq!(Shell::at(&raw.url).call(&["live", "-o", "json"]).succeeded(), format!("{LIVE}\n"), "{bytes}");
    }
}

#[test]
fn an_answer_without_an_end_is_not_read_to_it() {
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "[".repeat(13 * 1024 * 1024));
    let raw = Raw::always(endless);
    assert!(error_of(&raw.url).contains("its answer is too long"));
    let deep = Double::always(200, &[], &"[".repeat(100_000));
    let failed = error_of(&deep.url);
    assert!(failed.contains("its answer has an unexpected form ("), "{failed}");
}

#[test]
fn paths_and_queries_arrive_as_they_were_meant() {
    let double = Double::always(200, &[], LIVE);
    let base = format!("{}/base/of%20it/", double.url);
    Shell::at(&base).call(&["live", "--service", "a b+c~d&e=f/ü%", "-e", "*'()!"]).succeeded();
    Shell::at(&base).call(&["status", "github:owner/repo@1/../x"]);
    let requests = double.requests();
    let uris: Vec<String> = requests.iter().map(|request| request.uri.to_string()).collect();
    assert_eq!(
        uris,
        [
            "/base/of%20it/v1/live?environment=%2A%27%28%29%21&service=a%20b%2Bc~d%26e%3Df%2F%C3%BC%25&difference=true&active=true&verdict=true&limit=100",
            "/base/of%20it/v1/deployments/github%3Aowner%2Frepo%401%2F..%2Fx",
        ]
    );
}

#[test]
fn an_entity_tag_that_can_not_be_sent_back_is_none() {
    let deployment = |status: &str| {
        json!({"deploymentId": "d", "service": "s", "environment": "e", "status": status, "attempt": 1, "links": {},
            "createdAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z", "updatedAt": "2026-03-01T12:00:00.000Z", "stages": [],
            "eventCount": 1, "flags": []})
        .to_string()
    };
    for (tag, sent) in [("\"\u{80}\"", None), ("\"a tag\"", Some("\"a tag\""))] {
        let double = Double::answering(move |before, request| {
            let status = if before == 0 { "IN_PROGRESS" } else { "COMPLETED" };
            let tag: &'static [(&str, &str)] = Box::leak(Box::new([("etag", tag)]));
            if request.uri.path() == "/v1/deployments/d" {
                (200, tag, deployment(status))
            } else {
                (404, &[], String::new())
            }
        });
        let shell = Shell::at(&double.url).with("AWS_ACCESS_KEY_ID", "AKID").with("AWS_SECRET_ACCESS_KEY", "x");
        let words = ["watch", "d", "--interval", "100ms", "-o", "text", "--auth", "iam", "--region", "eu-central-1"];
        shell.call(&words).succeeded();
        let requests = double.requests();
        let request = requests.iter().rfind(|request| request.uri.path() == "/v1/deployments/d").unwrap();
        assert_eq!(request.headers.get("if-none-match").map(|tag| tag.to_str().unwrap()), sent);
    }
}
