//! Authentication: none on loopback, a bearer token, or AWS credentials; and the errors when it is not
//! accepted. A secret is never printed.

use std::collections::BTreeSet;

use axum::http::HeaderName;

use crate::called::Shell;
use crate::server::{Double, ReceivedRequest};

const LIVE: &str = r#"{"items":[{"service":"a","environment":"b","rollback":false}],"nextCursor":null}"#;
const SECRET: &str = "wJalrXUtnFEMI-a-secret";
const OF_ROLE: &str = "IQoJb3JpZ2lu-a-role-s-token";
const TOKEN: &str = "eyJhbGciOi-a-token";

/// A shell with every kind of credentials.
fn with_keys(url: &str) -> Shell {
    Shell::at(url)
        .with("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
        .with("AWS_SECRET_ACCESS_KEY", SECRET)
        .with("AWS_SESSION_TOKEN", OF_ROLE)
        .with("AWS_REGION", "eu-central-1")
        .with("DEPLOYMENT_STATUS_TOKEN", TOKEN)
}

/// Writes a file of the home's `.aws`.
fn write_aws(shell: &Shell, name: &str, text: &str) {
    let folder = shell.home.path().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

fn header<'a>(request: &'a ReceivedRequest, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

/// With which access key and for which region and service the only request was signed.
fn signed_by(double: &Double) -> String {
    let requests = double.requests();
    let signature = header(requests.last().unwrap(), "authorization").unwrap();
    let scope = signature.strip_prefix("AWS4-HMAC-SHA256 Credential=").unwrap().split(',').next().unwrap();
    let parts: Vec<&str> = scope.split('/').collect();
    assert_eq!(parts[4], "aws4_request");
    format!("{} {} {}", parts[0], parts[2], parts[3])
}

#[test]
fn loopback_needs_no_authentication_no_aws_and_no_proxy() {
    let double = Double::always(200, &[], LIVE);
    let port = double.url.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "api.localhost", "API.LocalHost"] {
        let shell = with_keys(&format!("http://{host}:{port}"))
            .with("HTTPS_PROXY", "http://127.0.0.1:1")
            .with("HTTP_PROXY", "http://127.0.0.1:1")
            .with("ALL_PROXY", "http://127.0.0.1:1")
            .with("SSL_CERT_FILE", "/nowhere/at/all");
        write_aws(&shell, "config", "[profile broken\nnothing of = this");
        shell.call(&["live", "-o", "json"]).succeeded();
        // The same file is read for a call to AWS.
        shell.call(&["live", "--auth", "iam", "--profile", "broken"]).failed(4);
    }
    let requests = double.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        let names: BTreeSet<&str> = request.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, BTreeSet::from(["accept", "host", "user-agent"]), "{request:?}");
    }
}

#[test]
fn iam_signs_even_on_loopback() {
    let double = Double::always(200, &[], LIVE);
    with_keys(&double.url).call(&["live", "--auth", "iam", "-o", "json"]).succeeded();
    assert_eq!(signed_by(&double), "AKIDENVIRONMENT eu-central-1 execute-api");
    let request = &double.requests()[0];
    assert_eq!(header(request, "x-amz-security-token"), Some(OF_ROLE));
    let signature = header(request, "authorization").unwrap();
    assert!(signature.contains("SignedHeaders=accept;host;x-amz-date;x-amz-security-token,"), "{signature}");
    assert!(!format!("{request:?}").contains(SECRET));
}

#[test]
fn the_region_is_that_of_the_flag_the_variable_the_file_or_the_profile() {
    let double = Double::always(200, &[], LIVE);
    let iam = |shell: Shell, flags: &[&str]| {
        let words = [&["live", "--auth", "iam", "-o", "json"], flags].concat();
        shell.call(&words).succeeded();
        signed_by(&double)
    };
    let keys = |shell: Shell| shell.with("AWS_ACCESS_KEY_ID", "AKID").with("AWS_SECRET_ACCESS_KEY", SECRET);
    let shell = || keys(Shell::at(&double.url));
    let regions = shell().with("AWS_REGION", "eu-west-1").with("AWS_DEFAULT_REGION", "eu-west-2");
    assert_eq!(iam(regions, &["--region", "eu-west-3"]), "AKID eu-west-3 execute-api");
    let regions = shell().with("AWS_REGION", "eu-west-1").with("AWS_DEFAULT_REGION", "eu-west-2");
    assert_eq!(iam(regions, &[]), "AKID eu-west-1 execute-api");
    assert_eq!(iam(shell().with("AWS_DEFAULT_REGION", "eu-west-2"), &[]), "AKID eu-west-2 execute-api");
    let of_profile = shell();
    write_aws(&of_profile, "config", "[default]\nregion = eu-north-1\n[profile other]\nregion = eu-south-1\n");
    assert_eq!(iam(of_profile, &[]), "AKID eu-north-1 execute-api");
    let of_profile = shell().with("AWS_PROFILE", "other");
    write_aws(&of_profile, "config", "[default]\nregion = eu-north-1\n[profile other]\nregion = eu-south-1\n");
    assert_eq!(iam(of_profile, &[]), "AKID eu-south-1 execute-api");
    let printed = shell().call(&["live", "--auth", "iam"]).failed(2);
    assert!(printed.contains("the AWS region is not known") && printed.contains("--region"), "{printed}");
}

