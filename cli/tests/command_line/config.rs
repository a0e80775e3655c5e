//! `config`: the settings, their origins, and the check of the API.

use std::fs;

use crate::called::{Called, Shell};
use crate::server::{Double, demo};

const SECRET: &str = "secret-4711";

/// Calls it with a config file of this content. The file's name in what it says is `FILE`.
fn with_file(content: &[u8], words: &[&str]) -> Called {
    let shell = Shell::empty();
    let path = shell.home.path().join("some.toml");
    fs::write(&path, content).unwrap();
    let path = path.display().to_string();
    let called = shell.with("DEPLOYMENT_STATUS_CONFIG", &path).call(words);
    let named = |text: String| text.replace(&path, "FILE");
    Called { code: called.code, stdout: named(called.stdout), stderr: named(called.stderr) }
}

#[test]
fn without_any_setting_the_defaults_are_shown() {
    let shell = Shell::empty();
    let home = shell.home.path().display().to_string();
    let printed = shell.call(&["config", "-o", "text"]).succeeded().replace(&home, "HOME");
    assert_eq!(
        printed,
        "url\t\tnot set: read from the stack's parameter /deployment-status/api-url\n\
         stack\tdeployment-status\tdefault\n\
         environment\t\tnot set: all environments\n\
         region\t\tnot set: the region of the AWS profile\n\
         profile\t\tnot set: the default AWS profile\n\
         output\ttext\tflag --output\n\
         timeout\t30s\tdefault\n\
         auth\tauto\tdefault\n\
         token\t\tnot set\n\
         config\tHOME/.config/deployment-status/config.toml\tdefault; the file does not exist\n"
    );
}

#[test]
fn a_flag_comes_before_a_variable_and_that_before_the_file() {
    let shell = Shell::empty();
    let folder = shell.home.path().join(".config/deployment-status");
    fs::create_dir_all(&folder).unwrap();
    let file = "url = 'http://file'\nstack = 'file'\nenvironment = 'file'\nregion = 'file'\nprofile = 'file'\n\
                timeout = '1m'\nauth = 'none'\n";
    fs::write(folder.join("config.toml"), format!("{file}token = '{SECRET}'\n")).unwrap();
    let home = shell.home.path().display().to_string();
    let shell = shell.with("DEPLOYMENT_STATUS_STACK", "variable").with("AWS_REGION", "variable");
    let shell = shell.with("AWS_DEFAULT_REGION", "never").with("DEPLOYMENT_STATUS_ENVIRONMENT", "");
    let words = ["config", "-o", "text", "--region", "flag", "--auth", "token", "--stack", "flag"];
    let printed = shell.call(&words).succeeded().replace(&home, "HOME");
    assert_eq!(
        printed,
        "url\thttp://file\tfile HOME/.config/deployment-status/config.toml\n\
         stack\tflag\tflag --stack\n\
         environment\t\tvariable DEPLOYMENT_STATUS_ENVIRONMENT\n\
         region\tflag\tflag --region\n\
         profile\tfile\tfile HOME/.config/deployment-status/config.toml\n\
         output\ttext\tflag --output\n\
         timeout\t1m\tfile HOME/.config/deployment-status/config.toml\n\
         auth\ttoken\tflag --auth\n\
         token\tset\tfile HOME/.config/deployment-status/config.toml\n\
         config\tHOME/.config/deployment-status/config.toml\tdefault\n"
    );
    let printed = shell.call(&["config", "-o", "text"]).succeeded();
    for line in ["\nstack\tvariable\tvariable DEPLOYMENT_STATUS_STACK\n", "\nregion\tvariable\tvariable AWS_REGION\n"] {
        assert!(printed.contains(line), "{printed}");
    }
}

#[test]
fn people_get_a_table() {
    // An address of the length that a path in the folder for temporary files can't have.
    let url = format!("https://{}.example.com", "a".repeat(60));
    let shell = Shell::at(&url).with("DEPLOYMENT_STATUS_ENVIRONMENT", "").with("DEPLOYMENT_STATUS_TOKEN", SECRET);
    let printed = shell.call(&["config"]).succeeded();
    let begins: Vec<&str> = printed.lines().take(4).collect();
    assert_eq!(
        begins,
        [
            &format!("SETTING      VALUE{}  ORIGIN", " ".repeat(75)),
            &format!("url          {url}  variable DEPLOYMENT_STATUS_URL"),
            &format!("stack        deployment-status{}  default", " ".repeat(63)),
            &format!("environment  \"\"{}  variable DEPLOYMENT_STATUS_ENVIRONMENT", " ".repeat(78)),
        ]
    );
    assert!(printed.contains("\nregion       - "), "{printed}");
    assert!(printed.contains("\ntoken        set "), "{printed}");
}

