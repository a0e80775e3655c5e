//! What passes, both ways.

use std::collections::BTreeSet;

use axum::http::HeaderName;
use serde_json::{Value, json};

use super::{answering, with_a_page};
use crate::called::Shell;
use crate::opened::{Answer, Opened};
use crate::server::{Double, demo, empty};

/// The last request but that whether the server is well.
fn last(double: &Double) -> crate::server::ReceivedRequest {
    double.requests().pop().unwrap()
}

fn names(request: &crate::server::ReceivedRequest) -> BTreeSet<&str> {
    request.headers.keys().map(HeaderName::as_str).collect()
}

#[test]
fn of_the_browser_s_headers_only_those_go_on_that_the_answer_depends_on() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    let origin = opened.origin();
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Accept", "text/html"),
        ("Accept", "*/*;q=0.8"),
        ("Accept-Encoding", "gzip, br"),
        ("Accept-Language", "de"),
        ("Authorization", "Bearer of-another-server"),
        ("Cache-Control", "max-age=0"),
        ("If-None-Match", "\"a tag\""),
        ("Keep-Alive", "timeout=5"),
        ("Origin", origin.as_str()),
        ("Proxy-Authorization", "Basic x"),
        ("Referer", "http://127.0.0.1/secret"),
        ("Sec-CH-UA", "a browser"),
        ("Sec-Fetch-Dest", "document"),
        ("Sec-Fetch-Site", "same-origin"),
        ("TE", "trailers"),
        ("User-Agent", "a browser"),
        ("X-Forwarded-For", "1.2.3.4"),
        ("X-Amz-Security-Token", "of the browser"),
    ];
    opened.ask("GET", "/live", &headers, b"");
    let request = last(&double);
    assert_eq!(
        names(&request),
        BTreeSet::from(["accept", "accept-encoding", "host", "if-none-match", "user-agent"]),
        "{request:?}"
    );
    let value = |name: &str| request.headers[name].to_str().unwrap();
    assert_eq!(value("accept"), "text/html, */*;q=0.8");
    assert_eq!((value("accept-encoding"), value("if-none-match")), ("gzip, br", "\"a tag\""));
    assert_eq!(value("host"), double.url.trim_start_matches("http://"));
    assert!(value("user-agent").starts_with("deployment-status/"));

    opened.ask("PUT", "/v1/settings", &[&headers[..], &[("If-Match", "\"1\"")]].concat(), b"{}");
    let request = last(&double);
    // Of a write it is said what was judged: a page of this server sent it.
    assert_eq!(request.headers["origin"], double.url);
    assert_eq!(request.headers["sec-fetch-site"], "same-origin");
    assert_eq!((&request.headers["if-match"], &request.body[..]), (&"\"1\"".parse().unwrap(), &b"{}"[..]));
    assert!(!format!("{:?}", double.requests()).contains(&cookie));
}

#[test]
fn a_head_is_the_head_of_what_get_answers() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    let head = opened.ask("HEAD", "/live", &[("Cookie", &cookie)], b"");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("13"), 0));
    assert_eq!(last(&double).method, "GET");
}

#[test]
fn of_the_server_s_headers_those_come_back_that_describe_the_answer() {
    const PASS: &[(&str, &str)] = &[
        ("allow", "GET"),
        ("cache-control", "no-cache"),
        ("content-encoding", "gzip"),
        ("content-security-policy", "default-src 'none'"),
        ("content-type", "text/html"),
        ("etag", "\"a\""),
        ("referrer-policy", "same-origin"),
        ("retry-after", "1"),
        ("vary", "accept"),
        ("x-content-type-options", "nosniff"),
        ("set-cookie", "session=1"),
        ("www-authenticate", "Basic"),
        ("strict-transport-security", "max-age=1"),
        ("access-control-allow-origin", "*"),
        ("clear-site-data", "\"cookies\""),
        ("keep-alive", "timeout=9"),
        ("x-amzn-requestid", "1"),
        ("location", "http://example.com/elsewhere"),
    ];
    let double = answering((422, PASS, "not gzip, but as it came".to_owned()));
    let opened = Opened::at(&double.url);
    let answer = opened.page(&opened.enter(), "/live");
    assert_eq!((answer.status, answer.text().as_str()), (422, "not gzip, but as it came"));
    let found: BTreeSet<(&str, &str)> =
        answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = PASS[..10].iter().chain(&PASS[17..]).copied();
    let own = [("connection", "close"), ("content-length", "24"), ("date", answer.header("date").unwrap())];
    assert_eq!(found, expected.chain(own).collect());
}

