//! The API's address: from a flag, a variable or the config file, else from the deployed stack's parameter,
//! which is cached.

use std::path::PathBuf;
use std::time::Duration;

use crate::called::Shell;
use crate::server::{Double, ReceivedRequest};
use crate::wire::Raw;

const LIVE: &str = r#"{"items":[{"service":"a","environment":"b","rollback":false}],"nextCursor":null}"#;
const JSON: &[(&str, &str)] = &[("content-type", "application/x-amz-json-1.1")];

fn api() -> Double {
    Double::always(200, &[], LIVE)
}

/// Systems Manager, whose parameter has this value each time in turn, and then the last.
fn systems_manager(values: &[&str]) -> Double {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    Double::answering(move |before, _| {
        let value = values.get(before).or(values.last()).unwrap();
        let answer = serde_json::json!({"Parameter": {"Name": "/x", "Type": "String", "Value": value, "Version": 1}});
        (200, JSON, answer.to_string())
    })
}

/// A shell in which AWS is this server.
fn in_account(systems_manager: &Double) -> Shell {
    Shell::empty()
        .with("AWS_ENDPOINT_URL", &systems_manager.url)
        .with("AWS_ACCESS_KEY_ID", "AKID")
        .with("AWS_SECRET_ACCESS_KEY", "secret")
        .with("AWS_REGION", "eu-central-1")
}

fn parameter_of(request: &ReceivedRequest) -> String {
    assert_eq!(request.headers["x-amz-target"], "AmazonSSM.GetParameter");
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    body["Name"].as_str().unwrap().to_owned()
}

/// The files of the cache.
fn cached(shell: &Shell) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(shell.home.path().join(".cache/deployment-status"));
    folder.map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

#[test]
fn a_flag_comes_before_a_variable_before_the_file_before_the_stack() {
    let (flag, variable, file, stack) = (api(), api(), api(), api());
    let counts = || [&flag, &variable, &file, &stack].map(|double| double.requests().len());
    let ssm = systems_manager(&[&stack.url]);

    let shell = in_account(&ssm).with("DEPLOYMENT_STATUS_URL", &variable.url);
    shell.configure(&format!("url = \"{}\"", file.url));
    shell.call(&["live", "--url", &flag.url]).succeeded();
    assert_eq!(counts(), [1, 0, 0, 0]);
    shell.call(&["live"]).succeeded();
    assert_eq!(counts(), [1, 1, 0, 0]);
    shell.with("DEPLOYMENT_STATUS_URL", "").call(&["live"]).succeeded();
    assert_eq!(counts(), [1, 1, 1, 0], "an empty variable is one that is not set");
    let elsewhere = in_account(&ssm);
    let path = elsewhere.home.path().join("other.toml");
    std::fs::write(&path, format!("url = \"{}\"", file.url)).unwrap();
    elsewhere.with("DEPLOYMENT_STATUS_CONFIG", &path.display().to_string()).call(&["live"]).succeeded();
    assert_eq!(counts(), [1, 1, 2, 0]);
    assert!(ssm.requests().is_empty());

    in_account(&ssm).call(&["live"]).succeeded();
    assert_eq!(counts(), [1, 1, 2, 1]);
}

#[test]
fn the_stack_s_parameter_is_read_once_an_hour() {
    let api = api();
    let ssm = systems_manager(&[&api.url]);
    let shell = in_account(&ssm);
    for timeout in ["400000000000 years", "1m", "5s"] {
        shell.call(&["live", "--timeout", timeout]).succeeded();
    }
    assert_eq!((api.requests().len(), ssm.requests().len()), (3, 1));
    assert_eq!(parameter_of(&ssm.requests()[0]), "/deployment-status/api-url");
    assert!(ssm.requests()[0].headers["authorization"].to_str().unwrap().contains("/eu-central-1/ssm/aws4_request"));

    // Another stack, profile, region or account can have another API.
    shell.call(&["live", "--stack", "other"]).succeeded();
    shell.call(&["live", "--region", "eu-west-1"]).succeeded();
    shell.with("AWS_ACCESS_KEY_ID", "AKIDOTHER").call(&["live"]).succeeded();
    assert_eq!((api.requests().len(), ssm.requests().len()), (6, 4));
    assert_eq!(parameter_of(&ssm.requests()[1]), "/other/api-url");
}