#[test]
fn json_has_a_field_for_each_setting_and_jsonl_a_line() {
    let shell = Shell::at("http://there").with("DEPLOYMENT_STATUS_TOKEN", SECRET);
    let json = shell.call(&["config", "-o", "json"]).succeeded();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["url"], serde_json::json!({"value": "http://there", "origin": "variable DEPLOYMENT_STATUS_URL"}));
    assert_eq!(json["token"], serde_json::json!({"value": "set", "origin": "variable DEPLOYMENT_STATUS_TOKEN"}));
    assert_eq!(json["profile"]["value"], serde_json::Value::Null);
    let lines = shell.call(&["config", "-o", "jsonl"]).succeeded();
    assert_eq!(lines.lines().count(), json.as_object().unwrap().len());
    let first = r#"{"name":"url","value":"http://there","origin":"variable DEPLOYMENT_STATUS_URL"}"#;
    assert_eq!(lines.lines().next(), Some(first));
}

#[test]
fn a_token_is_never_shown() {
    for words in [&["config"][..], &["config", "-o", "text"], &["config", "-o", "json"], &["config", "--resolve"]] {
        let shell = Shell::at(demo()).with("DEPLOYMENT_STATUS_TOKEN", SECRET).with("DEPLOYMENT_STATUS_AUTH", "token");
        let Called { stdout, stderr, .. } = shell.call(words);
        assert!(stdout.contains("token") && !format!("{stdout}{stderr}").contains(SECRET), "{stdout}{stderr}");
    }
    let printed = Shell::at(&format!("https://me:{SECRET}@example.com")).call(&["config", "-o", "text"]).succeeded();
    assert!(printed.starts_with("url\t…@example.com\tvariable DEPLOYMENT_STATUS_URL\n"), "{printed}");
    for wrong in ["token = [\"secret-4711\"]\n", "token = \"secret-4711\n", "token = \"secret-4711\"\nurll = 1\n"] {
        let printed = with_file(wrong.as_bytes(), &["config"]).failed(2);
        assert!(!printed.contains(SECRET), "{printed}");
    }
}

#[test]
fn an_error_in_the_file_is_reported_with_its_line() {
    let keys = "`url`, `stack`, `environment`, `region`, `profile`, `output`, `timeout`, `auth`, `token`";
    for (wrong, expected) in [
        ("url = 'x'\nurll = 'x'\n", format!(", line 2: unknown field `urll`, expected one of {keys}")),
        ("\n\noutput = 'yaml'\n", ", line 3: `yaml` must be one of table, json, jsonl, text".to_owned()),
        ("auth = 'me'\n", ", line 1: `me` must be one of auto, iam, token, none".to_owned()),
        ("url = 'x'\ntimeout = 'soon'\n", ", line 2: `soon` is not a duration; examples: 30s, 5m, 1h 30m".to_owned()),
        ("timeout = 30\n", ", line 1: invalid type: integer `30`, expected a string".to_owned()),
    ] {
        let failed = with_file(wrong.as_bytes(), &["config"]).failed(2);
        assert_eq!(failed, format!("deployment-status: error in the config file FILE{expected}\n"));
        // A file that is wrong is wrong for each command, and whatever a flag says.
        assert_eq!(with_file(wrong.as_bytes(), &["live", "-o", "json", "--timeout", "1s"]).failed(2), failed);
    }
    let unreadable = with_file(b"\xff\xfe", &["config"]).failed(2);
    assert_eq!(unreadable, "deployment-status: can't read the config file FILE: stream did not contain valid UTF-8\n");
}

#[test]
fn a_file_that_is_named_must_exist() {
    let shell = Shell::empty().with("DEPLOYMENT_STATUS_CONFIG", "/nowhere/config.toml");
    let printed = shell.call(&["config"]).failed(2);
    assert!(printed.starts_with("deployment-status: can't read the config file /nowhere/config.toml: "), "{printed}");
}