#[test]
fn a_form_goes_on_byte_for_byte_and_leads_to_a_page_from_here() {
    let double = Double::answering(|before, request| match request.method.as_str() {
        "POST" => (303, &[("location", "/deployments/a%2Fb")], before.to_string()),
        _ => (200, &[], r#"{"status":"ok"}"#.to_owned()),
    });
    let opened = Opened::at(&double.url);
    let form = b"service=a+b%2Fc&notes=%D7%A9%0D%0Ax&version=1.0%2Bx";
    let sent = opened.write(&opened.enter(), "/record?x=1", "application/x-www-form-urlencoded", form);
    assert_eq!((sent.status, sent.header("location")), (303, Some("/deployments/a%2Fb")));
    let request = last(&double);
    assert_eq!((request.method.as_str(), request.uri.to_string().as_str()), ("POST", "/record?x=1"));
    assert_eq!(&request.body[..], form);
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
}

#[test]
fn an_address_of_the_server_is_one_from_here() {
    let double = Double::answering(|_, request| match request.uri.path() {
        "/stage/healthz" => (200, &[], "{}".to_owned()),
        "/stage/own" => (303, &[("location", "/stage/live?a=1")], String::new()),
        _ => (200, &[], request.uri.to_string()),
    });
    let opened = Opened::at(&format!("{}/stage/", double.url));
    let cookie = opened.enter();
    assert_eq!(opened.page(&cookie, "/own").header("location"), Some("/live?a=1"));
    assert_eq!(opened.page(&cookie, "/live?a=1").text(), "/stage/live?a=1");
}

#[test]
fn an_address_reaches_the_server_byte_for_byte() {
    let double = Double::answering(|_, request| (200, &[], format!("{{\"at\":\"{}\"}}", request.uri)));
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    for target in [
        "/services/a%2Fb%23c",
        "/services/%D7%A9%D7%9C%D7%95%D7%9D/%F0%9F%9A%80",
        "/deployments/github:owner/repo@1.0;x=1,2!$&'()*",
        "/deployments/a%20b+c%2520",
        "/deployments//a/./b%2F..%2Fc/",
        "/live?filter=a+b%20c&only=wrong&x=%2F:@/?&&y",
        "/?",
        "/search?q=%zz%",
        "/search?q=what?",
    ] {
        let at: Value = serde_json::from_slice(&opened.page(&cookie, target).body).unwrap();
        assert_eq!(at["at"], target);
    }
    let not_encoded = opened.ask("GET", "/services/ש", &[("Cookie", &cookie)], b"");
    assert_eq!(not_encoded.status, 400, "{not_encoded:?}");
}

#[test]
fn bodies_of_any_length_that_the_api_takes_pass_both_ways_and_longer_ones_are_refused() {
    let double = Double::answering(|_, request| match request.uri.path() {
        "/healthz" => (200, &[], "{}".to_owned()),
        _ => (200, &[], "x".repeat(6 * 1024 * 1024) + &request.body.len().to_string()),
    });
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    // The double takes 2 MB, as axum does unless it is told otherwise.
    let body = vec![b'a'; 2_000_000];
    let answer = opened.write(&cookie, "/v1/events", "application/json", &body);
    assert_eq!((answer.status, answer.body.len()), (200, 6 * 1024 * 1024 + 7));
    assert!(answer.body.ends_with(b"2000000"));
    let before = double.requests().len();
    let longer = opened.write(&cookie, "/v1/events", "application/json", &vec![b'a'; 10 * 1024 * 1024 + 1]);
    assert_eq!(longer.status, 413, "{longer:?}");
    assert_eq!(double.requests().len(), before);
}

/// What a page says of itself, and its body: all but what is of the connection.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let of_connection = ["connection", "content-length", "date", "transfer-encoding"];
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !of_connection.contains(&name.as_str())).cloned().collect();
    headers.sort();
    (answer.status, headers, answer.text())
}

