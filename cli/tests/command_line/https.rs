//! HTTPS: a private certificate authority can be trusted, an unknown one is not; and a proxy is used.

use crate::called::Shell;
use crate::server::Double;
use crate::wire::{Https, Proxy, Raw};

const LIVE: &str = r#"{"items":[{"service":"a","environment":"b","rollback":false}],"nextCursor":null}"#;

/// A shell that trusts this authority, without authentication.
fn trusting(https: &Https, url: &str) -> Shell {
    let shell = Shell::at(url).with("DEPLOYMENT_STATUS_AUTH", "none");
    let file = shell.home.path().join("authority.pem");
    std::fs::write(&file, &https.authority).unwrap();
    let file = file.display().to_string();
    shell.with("SSL_CERT_FILE", &file)
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named_and_no_unknown_one() {
    let double = Double::always(200, &[], LIVE);
    let https = Https::of("localhost", &double.url);
    let url = format!("https://localhost:{}", https.address.port());
    trusting(&https, &url).call(&["live"]).succeeded();
    assert_eq!(double.requests().len(), 1);

    let other = Https::of("localhost", &double.url);
    let printed = trusting(&other, &url).call(&["live"]).failed(1);
    assert_eq!(
        printed,
        format!(
            "deployment-status: can't reach {url}: invalid peer certificate: UnknownIssuer\n  The server does not use \
             TLS, or its certificate is not trusted on this machine. SSL_CERT_FILE names a file of trusted certificates.\n"
        )
    );
    // The right authority, and another name.
    let printed = trusting(&https, &url.replace("localhost", "127.0.0.1")).call(&["live"]).failed(1);
    assert!(printed.contains("invalid peer certificate: certificate not valid for name \"127.0.0.1\""), "{printed}");
    assert_eq!(printed.lines().count(), 2, "it is not tried again: {printed}");
    // A file that is none.
    let printed = trusting(&https, &url).with("SSL_CERT_FILE", "/nowhere/at/all").call(&["live"]).failed(1);
    assert!(printed.contains(&format!("can't reach {url}: ")), "{printed}");
    assert_eq!(double.requests().len(), 1);
}

#[test]
fn requests_go_through_the_proxy_of_the_environment() {
    let double = Double::always(200, &[], LIVE);
    let https = Https::of("api.example.test", &double.url);
    let shell = || trusting(&https, "https://api.example.test");
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy = Proxy::to(https.address);
        shell().with(variable, &proxy.url).call(&["live"]).succeeded();
        assert_eq!(proxy.requests(), ["CONNECT api.example.test:443 HTTP/1.1"]);

        let printed =
            shell().with(variable, &proxy.url).with("NO_PROXY", "other,.example.test").call(&["live"]).failed(1);
        assert!(printed.contains("failed to lookup address information"), "{printed}");
        assert_eq!(proxy.requests().len(), 1);
    }
    assert_eq!(double.requests().len(), 3);

    let refusing = Double::always(407, &[], "who are you?");
    let printed = shell().with("HTTPS_PROXY", &refusing.url).call(&["live"]).failed(1);
    assert!(
        printed.contains("the proxy rejects the connection: ") && printed.contains("NO_PROXY choose the proxy"),
        "{printed}"
    );
    let printed = shell().with("HTTPS_PROXY", "http://127.0.0.1:1").call(&["live"]).failed(1);
    assert!(printed.contains("can't reach https://api.example.test: Connection refused"), "{printed}");
    let printed = shell().with("ALL_PROXY", "socks5h://127.0.0.1:1").call(&["live"]).failed(1);
    assert!(printed.contains("can't reach https://api.example.test: "), "{printed}");
}