#[test]
fn what_is_remembered_is_forgotten_with_time() {
    let api = api();
    let ssm = systems_manager(&[&api.url]);
    let shell = in_account(&ssm);
    shell.call(&["live"]).succeeded();
    let [file] = cached(&shell).try_into().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.ends_with(&format!("\n{}", api.url)) && !text.contains("AKID"), "{text}");
    let file = std::fs::File::options().write(true).open(&file).unwrap();
    let an_hour_ago = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(3601);
    file.set_modified(an_hour_ago).unwrap();
    shell.call(&["live"]).succeeded();
    assert_eq!(ssm.requests().len(), 2);
    shell.call(&["live"]).succeeded();
    assert_eq!(ssm.requests().len(), 2);
}

#[test]
fn an_api_that_moved_is_looked_up_anew_at_once() {
    let gone = [
        ("nobody is there", "http://127.0.0.1:1".to_owned()),
        ("another site", Double::always(200, &[], "<html>").url),
        ("the gateway of a deleted API", Double::always(403, &[], r#"{"message":"Forbidden"}"#).url),
        ("another API", Double::always(404, &[], r#"{"message":"Not Found"}"#).url),
        ("something else", Raw::always("220 smtp ready\r\n").url),
    ];
    for (what, old) in gone {
        let api = api();
        let ssm = systems_manager(&[&old, &api.url]);
        let shell = in_account(&ssm);
        // The first call, by which the old address is remembered.
        assert_ne!(shell.call(&["live"]).code, 0, "{what}");
        assert_eq!((ssm.requests().len(), cached(&shell).len()), (1, 1), "{what}");
        let called = shell.call(&["live"]);
        let printed = format!("the API is no longer at {old}; trying its new address {}\n", api.url);
        assert_eq!((called.code, called.stderr), (0, printed), "{what}");
        shell.call(&["live"]).succeeded();
        assert_eq!((ssm.requests().len(), api.requests().len()), (2, 2), "{what}");
    }
}

#[test]
fn an_api_that_is_still_there_says_what_is_wrong_with_it() {
    let api = Double::always(403, &[], r#"{"message":"Forbidden"}"#);
    let ssm = systems_manager(&[&api.url]);
    let shell = in_account(&ssm);
    let first = shell.call(&["live"]).failed(4);
    assert_eq!(shell.call(&["live"]).failed(4), first);
    assert_eq!((api.requests().len(), ssm.requests().len()), (2, 2));
    // Without AWS what failed first is what is printed.
    let printed = shell.with("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1").call(&["live"]);
    assert_eq!(printed.code, 1);
}

#[test]
fn a_cache_that_is_broken_foreign_or_can_not_be_written_is_no_matter() {
    let api = api();
    let ssm = systems_manager(&[&api.url]);
    let shell = in_account(&ssm);
    shell.call(&["live"]).succeeded();
    let [file] = cached(&shell).try_into().unwrap();
    let good = std::fs::read(&file).unwrap();
    let first_line = good.split_inclusive(|byte| *byte == b'\n').next().unwrap();
    let mut request = 1;
    let broken: [&[u8]; 7] = [
        b"",
        b"\n",
        b"\xff\xfe",
        b"http://127.0.0.1:1",
        b"of another key\nhttp://127.0.0.1:1",
        &[first_line, b"nonsense"].concat(),
        &[first_line, b"ftp://x"].concat(),
    ];
    for broken in broken {
        std::fs::write(&file, broken).unwrap();
        shell.call(&["live"]).succeeded();
        request += 1;
        assert_eq!(ssm.requests().len(), request, "{broken:?}");
        assert_eq!(std::fs::read(&file).unwrap(), good, "the cache is written again");
    }
    // A folder in the file's place, a file in the folder's, a pipe that nobody writes to.
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    shell.call(&["live"]).succeeded();
    assert_eq!(cached(&shell), std::slice::from_ref(&file), "nothing is left beside it");
    std::fs::remove_dir(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    shell.call(&["live"]).succeeded();
    let folder = file.parent().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    std::fs::write(folder, "").unwrap();
    shell.call(&["live"]).succeeded();
    shell.with("HOME", "/nowhere/at/all").call(&["live"]).succeeded();
}

#[test]
fn without_an_address_the_error_explains_how_to_set_one() {
    let how = "  No setting has the API's address, so it is looked up in the parameter /deployment-status/api-url.\n  \
               Set the address: --url URL, the variable DEPLOYMENT_STATUS_URL, or `url = \"…\"` in the config file.\n  \
               Or set the stack: --stack NAME, with --profile and --region.\n  \
               To try it on this machine: `cargo run -p local`, and --url http://127.0.0.1:9000\n";
    let printed = Shell::empty().call(&["live"]).failed(2);
    assert_eq!(
        printed,
        format!("deployment-status: the AWS region is not known, so the API's address can't be looked up\n{how}")
    );
    let printed = Shell::empty().with("AWS_REGION", "eu-central-1").call(&["live"]).failed(2);
    assert_eq!(printed, format!("deployment-status: there are no AWS credentials to look up the API's address\n{how}"));

    let refused = |body: &str| {
        let ssm = Double::always(400, JSON, body);
        in_account(&ssm).call(&["live"])
    };
    let printed = refused(r#"{"__type":"ParameterNotFound"}"#).failed(2);
    assert_eq!(
        printed,
        format!(
            "deployment-status: there is no parameter /deployment-status/api-url in eu-central-1\n  \
             The access key is AKID from the variable AWS_ACCESS_KEY_ID.\n{how}"
        )
    );
    let printed = refused(r#"{"__type":"AccessDeniedException","message":"User \u001bx is not authorized"}"#).failed(4);
    assert!(printed.contains(r"can't be read: AccessDeniedException: User \u{1b}x is not authorized"), "{printed}");
    assert!(printed.contains("The access key is AKID ") && printed.ends_with(how), "{printed}");

    // A machine without a metadata service, and one that says nothing.
    let silent = Raw::answering(|_| None);
    for service in ["http://127.0.0.1:1", &silent.url] {
        let shell = Shell::empty().with("AWS_EC2_METADATA_DISABLED", "false").with("AWS_REGION", "eu-central-1");
        let called = shell.with("AWS_EC2_METADATA_SERVICE_ENDPOINT", service).call(&["live"]);
        assert!([2, 4].contains(&called.code) && called.stderr.ends_with(how), "{called:?}");
    }
    assert!(silent.connections() < 5, "{}", silent.connections());
    let shell = in_account(&systems_manager(&[""])).with("AWS_ENDPOINT_URL", &silent.url);
    let printed = shell.call(&["live", "--timeout", "1s"]).failed(6);
    assert!(printed.contains("AWS Systems Manager did not answer within 1s"), "{printed}");
    let printed = shell.with("AWS_MAX_ATTEMPTS", "1").call(&["live", "--timeout", "1s"]).failed(6);
    assert!(printed.contains("/api-url in eu-central-1 can't be read: timeout"), "{printed}");
    let nobody =
        in_account(&systems_manager(&[""])).with("AWS_ENDPOINT_URL", "http://127.0.0.1:1").call(&["live"]).failed(1);
    assert!(nobody.contains("/api-url in eu-central-1 can't be read: Connection refused (os error 111)\n"), "{nobody}");
    let printed = in_account(&systems_manager(&["\u{1b}[2J"])).call(&["live"]).failed(2);
    assert!(printed.contains(r"`\u{1b}[2J` is not an address of an API"), "{printed}");
}

#[test]
fn a_wrong_address_is_rejected_before_any_request() {
    for (url, why) in [
        ("127.0.0.1:9000", "it must begin with https:// or http://"),
        ("https://", "it is not a URL"),
        ("http://example.test/?a=b", "it must not have a query"),
        (
            "https://me:password@example.test",
            "`…@example.test` is not an address of an API: it must not contain a user name",
        ),
    ] {
        let printed = Shell::empty().call(&["live", "--url", url]).failed(2);
        assert!(
            printed.contains(why) && printed.contains("(flag --url)") && !printed.contains("password"),
            "{printed}"
        );
    }
}
