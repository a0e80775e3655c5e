//! Whom a request is for, and from which page.

use local::listener::{Admission, Limits};

use super::{Opened, header, status};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_must_be_for_this_machine_in_every_form() {
    let listener = Opened::usual().await;
    for (target, head, expected) in [
        ("/healthz", "Host: localhost\r\n", 200),
        ("/healthz", "Host: LOCALHOST:9000\r\n", 200),
        ("/healthz", "Host: [::1]:9000\r\n", 200),
        ("http://localhost/healthz", "Host: localhost:80\r\n", 200),
        ("/healthz", "", 400),
        ("/healthz", "Host:\r\n", 400),
        ("/healthz", "Host: localhost\r\nHost: localhost\r\n", 400),
        ("/healthz", "Host: evil.example\r\n", 403),
        ("/healthz", "Host: localhost.evil.example\r\n", 403),
        ("/local/metrics", "Host: evil.example\r\n", 403),
        ("http://evil.example/healthz", "Host: localhost\r\n", 400),
        ("http://localhost@evil.example/healthz", "Host: localhost\r\n", 400),
        ("http://localhost:1/healthz", "Host: localhost:2\r\n", 400),
        ("http://evil.example/healthz", "Host: evil.example\r\n", 403),
    ] {
        assert_eq!(listener.status(target, head).await, expected, "{target} {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_may_stand_around_a_host() {
    let listener = Opened::usual().await;
    for (host, expected) in [
        ("127.0.0.1:9000", 200),
        ("[0:0::1]", 200),
        ("localhost.", 403),
        ("127.0.0.2", 403),
        ("127.1", 403),
        ("[::2]:9000", 403),
        ("0.0.0.0", 403),
        (":80", 400),
        ("localhost:", 400),
        ("localhost:x", 400),
        ("localhost:0", 400),
        ("localhost:+80", 400),
        ("localhost:65536", 400),
        ("localhost:80:80", 400),
        ("localhost:9000.evil.example", 400),
        ("localhost/evil.example", 400),
        ("localhost,evil.example", 400),
        ("evil.example@localhost", 400),
        ("local host", 400),
        ("[::1", 400),
        ("[::1]x", 400),
        ("[::1]:", 400),
        ("[127.0.0.1]", 400),
        ("::1", 400),
    ] {
        assert_eq!(listener.status("/healthz", &format!("Host: {host}\r\n")).await, expected, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_a_page_is_of_the_host_that_the_browser_knows() {
    let listener =
        Opened::with(Limits::default(), Admission { loopback_only: false, ..Admission::default() }, None).await;
    let of = async |host: &str, origin: &str| {
        listener.status("/healthz", &format!("Host: {host}\r\nOrigin: {origin}\r\n")).await
    };
    assert_eq!(of("deployments.example.com", "https://deployments.example.com").await, 200);
    assert_eq!(of("deployments.example.com:443", "https://Deployments.example.com").await, 200);
    assert_eq!(of("deployments.example.com", "https://deployments.example.com:8443").await, 403);
    assert_eq!(of("deployments.example.com", "https://example.com").await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_is_refused_on_every_route() {
    let listener = Opened::usual().await;
    let host = format!("Host: {}\r\n", listener.address);
    for path in ["/healthz", "/v1/live", "/local/metrics", "/nowhere"] {
        for foreign in [
            "Origin: http://evil.example",
            "oRiGiN: HTTP://EVIL.example",
            "Origin: null",
            "Origin: http://localhost:3000",
            "Origin: http://localhost",
            "Origin: localhost",
            "Origin:",
            "Sec-Fetch-Site:",
            "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: cross-site",
            "sEc-FeTcH-sItE: Same-Site",
        ] {
            assert_eq!(listener.status(path, &format!("{host}{foreign}\r\n")).await, 403, "{path} {foreign}");
        }
    }
    let own = format!("{host}Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", listener.address);
    assert_eq!(listener.status("/v1/live", &own).await, 200);
}

/// What a browser says of a request that a page of another site made, by who follows or sends what.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_another_site_leads_to_a_page_and_to_nothing_else() {
    let listener = Opened::usual().await;
    let pages = ["/", "/live", "/deployments", "/record", "/login"];
    let page = listener.answer("GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let style = page.split('"').find(|text| text.starts_with("/assets/") && text.contains(".css")).unwrap();
    let others = ["/healthz", "/v1/live", "/openapi.json", "/local/metrics", style, "/nowhere"];
    let link = [("Site", "cross-site"), ("Mode", "navigate"), ("Dest", "document")];
    let asked = async |method: &str, path: &str, said: &[(&str, &str)], more: &str| {
        let said: Vec<String> = said.iter().map(|(name, value)| format!("Sec-Fetch-{name}: {value}\r\n")).collect();
        let said = said.concat();
        let head = format!("Host: localhost\r\nAccept: text/html\r\n{said}{more}Connection: close\r\n");
        let answer = listener.answer(&format!("{method} {path} HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n")).await;
        status(&answer)
    };
    for path in pages {
        let itself = asked("GET", path, &[], "").await;
        assert_ne!(itself, 403, "{path}");
        assert_eq!(asked("GET", path, &link, "").await, itself, "{path}");
    }
    for path in others {
        assert_eq!(asked("GET", path, &link, "").await, 403, "{path}");
    }
    for site in ["cross-site", "same-site", "Cross-Site", "other"] {
        for mode in ["navigate", "no-cors", "cors", "same-origin", "websocket", ""] {
            for dest in ["document", "empty", "iframe", "frame", "embed", "object", "image", "script", ""] {
                let is_link = site != "other" && mode == "navigate" && dest == "document";
                let expected = if is_link { 200 } else { 403 };
                let said = [("Site", site), ("Mode", mode), ("Dest", dest)];
                assert_eq!(asked("GET", "/live", &said, "").await, expected, "{site} {mode} {dest}");
                assert_eq!(asked("GET", "/v1/live", &said, "").await, 403, "{site} {mode} {dest}");
            }
        }
    }
    // Each that is missing or said twice, an origin, and a form that is sent.
    for missing in [1, 2] {
        let said: Vec<_> = link.iter().enumerate().filter(|(nth, _)| *nth != missing).map(|(_, said)| *said).collect();
        assert_eq!(asked("GET", "/live", &said, "").await, 403, "without {}", link[missing].0);
    }
    for twice in link {
        let said = [link.as_slice(), &[twice]].concat();
        assert_eq!(asked("GET", "/live", &said, "").await, 403, "twice {}", twice.0);
    }
    for origin in ["https://evil.example", "null", "http://localhost"] {
        let expected = if origin == "http://localhost" { 200 } else { 403 };
        let more = format!("Origin: {origin}\r\n");
        assert_eq!(asked("GET", "/live", &[("Site", "none")], &more).await, expected, "{origin}");
        assert_eq!(asked("GET", "/live", &link, &more).await, 403, "{origin}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(asked(method, "/record", &link, "").await, 403, "{method}");
        assert_eq!(asked(method, "/login", &link, "").await, 403, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_what_get_has_without_its_body() {
    let listener = Opened::usual().await;
    for path in ["/v1/live", "/openapi.json", "/local/metrics", "/nowhere"] {
        let of = async |method: &str| {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            listener.answer(&request).await
        };
        let (get, head) = (of("GET").await, of("HEAD").await);
        assert_eq!(status(&head), status(&get), "{path}");
        assert_eq!(header(&head, "content-type"), header(&get, "content-type"));
        let (get_head, body) = get.split_once("\r\n\r\n").unwrap();
        assert!(!get_head.is_empty() && header(&head, "content-length") == Some(&body.len().to_string()), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }
}