#[test]
fn aws_is_called_through_the_same_proxy_with_the_same_trusted_certificates() {
    let api = Double::always(200, &[], LIVE);
    let answer = serde_json::json!({"Parameter": {"Name": "/x", "Value": api.url}}).to_string();
    let ssm = Double::always(200, &[("content-type", "application/x-amz-json-1.1")], &answer);
    let https = Https::of("ssm.eu-central-1.amazonaws.com", &ssm.url);
    let shell = |proxy: &Proxy| {
        trusting(&https, "")
            .with("HTTPS_PROXY", &proxy.url)
            .with("AWS_ACCESS_KEY_ID", "AKID")
            .with("AWS_SECRET_ACCESS_KEY", "x")
            .with("AWS_REGION", "eu-central-1")
    };
    let proxy = Proxy::to(https.address);
    shell(&proxy).call(&["live"]).succeeded();
    assert_eq!(proxy.requests(), ["CONNECT ssm.eu-central-1.amazonaws.com:443 HTTP/1.1"]);
    assert_eq!((ssm.requests().len(), api.requests().len()), (1, 1));

    let other = Https::of("ssm.eu-central-1.amazonaws.com", &ssm.url);
    let printed = shell(&Proxy::to(other.address)).call(&["live"]).failed(1);
    assert!(printed.contains("invalid peer certificate: UnknownIssuer"), "{printed}");
    let printed = shell(&proxy).with("SSL_CERT_FILE", "/nowhere/at/all").call(&["live"]).failed(1);
    assert!(printed.contains("can't be read: "), "{printed}");
    let requests = proxy.requests().len();
    // Plain http is for this machine only: it needs no proxy.
    let plain = shell(&proxy).with("AWS_ENDPOINT_URL", &ssm.url).with("ALL_PROXY", &proxy.url);
    plain.with("HTTP_PROXY", &proxy.url).call(&["live", "--stack", "plain"]).succeeded();
    assert_eq!((proxy.requests().len(), ssm.requests().len()), (requests, 2));
    // A name that leads nowhere but through the proxy, which is not for it.
    let excepted = shell(&proxy).with("AWS_ENDPOINT_URL", "https://ssm.invalid").with("NO_PROXY", ".invalid");
    assert_eq!(excepted.with("AWS_MAX_ATTEMPTS", "1").call(&["live"]).code, 1);
    assert_eq!((proxy.requests().len(), ssm.requests().len()), (requests, 2));
}

#[test]
fn requests_to_the_gateway_are_signed_for_its_own_region() {
    let double = Double::always(200, &[], LIVE);
    let https = Https::of("abc.execute-api.eu-west-1.amazonaws.com", &double.url);
    let proxy = Proxy::to(https.address);
    let shell = || {
        trusting(&https, "https://abc.execute-api.eu-west-1.amazonaws.com/stage/")
            .with("DEPLOYMENT_STATUS_AUTH", "")
            .with("HTTPS_PROXY", &proxy.url)
            .with("AWS_ACCESS_KEY_ID", "AKID")
            .with("AWS_SECRET_ACCESS_KEY", "x")
    };
    let last = || double.requests().last().unwrap().clone();
    // The address names the region: no other source is needed.
    let metadata = Raw::answering(|_| None);
    let on_a_machine = shell().with("AWS_EC2_METADATA_DISABLED", "false");
    on_a_machine.with("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url).call(&["live"]).succeeded();
    assert_eq!(metadata.connections(), 0);
    assert!(last().headers["authorization"].to_str().unwrap().contains("/eu-west-1/execute-api/aws4_request"));
    assert_eq!(last().headers["host"], "abc.execute-api.eu-west-1.amazonaws.com");
    assert_eq!(last().uri, "/stage/v1/live?difference=true&active=true&verdict=true&limit=100");
    shell().with("AWS_REGION", "us-east-1").call(&["live"]).succeeded();
    assert!(last().headers["authorization"].to_str().unwrap().contains("/eu-west-1/execute-api/aws4_request"));

    shell().with("DEPLOYMENT_STATUS_TOKEN", "abc").call(&["live"]).succeeded();
    assert_eq!(last().headers["authorization"], "Bearer abc");
    shell().with("DEPLOYMENT_STATUS_TOKEN", "abc").call(&["live", "--auth", "iam"]).succeeded();
    assert!(last().headers["authorization"].to_str().unwrap().starts_with("AWS4-HMAC-SHA256 "));
    shell().call(&["live", "--auth", "none"]).succeeded();
    assert!(!last().headers.contains_key("authorization"));
}
