//! Servers that can't be reached, that are not ours, and that answer something else than they should:
//! exit code 1, in words that help, and never half an answer.

use serde_json::json;

use crate::called::Shell;
use crate::server::Double;
use crate::wire::{Https, Raw};

const LIVE: &str = r#"{"items":[{"service":"a","environment":"b","rollback":false}],"nextCursor":null}"#;

/// What `live` says of this server, which must not do.
fn told_of(url: &str) -> String {
    let told = Shell::at(url).call(&["live"]).failed(1);
    assert!(told.starts_with("deployment-status: ") && told.contains(url) && told.len() < 500, "{told}");
    told
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    assert_eq!(
        told_of(&nobody),
        format!(
            "deployment-status: can't reach {nobody}: Connection refused (os error 111)\n  \
             Is it running? `cargo run -p local` starts it on this machine.\n"
        )
    );
    let told = told_of("http://no-such-host.invalid");
    assert!(told.contains("failed to lookup address information"), "{told}");
    assert!(told.ends_with("\n  The address came from variable DEPLOYMENT_STATUS_URL.\n"), "{told}");
    assert_eq!(told.lines().count(), 2, "it is not asked again: {told}");
}

#[test]
fn tls_where_there_is_none_and_none_where_there_is_are_told_apart() {
    let plain = Raw::always(b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice());
    let told = told_of(&plain.url.replace("http", "https"));
    assert!(told.contains("It speaks no TLS, or has a certificate that is not trusted here"), "{told}");
    assert_eq!(plain.connections(), 1);

    let tls = Https::of("localhost", "http://127.0.0.1:1");
    let told = told_of(&format!("http://{}", tls.address));
    assert!(told.contains("its answer is no HTTP. Does it want https:// rather than http://?"), "{told}");
}