#[test]
fn a_profile_that_the_call_names_comes_before_keys_in_the_environment_and_others_do_not() {
    let double = Double::always(200, &[], LIVE);
    let shell = |shell: Shell| {
        write_aws(&shell, "config", "[profile named]\nregion = eu-central-1\n");
        write_aws(&shell, "credentials", "[named]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n");
        shell
    };
    let call = |shell: &Shell, flags: &[&str]| {
        shell.call(&[&["live", "--auth", "iam", "-o", "json"], flags].concat()).succeeded();
        signed_by(&double)
    };
    let with_both = shell(with_keys(&double.url));
    assert_eq!(call(&with_both, &["--profile", "named"]), "AKIDPROFILE eu-central-1 execute-api");
    assert_eq!(call(&with_both, &[]), "AKIDENVIRONMENT eu-central-1 execute-api");
    let by_variable = shell(with_keys(&double.url).with("AWS_PROFILE", "named"));
    assert_eq!(call(&by_variable, &[]), "AKIDENVIRONMENT eu-central-1 execute-api");
    let by_file = shell(with_keys(&double.url));
    by_file.configure("profile = \"named\"");
    assert_eq!(call(&by_file, &[]), "AKIDENVIRONMENT eu-central-1 execute-api");
    // Without keys in the environment each of them names the profile.
    let by_file = shell(Shell::at(&double.url));
    by_file.configure("profile = \"named\"");
    assert_eq!(call(&by_file, &[]), "AKIDPROFILE eu-central-1 execute-api");
    assert_eq!(
        call(&shell(Shell::at(&double.url).with("AWS_PROFILE", "named")), &[]),
        "AKIDPROFILE eu-central-1 execute-api"
    );
}

/// A shell whose only profile has this program.
fn with_program(url: &str, program: &str) -> Shell {
    let shell = Shell::at(url).with("AWS_REGION", "eu-central-1").with("PATH", "/usr/bin:/bin");
    let path = shell.home.path().join("credentials.sh");
    std::fs::write(&path, program).unwrap();
    write_aws(&shell, "config", &format!("[profile vault]\ncredential_process = sh {}\n", path.display()));
    shell
}

