//! Requests to AWS are signed, and what is signed is what arrives.

use super::answering;
use crate::called::Shell;
use crate::opened::Opened;
use crate::server::Double;
use crate::signature::{Scope, verify};

const SCOPE: Scope<'static> =
    Scope { access_key: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "eu-central-1" };

fn opened(double: &Double) -> Opened {
    let shell = Shell::at(&double.url)
        .with("AWS_ACCESS_KEY_ID", SCOPE.access_key)
        .with("AWS_SECRET_ACCESS_KEY", SCOPE.secret)
        .with("AWS_SESSION_TOKEN", "of/a+role==")
        .with("AWS_REGION", SCOPE.region);
    Opened::by(&shell, &["--auth", "iam"])
}

#[test]
fn every_request_is_signed_as_it_arrives() {
    let double = answering((200, &[], "{}".to_owned()));
    let opened = opened(&double);
    let cookie = opened.enter();
    for (target, arrives) in [
        ("/", "/"),
        ("/live", "/live"),
        ("/services/a%2Fb%23c", "/services/a%2Fb%23c"),
        ("/services/%D7%A9%D7%9C%D7%95%D7%9D", "/services/%D7%A9%D7%9C%D7%95%D7%9D"),
        ("/deployments/github%3Aowner/repo%401.0", "/deployments/github%3Aowner/repo%401.0"),
        ("/deployments/github:owner/repo@1;x,!$&'()*", "/deployments/github:owner/repo@1;x,!$&'()*"),
        ("/deployments/a%20b%2520+", "/deployments/a%20b%2520+"),
        // Parameters have one form that all agree on.
        ("/live?environment=us%20east&only=wrong", "/live?environment=us%20east&only=wrong"),
        ("/live?filter=a+b&asOf=2026-03-01T12:00:00Z", "/live?filter=a%20b&asOf=2026-03-01T12%3A00%3A00Z"),
        ("/compare?to=b&from=a&to=a", "/compare?to=b&from=a&to=a"),
        ("/search?q=%D7%A9/%2b&wall", "/search?q=%D7%A9%2F%2B&wall="),
    ] {
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Accept", "text/html,  */*;q=0.8"),
            ("Accept-Encoding", "gzip"),
            ("If-None-Match", "\"a\", \"b\""),
            ("Authorization", "Bearer of-another"),
        ];
        assert_eq!(opened.ask("GET", target, &headers, b"").status, 200, "{target}");
        let request = double.requests().pop().unwrap();
        assert_eq!(request.uri, arrives);
        assert_eq!(verify(&request, &SCOPE), Ok(()), "{target}");
        assert_eq!(request.headers["x-amz-security-token"], "of/a+role==");
        let signed = request.headers["authorization"].to_str().unwrap();
        assert!(signed.contains("if-none-match") && signed.contains("x-amz-security-token"), "{signed}");
        assert!(!signed.contains("accept-encoding"), "{signed}");
    }
    let form = "service=größe&notes=a+b%0D%0A".as_bytes();
    assert_eq!(opened.write(&cookie, "/record", "application/x-www-form-urlencoded", form).status, 200);
    let request = double.requests().pop().unwrap();
    assert_eq!((&request.body[..], verify(&request, &SCOPE)), (form, Ok(())));
    let not_utf8 = opened.page(&cookie, "/search?q=%FF");
    assert!(not_utf8.status == 400 && not_utf8.text().contains("UTF-8"), "{not_utf8:?}");
    assert!(!opened.stop().contains(SCOPE.secret));
}