#[test]
fn pages_and_answers_of_a_real_server_are_seen_unchanged() {
    let server = Opened::at(demo());
    let cookie = server.enter();
    let direct = |target: &str, accept: &str| {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        let mut reply = agent.get(format!("{}{target}", demo())).header("accept", accept).call().unwrap();
        let headers =
            reply.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers = headers.collect();
        let answer = Answer { status: reply.status().as_u16(), headers, body: reply.body_mut().read_to_vec().unwrap() };
        told(&answer)
    };
    let through =
        |target: &str, accept: &str| told(&server.ask("GET", target, &[("Cookie", &cookie), ("Accept", accept)], b""));
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    let front = through("/", html);
    let asset = |end: &str| front.2.split('"').find(|text| text.starts_with('/') && text.ends_with(end)).unwrap();
    let mut pages = 0;
    for (target, accept) in [
        ("/", html),
        ("/live", html),
        ("/live?environment=production&only=wrong", html),
        ("/live?asOf=2026-01-01T00%3A00%3A00Z", html),
        ("/compare?from=staging&to=production", html),
        ("/deployments?service=checkout", html),
        ("/deployments/checkout-production-2.8.0", html),
        ("/deployments/not-there", html),
        (asset(".css"), "text/css"),
        (asset(".js"), "*/*"),
        ("/", "application/json"),
        ("/v1/live?environment=production", "application/json"),
        ("/v1/deployments/checkout-production-2.8.0/events", "application/json"),
        ("/v1/nothing", "application/json"),
        ("/v1/live?wrong=1", "application/json"),
        ("/healthz", "*/*"),
    ] {
        // Ages are in the page: between two looks at the server itself it must be one of them.
        let (before, seen, after) = (direct(target, accept), through(target, accept), direct(target, accept));
        let same_but_instance = |direct: &(u16, Vec<(String, String)>, String)| {
            direct.0 == seen.0
                && settled(&direct.2) == settled(&seen.2)
                && direct.1.iter().all(|header| header.0 == "etag" || seen.1.contains(header))
        };
        assert!(same_but_instance(&before) || same_but_instance(&after), "{target}:\n{before:?}\n{seen:?}");
        pages += usize::from(seen.2.starts_with("<!DOCTYPE html>"));
    }
    assert_eq!(pages, 8);
}

/// The body without what each request has of its own: the id of a problem, moments in a page's links, and how far
/// something is.
fn settled(body: &str) -> String {
    if let Ok(Value::Object(mut problem)) = serde_json::from_str::<Value>(body) {
        return if problem.remove("instance").is_some() { json!(problem).to_string() } else { body.to_owned() };
    }
    let mut settled = body.to_owned();
    for moves in ["knownAt=", "asOf=", "data-moves value=\""] {
        let is_of_it = |c: char| c.is_ascii_alphanumeric() || "-.%".contains(c);
        let parts = settled.split(moves).enumerate();
        let parts = parts.map(|(nth, part)| if nth == 0 { part } else { part.trim_start_matches(is_of_it) });
        settled = parts.collect::<Vec<_>>().join(moves);
    }
    settled
}

#[test]
fn what_a_browser_knows_already_is_not_sent_again() {
    let opened = Opened::at(demo());
    let cookie = opened.enter();
    let page = opened.page(&cookie, "/deployments/checkout-production-2.8.0");
    let tag = page.header("etag").unwrap();
    let headers = [("Cookie", cookie.as_str()), ("Accept", "text/html"), ("If-None-Match", tag)];
    let again = opened.ask("GET", "/deployments/checkout-production-2.8.0", &headers, b"");
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)));
}

#[test]
fn what_is_reported_through_it_is_recorded() {
    let opened = Opened::at(&empty());
    let cookie = opened.enter();
    let event = json!({"deploymentId": "through/open@1", "service": "a b", "environment": "staging", "version": "1",
        "status": "COMPLETED"});
    let sent = opened.write(&cookie, "/v1/events", "application/json", event.to_string().as_bytes());
    assert_eq!(sent.status, 201, "{}", sent.text());
    let page = opened.page(&cookie, "/deployments/through/open%401");
    assert!(page.status == 200 && page.text().contains("through/open@1"), "{}", page.text());
}

#[test]
fn a_server_that_needs_a_token_gets_it_and_the_browser_does_not() {
    let double = with_a_page();
    let shell = Shell::at(&double.url).with("DEPLOYMENT_STATUS_TOKEN", "a-secret-token");
    let opened = Opened::by(&shell, &["--auth", "token"]);
    let page = opened.page(&opened.enter(), "/live");
    assert_eq!(page.status, 200);
    assert_eq!(last(&double).headers["authorization"], "Bearer a-secret-token");
    assert!(!format!("{page:?}{}", opened.stop()).contains("a-secret-token"));
}
