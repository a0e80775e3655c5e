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
