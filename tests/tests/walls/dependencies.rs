//! What each crate may depend on, directly and through others.

use std::collections::BTreeSet;

use super::{cargo, packages};

/// A crate, with features it is built with, and how the names of crates begin that it must not have among
/// all its dependencies. A dot stands for the end of a name.
type Wall = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Neither a database, nor a runtime, nor a cloud.
const PURE: &[&str] = &["aws", "tokio", "lambda", "dynamodb.", "hyper", "dynoxide"];

/// The adapters to AWS, and what they are made of.
const ADAPTERS: &[&str] = &["aws-sdk", "aws-config", "aws-smithy", "aws.", "dynamodb."];

const WALLS: [Wall; 12] = [
    ("domain", &[], PURE),
    ("formats", &[], PURE),
    ("api", &[], PURE),
    ("store", &[], PURE),
    ("recorder", &[], PURE),
    // What only the features of the binaries bring.
    ("publisher", &[], &["aws", "tokio", "dynamodb."]),
    ("secrets", &[], &["aws", "tokio", "dynamodb."]),
    ("login", &[], &["aws", "tokio", "dynamodb.", "hyper", "rsa.", "openssl"]),
    ("event-processor", &["--no-default-features"], ADAPTERS),
    ("status-query", &["--no-default-features"], ADAPTERS),
    // The function that answers can't write to the store, and can't publish. The one secret that it reads is that of
    // people's logins.
    (
        "status-query",
        &[],
        &["recorder.", "publisher.", "formats.", "aws-sdk-cloudwatch", "aws-sdk-eventbridge", "aws-sdk-sns"],
    ),
    // Who watches the history can't write it.
    ("witness", &[], &["recorder.", "formats.", "event-processor."]),
];

/// A crate, and the crates of ours that may name it: the adapters, each the only one that knows its
/// service, and whoever ties them together.
const NAMED_BY: [(&str, &[&str]); 7] = [
    ("aws-sdk-dynamodb", &["dynamodb", "tests"]),
    ("aws-sdk-cloudwatch", &["publisher", "tests"]),
    ("aws-sdk-eventbridge", &["publisher"]),
    ("aws-sdk-sns", &["publisher", "tests"]),
    ("aws-sdk-secretsmanager", &["secrets", "tests"]),
    ("dynamodb", &["event-processor", "status-query", "witness", "local", "tests"]),
    ("vault", &["witness", "tests"]),
];

#[test]
fn no_crate_has_a_dependency_behind_its_wall() {
    let ours: BTreeSet<String> =
        packages().iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect();
    for (name, features, forbidden) in &WALLS {
        assert!(ours.contains(*name), "{name} has a wall and is no crate of this workspace");
        let arguments = [&["tree", "-p", name, "-e", "normal", "--prefix", "none", "--format", "{p}"], *features];
        let tree = cargo(&arguments.concat());
        let names: BTreeSet<String> = tree.lines().filter_map(|line| line.split(' ').next()).map(named).collect();
        assert!(names.contains(&format!("{name}.")), "{name} is in its own tree: {names:?}");
        // What a trigger of Lambda looks like is plain data, whatever its name.
        let harmless = [format!("{name}."), "aws_lambda_events.".to_owned()];
        let is_behind = |found: &&String| forbidden.iter().any(|begin| found.starts_with(begin));
        let behind: Vec<&String> = names.iter().filter(is_behind).filter(|found| !harmless.contains(found)).collect();
        assert!(behind.is_empty(), "{name} {features:?} must do without {behind:?}");
    }
}

fn named(name: &str) -> String {
    format!("{name}.")
}

#[test]
fn each_service_has_one_adapter() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency = dependency["name"].as_str().unwrap();
            let Some((_, allowed)) = NAMED_BY.iter().find(|(of, _)| *of == dependency) else { continue };
            assert!(allowed.contains(&name), "{name} must not name {dependency}; {allowed:?} may");
        }
    }
}

#[test]
fn of_a_function_only_the_binary_names_an_adapter() {
    for (function, adapters) in [
        ("status-query", &["aws::", "dynamodb::", "ReadOnly", "SecretsManager"][..]),
        ("event-processor", &["aws::clients", "dynamodb::", "AwsPublisher", "SecretsManager"]),
        ("witness", &["aws::clients", "dynamodb::", "AwsPublisher"]),
    ] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions").join(function).join("src");
        let files = super::modules::rust_files(&folder);
        let names = |text: &str, adapter: &str| {
            // `aws_lambda_events::event::dynamodb` is the shape of a stream's records.
            text.match_indices(adapter).any(|(at, _)| !text[..at].ends_with(|c: char| c == ':' || c.is_alphanumeric()))
        };
        let naming = |adapter: &str| {
            let naming = files.iter().filter(|file| names(&std::fs::read_to_string(file).unwrap(), adapter));
            naming.map(|file| file.strip_prefix(&folder).unwrap().display().to_string()).collect::<Vec<_>>()
        };
        for adapter in adapters {
            assert_eq!(naming(adapter), ["main.rs"], "{function}: {adapter}");
        }
    }
}

/// The adapter and the port have a writing half too; neither the function that answers nor the witness names them.
#[test]
fn the_functions_that_answer_and_watch_name_nothing_that_writes() {
    for (function, most) in [("status-query", 10), ("witness", 5)] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions").join(function).join("src");
        let files = super::modules::rust_files(&folder);
        assert!(files.len() > most, "{files:?}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for writer in ["WriteItems", "ReadWrite", "Transaction", "transact", "dynamodb::sdk"] {
                assert!(!text.contains(writer), "{}: {writer}", file.display());
            }
        }
    }
}