#[test]
fn an_error_in_a_variable_is_reported_with_its_name() {
    for (name, expected) in [
        ("OUTPUT", "output: `x` must be one of table, json, jsonl, text"),
        ("AUTH", "auth: `x` must be one of auto, iam, token, none"),
        ("TIMEOUT", "timeout: `x` is not a duration; examples: 30s, 5m, 1h 30m"),
    ] {
        let name = format!("DEPLOYMENT_STATUS_{name}");
        let failed = Shell::empty().with(&name, "x").call(&["config"]).failed(2);
        assert_eq!(failed, format!("deployment-status: {expected} (variable {name})\n"));
    }
}

#[test]
fn resolve_shows_address_authentication_and_health() {
    let printed = Shell::at(demo()).call(&["config", "--resolve"]).succeeded();
    let (_, found) = printed.split_once("\n\n").unwrap();
    assert_eq!(
        found,
        format!(
            "The API\n  Address  {}\n  Access   The request had no authentication. --auth sets one.\n  \
             Health   ok\n",
            demo()
        )
    );
    let double = Double::always(200, &[], r#"{"status":"ok"}"#);
    let shell = Shell::at(&double.url).with("DEPLOYMENT_STATUS_TOKEN", SECRET);
    let printed = shell.call(&["config", "--resolve", "--auth", "token", "-o", "text"]).succeeded();
    let found: Vec<&str> = printed.lines().skip_while(|line| !line.starts_with("address")).collect();
    let address = format!("address\t{}\tvariable DEPLOYMENT_STATUS_URL", double.url);
    let access = "access\tThe request had the bearer token from variable DEPLOYMENT_STATUS_TOKEN.\tflag --auth";
    assert_eq!(found, [&address, access, "health\tok\tGET /healthz"]);
    let requests = double.requests();
    assert_eq!((requests.len(), requests[0].uri.path()), (1, "/healthz"));
    assert_eq!(requests[0].headers["authorization"], format!("Bearer {SECRET}"));
}

#[test]
fn the_stack_s_parameter_is_read_only_with_resolve() {
    let api = Double::always(200, &[], r#"{"status":"ok"}"#);
    let parameter = serde_json::json!({"Parameter": {"Name": "/mine/api-url", "Value": api.url}}).to_string();
    let systems_manager = Double::always(200, &[("content-type", "application/x-amz-json-1.1")], &parameter);
    let shell = Shell::empty().with("AWS_ENDPOINT_URL", &systems_manager.url).with("AWS_REGION", "eu-central-1");
    let shell = shell.with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").with("AWS_SECRET_ACCESS_KEY", SECRET);
    let shell = shell.with("DEPLOYMENT_STATUS_STACK", "mine");
    let printed = shell.call(&["config", "-o", "text"]).succeeded();
    assert!(printed.starts_with("url\t\tnot set: read from the stack's parameter /mine/api-url\n"));
    assert!(systems_manager.requests().is_empty(), "{printed}");
    let printed = shell.call(&["config", "-o", "text", "--resolve", "--auth", "iam"]).succeeded();
    let found: Vec<&str> = printed.lines().skip_while(|line| !line.starts_with("address")).collect();
    let address = format!("address\t{}\tparameter /mine/api-url", api.url);
    let access = "access\tThe request was signed for eu-central-1 with the access key AKIDEXAMPLE from the variable \
                  AWS_ACCESS_KEY_ID.\tflag --auth";
    assert_eq!(found, [&address, access, "health\tok\tGET /healthz"]);
    assert!(!printed.contains(SECRET));
}

#[test]
fn without_resolve_nothing_is_requested() {
    let double = Double::always(500, &[], "");
    Shell::at(&double.url).call(&["config"]).succeeded();
    assert!(double.requests().is_empty());
}

#[test]
fn the_settings_are_shown_even_when_the_api_is_not_reachable() {
    let called = Shell::at("http://127.0.0.1:1").call(&["config", "--resolve", "-o", "text"]);
    assert_eq!(called.code, 1);
    assert!(
        called.stdout.starts_with("url\thttp://127.0.0.1:1\tvariable DEPLOYMENT_STATUS_URL\n"),
        "{}",
        called.stdout
    );
    assert!(called.stdout.contains("\naddress\thttp://127.0.0.1:1\t"), "{}", called.stdout);
    assert!(!called.stdout.contains("health"), "{}", called.stdout);
    assert!(called.stderr.starts_with("deployment-status: can't reach http://127.0.0.1:1: "), "{}", called.stderr);
    let other = Double::always(200, &[], "<html>");
    let called = Shell::at(&other.url).call(&["config", "--resolve"]);
    assert_eq!(called.code, 1);
    assert!(called.stderr.contains("is not a Deployment Status API"), "{}", called.stderr);
}
