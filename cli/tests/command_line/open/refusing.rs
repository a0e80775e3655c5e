//! Requests that are refused. None of them reaches the server.

use super::with_a_page;
use crate::opened::{Answer, Opened};
use crate::server::Double;

/// What was asked of the server, without the question whether it is well.
fn reached(double: &Double) -> usize {
    double.requests().iter().filter(|request| request.uri.path() != "/healthz").count()
}

#[test]
fn without_the_cookie_nothing_is_answered_and_it_is_said_what_to_do() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let page = opened.ask("GET", "/live", &[("Accept", "text/html")], b"");
    assert_eq!((page.status, page.header("content-type")), (403, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("Open that address, or run `deployment-status open` again."), "{page:?}");
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{page:?}");

    let cookie = opened.enter();
    let (name, value) = cookie.split_once('=').unwrap();
    let other = format!("deployment-status-{}={value}", opened.port ^ 1);
    for wrong in [
        String::new(),
        format!("{name}="),
        format!("{name}={}", &value[1..]),
        format!("{name}={value}0"),
        format!("{name}={}", value.to_uppercase()),
        other,
        format!("a{name}={value}"),
        value.to_owned(),
    ] {
        for (method, target) in [("GET", "/live"), ("GET", "/v1/live"), ("HEAD", "/"), ("GET", "/assets/x.css")] {
            let refused = opened.ask(method, target, &[("Cookie", &wrong)], b"");
            assert_eq!(refused.status, 403, "{wrong} {target}");
        }
    }
    let problem = opened.ask("GET", "/v1/live", &[], b"");
    let problem: serde_json::Value = serde_json::from_slice(&problem.body).unwrap();
    assert_eq!((&problem["status"], &problem["title"]), (&403.into(), &"Forbidden".into()));
    assert!(problem["detail"].as_str().unwrap().contains("Run `deployment-status open` again"), "{problem}");
    assert_eq!(reached(&double), 0);

    // Among the cookies of other servers of this machine it is found.
    let among = format!("a=b; {cookie}; deployment-status-1=x");
    assert_eq!(opened.page(&among, "/live").status, 200);
    assert_eq!(reached(&double), 1);
}

#[test]
fn a_request_for_another_host_is_refused() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    let port = opened.port;
    let ask = |target: &str, hosts: &[&str]| -> Answer {
        let mut headers: Vec<(&str, &str)> = hosts.iter().map(|host| ("Host", *host)).collect();
        headers.push(("Cookie", &cookie));
        opened.ask_exactly("GET", target, &headers, b"")
    };
    let own = format!("127.0.0.1:{port}");
    for foreign in [
        "127.0.0.1",
        "localhost",
        "127.0.0.1:80",
        &format!("evil.example:{port}"),
        &format!("127.0.0.1.evil.example:{port}"),
        &format!("evil.example@127.0.0.1:{port}"),
        &format!("[::1]:{port}"),
        &format!("0.0.0.0:{port}"),
        &format!("127.0.0.1:{port} "),
        &format!("127.0.0.2:{port}"),
        "",
    ] {
        let refused = ask("/live", &[foreign]);
        // Spaces around a header's value are not part of it.
        let expected = if foreign.trim() == own { 200 } else { 421 };
        assert_eq!(refused.status, expected, "{foreign}: {refused:?}");
    }
    let before = reached(&double);
    assert_eq!(ask("/live", &[]).status, 400, "no Host");
    assert_eq!(ask("/live", &[&own, &own]).status, 400, "two Hosts");
    assert_eq!(ask("/live", &[&own, "evil.example"]).status, 400);
    assert_eq!(ask("http://evil.example/live", &[&own]).status, 400, "an address that is not that of Host");
    assert_eq!(reached(&double), before);
    assert_eq!(ask("/live", &[&format!("LocalHost:{port}")]).status, 200);
    assert_eq!(ask(&format!("http://{own}/live"), &[&own]).status, 200);
}

#[test]
fn a_write_must_come_from_a_page_from_here() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    let own = opened.origin();
    let localhost = format!("http://localhost:{}", opened.port);
    let other_port = format!("http://127.0.0.1:{}", opened.port ^ 1);
    let https = own.replace("http", "https");
    let post = |method: &str, headers: &[(&str, &str)]| {
        let headers = [&[("Cookie", cookie.as_str())], headers].concat();
        opened.ask(method, "/record", &headers, b"a=1").status
    };
    for method in ["POST", "PUT"] {
        assert_eq!(post(method, &[]), 403, "both are missing");
        assert_eq!(post(method, &[("Origin", &own)]), 403, "Sec-Fetch-Site is missing");
        assert_eq!(post(method, &[("Sec-Fetch-Site", "same-origin")]), 403, "Origin is missing");
        for origin in ["null", "", "http://evil.example", &other_port, &https, &localhost, &format!("{own}/")] {
            assert_eq!(post(method, &[("Origin", origin), ("Sec-Fetch-Site", "same-origin")]), 403, "{origin}");
        }
        for site in ["same-site", "cross-site", "none", "", "same-origin, none"] {
            assert_eq!(post(method, &[("Origin", &own), ("Sec-Fetch-Site", site)]), 403, "{site}");
        }
        let twice = [("Origin", own.as_str()), ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "same-origin")];
        assert_eq!(post(method, &twice), 403);
    }
    assert_eq!(reached(&double), 0);
    for method in ["POST", "PUT"] {
        assert_eq!(post(method, &[("Origin", &own), ("Sec-Fetch-Site", "same-origin")]), 200);
    }
    // What only reads needs neither, but may not come from elsewhere.
    for (headers, status) in [
        (vec![], 200),
        (vec![("Sec-Fetch-Site", "none")], 200),
        (vec![("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")], 200),
        (vec![("Sec-Fetch-Site", "same-site")], 403),
        (vec![("Sec-Fetch-Site", "cross-site")], 403),
        (vec![("Origin", other_port.as_str())], 403),
    ] {
        assert_eq!(
            opened.ask("GET", "/live", &[&[("Cookie", cookie.as_str())], &headers[..]].concat(), b"").status,
            status
        );
    }
}

#[test]
fn no_tunnel_and_no_other_protocol_is_opened() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let cookie = opened.enter();
    let cookies = [("Cookie", cookie.as_str())];
    for (method, target) in [("CONNECT", "example.com:443"), ("DELETE", "/live"), ("TRACE", "/"), ("OPTIONS", "*")] {
        let refused = opened.ask(method, target, &cookies, b"");
        assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD, POST, PUT")), "{method}");
    }
    let upgrade = [("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"), cookies[0]];
    assert_eq!(opened.ask("GET", "/live", &upgrade, b"").status, 400);
    assert_eq!(opened.ask("GET", "/live", &upgrade[1..], b"").status, 400);
    assert_eq!(reached(&double), 0);
}