#[test]
fn what_is_no_answer_of_ours_is_told_as_what_it_is() {
    let answers: [(u16, &str, &str); 17] = [
        (
            200,
            "<!doctype html><title>Welcome</title>",
            "is no JSON; it begins with `<!doctype html><title>Welcome</title>`",
        ),
        (200, "  \n<html>\u{1b}[2J", r"it begins with `<html>\u{1b}[2J`"),
        (200, "", "its answer is empty"),
        (204, "", "its answer is empty"),
        (200, "null", "not what was expected (invalid type: null"),
        (200, "[]", "not what was expected"),
        (200, "{}", "not what was expected (missing field `items`"),
        (200, r#"{"hello": "world"}"#, "not what was expected (missing field `items`"),
        (200, r#"{"items": "\u001b[2J"}"#, r#"not what was expected (invalid type: string "\u{1b}[2J""#),
        (200, r#"{"items": [{"#, "its answer ends in the middle"),
        (200, "{\"items\": [],\"nextCursor\":null} trailing", "its answer is no JSON"),
        (203, "nothing", "its answer is no JSON; it begins with `nothing`"),
        (404, r#"{"message": "Not Found"}"#, "it answers 404 Not Found"),
        (404, r#"{"type":"about:blank","title":"x","status":410,"detail":"gone"}"#, "it answers 404 Not Found"),
        (405, "", "it answers 405 Method Not Allowed"),
        (418, "short and stout", "it answers 418 I'm a teapot"),
        (599, "", "answers 599"),
    ];
    for (status, body, why) in answers {
        let double = Double::always(status, &[], body);
        let told = told_of(&double.url);
        assert!(told.contains(why), "{status} {body}: {told}");
        assert_eq!(double.asked().len(), 1, "{status} {body}");
        if status < 500 {
            assert!(told.contains("is no Deployment Status, or another version of it: "), "{told}");
            assert!(told.contains("The address came from variable DEPLOYMENT_STATUS_URL."), "{told}");
        }
    }
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let elsewhere = Double::always(200, &[], LIVE);
    for status in [301, 302, 303, 307, 308, 300] {
        let to = format!("location: {}/\u{1b}[2Jx\r\n", elsewhere.url).replace('\u{1b}', "\u{9b}");
        let raw = Raw::always(format!("HTTP/1.1 {status} X\r\n{to}content-length: 0\r\n\r\n"));
        let told = told_of(&raw.url);
        assert!(told.contains(&format!(r"it redirects to {}/\u{{9b}}[2Jx", elsewhere.url)), "{told}");
    }
    assert!(told_of(&Raw::always("HTTP/1.1 302 X\r\n\r\n").url).contains("it redirects\n"));
    assert!(elsewhere.asked().is_empty());
    let unchanged = Raw::always("HTTP/1.1 304 Not Modified\r\n\r\n");
    assert!(told_of(&unchanged.url).contains("what it never told is unchanged"));
}

#[test]
fn a_404_is_one_only_where_one_thing_was_asked_for_and_the_api_says_so() {
    let problem = r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no such route; see GET /openapi.json"}"#;
    let double = Double::always(404, &[("content-type", "application/problem+json")], problem);
    let told = Shell::at(&double.url).call(&["live"]).failed(1);
    assert_eq!(
        told,
        "deployment-status: there is no such route; see GET /openapi.json\n  \
         The server is of a version without GET /v1/live.\n"
    );
    assert_eq!(Shell::at(&double.url).call(&["status", "a"]).code, 3);
    let other = Double::always(404, &[], r#"{"error": "Not Found"}"#);
    assert_eq!(Shell::at(&other.url).call(&["status", "a"]).code, 1);
}

#[test]
fn a_failure_of_the_server_has_the_request_s_id() {
    let problem = r#"{"type":"about:blank","title":"x","status":500,"detail":"it failed","instance":"req\u001b-7"}"#;
    let double = Double::always(500, &[], problem);
    let told = Shell::at(&double.url).call(&["live"]).failed(1);
    assert_eq!(told, "deployment-status: it failed\n  The server's log has the cause, as request req\\u{1b}-7.\n");
    let told = told_of(&Double::always(500, &[], r#"{"message":"Internal Server Error"}"#).url);
    assert!(told.contains("answers 500 Internal Server Error\n"), "{told}");
}

#[test]
fn bytes_that_are_no_proper_http_are_told_as_such() {
    let head = "HTTP/1.1 200 OK\r\n";
    let long = "x".repeat(200_000);
    let answers: Vec<(Vec<u8>, &str)> = vec![
        (b"220 smtp.example.test ready\r\n".to_vec(), "its answer is no HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), "its answer is no HTTP"),
        (b"HTTP/9.9 200 OK\r\n\r\n".to_vec(), "its answer is no HTTP"),
        (b"HTTP/1.1 999999 OK\r\n\r\n".to_vec(), "its answer is no HTTP"),
        (format!("{head}x: {long}\r\n\r\n").into_bytes(), "its answer is no HTTP"),
        (format!("{head}content-length: no\r\n\r\n{LIVE}").into_bytes(), "its answer is no HTTP"),
        (format!("{head}transfer-encoding: chunked\r\n\r\nnonsense\r\n{LIVE}").into_bytes(), "its answer is no HTTP"),
        ([head.as_bytes(), b"\r\n{\"items\":[],\"nextCursor\":\"\xff\xfe\"}"].concat(), "its answer is not UTF-8"),
        (
            [head.as_bytes(), b"content-encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\xff"].concat(),
            "its answer is packed (gzip), which was not asked for",
        ),
        // Less than is there: the JSON of it ends in the middle.
        (format!("{head}content-length: 20\r\n\r\n{LIVE}").into_bytes(), "its answer ends in the middle"),
    ];
    for (bytes, why) in answers {
        let raw = Raw::always(bytes.clone());
        let told = told_of(&raw.url);
        assert!(told.contains(why), "{}: {told}", String::from_utf8_lossy(&bytes));
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
    assert!(told_of(&raw.url).contains("its answer does not end"));
    let deep = Double::always(200, &[], &"[".repeat(100_000));
    assert!(told_of(&deep.url).contains("its answer is n"));
}

#[test]
fn paths_and_queries_arrive_as_they_were_meant() {
    let double = Double::always(200, &[], LIVE);
    let base = format!("{}/base/of%20it/", double.url);
    Shell::at(&base).call(&["live", "--service", "a b+c~d&e=f/ü%", "-e", "*'()!"]).succeeded();
    Shell::at(&base).call(&["status", "github:owner/repo@1/../x"]);
    let asked = double.asked();
    let uris: Vec<String> = asked.iter().map(|asked| asked.uri.to_string()).collect();
    assert_eq!(
        uris,
        [
            "/base/of%20it/v1/live?environment=%2A%27%28%29%21&service=a%20b%2Bc~d%26e%3Df%2F%C3%BC%25&limit=100",
            "/base/of%20it/v1/deployments/github:owner/repo@1/../x",
        ]
    );
}

#[test]
fn an_entity_tag_that_can_not_be_sent_back_is_none() {
    let deployment = |status: &str| {
        json!({"deploymentId": "d", "service": "s", "environment": "e", "status": status, "attempt": 1, "links": {},
            "startedAt": "2026-03-01T12:00:00.000Z", "updatedAt": "2026-03-01T12:00:00.000Z", "stages": [],
            "eventCount": 1, "flags": []})
        .to_string()
    };
    for (tag, sent) in [("\"\u{80}\"", None), ("\"a tag\"", Some("\"a tag\""))] {
        let double = Double::answering(move |before, asked| {
            let status = if before == 0 { "IN_PROGRESS" } else { "COMPLETED" };
            let tag: &'static [(&str, &str)] = Box::leak(Box::new([("etag", tag)]));
            if asked.uri.path() == "/v1/deployments/d" {
                (200, tag, deployment(status))
            } else {
                (404, &[], String::new())
            }
        });
        let shell = Shell::at(&double.url).with("AWS_ACCESS_KEY_ID", "AKID").with("AWS_SECRET_ACCESS_KEY", "x");
        let words = ["watch", "d", "--interval", "100ms", "-o", "text", "--auth", "iam", "--region", "eu-central-1"];
        shell.call(&words).succeeded();
        let asked = double.asked();
        let asked = asked.iter().rfind(|asked| asked.uri.path() == "/v1/deployments/d").unwrap();
        assert_eq!(asked.headers.get("if-none-match").map(|tag| tag.to_str().unwrap()), sent);
    }
}