#[test]
fn a_program_of_the_user_can_have_the_credentials() {
    let double = Double::always(200, &[], LIVE);
    let answer = |expiration: &str| {
        format!(
            r#"echo '{{"Version": 1, "AccessKeyId": "AKIDPROGRAM", "SecretAccessKey": "{SECRET}", "SessionToken": "{OF_ROLE}"{expiration}}}'"#
        )
    };
    let call = |program: &str, flags: &[&str]| {
        with_program(&double.url, program).call(&[&["live", "--auth", "iam", "--profile", "vault"], flags].concat())
    };
    assert_eq!(call(&answer(""), &["-o", "json"]).succeeded(), format!("{LIVE}\n"));
    assert_eq!(signed_by(&double), "AKIDPROGRAM eu-central-1 execute-api");

    let printed = call(&answer(r#", "Expiration": "2020-01-01T00:00:00Z""#), &[]).failed(4);
    assert!(printed.contains("expired") && printed.contains("`aws sso login --profile vault`"), "{printed}");

    let printed = call("printf 'no \\033[31mtoken\\nlog in first\\n' >&2; exit 3", &[]).failed(4);
    assert!(printed.contains(r"no \u{1b}[31mtoken") && printed.contains("\n  log in first\n"), "{printed}");

    let printed = call(&format!("echo '{{\"SecretAccessKey\": \"{SECRET}\"'"), &[]).failed(4);
    assert!(!printed.contains(SECRET), "{printed}");

    let printed = call("exec sleep 60", &["--timeout", "1s"]).failed(6);
    assert!(printed.contains("the provider of AWS credentials did not answer within 1s"), "{printed}");
    assert_eq!(double.requests().len(), 1, "there was no other request");
}

#[test]
fn a_profile_can_have_a_role() {
    let double = Double::always(200, &[], LIVE);
    let role = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>\
                <SecretAccessKey>x</SecretAccessKey><SessionToken>the role's</SessionToken>\
                <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let sts = Double::always(200, &[("content-type", "text/xml")], role);
    for by_flag in [true, false] {
        let shell = Shell::at(&double.url).with("AWS_ENDPOINT_URL", &sts.url);
        let arn = "arn:aws:iam::123456789012:role/reader";
        let roles = format!("[profile role]\nregion = eu-central-1\nrole_arn = {arn}\nsource_profile = user\n");
        write_aws(
            &shell,
            "config",
            &format!("{roles}[profile user]\naws_access_key_id = AKIDUSER\naws_secret_access_key = y\n"),
        );
        let words = ["live", "--auth", "iam", "-o", "json"];
        let called = if by_flag {
            shell.call(&[&words, &["--profile", "role"][..]].concat())
        } else {
            shell.with("AWS_PROFILE", "role").call(&words)
        };
        called.succeeded();
        assert_eq!(signed_by(&double), "AKIDROLE eu-central-1 execute-api");
        assert_eq!(header(double.requests().last().unwrap(), "x-amz-security-token"), Some("the role's"));
        assert!(header(sts.requests().last().unwrap(), "authorization").unwrap().contains("=AKIDUSER/"));
    }
    assert_eq!(sts.requests().len(), 2, "once per call");
}

#[test]
fn without_credentials_the_error_explains_how_to_get_some() {
    let double = Double::always(200, &[], LIVE);
    let shell = || Shell::at(&double.url).with("AWS_REGION", "eu-central-1");
    let printed = shell().call(&["live", "--auth", "iam"]).failed(4);
    assert_eq!(
        printed,
        "deployment-status: there are no AWS credentials\n  \
         Log in, for example with `aws sso login`, or choose another --profile.\n"
    );
    let printed = shell().call(&["live", "--auth", "iam", "--profile", "nope"]).failed(4);
    assert!(printed.starts_with("deployment-status: there are no AWS credentials in profile nope\n"), "{printed}");
    let printed = shell().with("AWS_PROFILE", "nope").call(&["live", "--auth", "iam"]).failed(4);
    assert!(printed.contains("neither in the environment nor in profile nope (variable AWS_PROFILE)"), "{printed}");
    assert!(double.requests().is_empty());
}

#[test]
fn a_token_is_sent_where_it_is_wanted_and_can_be_read_by_nobody_else() {
    let double = Double::always(200, &[], LIVE);
    with_keys(&double.url).call(&["live", "--auth", "token", "-o", "json"]).succeeded();
    let of_file = Shell::at(&double.url);
    of_file.configure(&format!("auth = \"token\"\ntoken = \"{TOKEN}\\n\""));
    of_file.call(&["live", "-o", "json"]).succeeded();
    let sent: Vec<ReceivedRequest> = double.requests();
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!([header(&sent[0], "authorization"), header(&sent[1], "authorization")], [Some(bearer.as_str()); 2]);

    let printed = with_keys("http://api.example.test").call(&["live", "--auth", "token"]).failed(2);
    assert!(printed.contains("the token is not sent to http://api.example.test"), "{printed}");
    let printed = Shell::at(&double.url).call(&["live", "--auth", "token"]).failed(2);
    assert!(printed.contains("no token is set") && printed.contains("DEPLOYMENT_STATUS_TOKEN"), "{printed}");
    let printed = Shell::at(&double.url).with("DEPLOYMENT_STATUS_TOKEN", "se\ncret").call(&["live", "--auth", "token"]);
    let printed = printed.failed(2);
    assert!(printed.contains("variable DEPLOYMENT_STATUS_TOKEN") && !printed.contains("cret"), "{printed}");
    assert_eq!(double.requests().len(), 2);
}

#[test]
fn a_token_in_the_file_is_not_shown_when_the_file_is_wrong() {
    for text in ["token = 7234567890", "token = \"abc7234567890", "tokens = \"7234567890\"", "token = [\"7234567890\"]"]
    {
        let shell = Shell::at("http://127.0.0.1:1");
        shell.configure(text);
        let printed = shell.call(&["live"]).failed(2);
        assert!(printed.contains("config.toml, line 1") && !printed.contains("7234567890"), "{printed}");
    }
}

#[test]
fn denied_access_names_the_credentials_and_never_the_secret() {
    const PROBLEM: &str =
        r#"{"type":"about:blank","title":"x","status":STATUS,"detail":"not \u001byours","instance":"i-1"}"#;
    let gateway = [
        (r#"{"message":"Forbidden"}"#, ": Forbidden\n"),
        (r#"{"Message":"User is not \u001bauthorized"}"#, ": User is not \\u{1b}authorized\n"),
        ("<html>no</html>", ")\n"),
        ("", ")\n"),
    ];
    for status in [401, 403] {
        let problem = PROBLEM.replace("STATUS", &status.to_string());
        for (body, says) in gateway.into_iter().chain([(problem.as_str(), "not \\u{1b}yours\n")]) {
            let double = Double::always(status, &[], body);
            for (auth, expected) in [
                ("none", "The request had no authentication."),
                ("token", "The request had the bearer token from variable DEPLOYMENT_STATUS_TOKEN."),
                (
                    "iam",
                    "The request was signed for eu-central-1 with the access key AKIDENVIRONMENT from the variable \
                     AWS_ACCESS_KEY_ID.",
                ),
            ] {
                let printed = with_keys(&double.url).call(&["live", "--auth", auth]).failed(4);
                assert!(printed.contains(says) && printed.contains(expected), "{body} {auth}: {printed}");
                assert!(![SECRET, OF_ROLE, TOKEN].iter().any(|secret| printed.contains(secret)), "{printed}");
            }
            assert_eq!(double.requests().len(), 3, "there is no retry");
        }
    }
}
