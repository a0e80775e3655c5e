//! `infra/samconfig.toml`: what it passes for each class of environment is declared and allowed, and
//! each class is there under its own name.

use toml::Table;

use super::drift::{expect_none, expect_one};
use super::templates::{CLASSES, Templates, folder};

fn read() -> Table {
    std::fs::read_to_string(folder().join("samconfig.toml")).unwrap().parse().unwrap()
}

/// What `sam deploy --config-env` passes for a class.
fn passed<'a>(configuration: &'a Table, class: &str) -> Option<Vec<(&'a str, &'a str)>> {
    let parameters = configuration.get(class)?.get("deploy")?.get("parameters")?;
    let overrides = parameters.get("parameter_overrides")?.as_array()?;
    overrides.iter().map(|one| one.as_str()?.split_once('=')).collect()
}

pub(crate) fn check(configuration: &Table, templates: &Templates) -> Vec<String> {
    let mut complaints = Vec::new();
    for class in CLASSES {
        let Some(passed) = passed(configuration, class) else {
            complaints.push(format!("samconfig.toml, {class}: no parameters are passed as name=value"));
            continue;
        };
        if let Err(wrong) = templates.deploy(&passed) {
            complaints.push(format!("samconfig.toml, {class}: {wrong}"));
        }
        for (name, wanted) in [("EnvironmentClass", class), ("WatchedEnvironment", class)] {
            if !passed.contains(&(name, wanted)) {
                complaints.push(format!("samconfig.toml, {class}: {name} is not {wanted}"));
            }
        }
    }
    complaints
}

#[test]
fn what_is_passed_for_each_class_is_allowed() {
    expect_none(&check(&read(), &Templates::read()));
}

#[test]
fn a_parameter_that_is_unknown_or_not_allowed_is_found() {
    let text = std::fs::read_to_string(folder().join("samconfig.toml")).unwrap();
    for (from, to, says) in [
        ("\"ArchiveDays=7\"", "\"ArchivDays=7\"", "ArchivDays is no parameter"),
        ("\"ArchiveDays=30\"", "\"ArchiveDays=-1\"", "staging: template.yaml: ArchiveDays=-1: MinValue"),
        ("\"Notify=production:STARTED,", "\"Notify=production:BEGUN,", "production: template.yaml: Notify="),
        ("\"EnvironmentClass=staging\"", "\"EnvironmentClass=production\"", "staging: EnvironmentClass is not staging"),
        ("[production.deploy", "[live.deploy", "production: no parameters are passed"),
    ] {
        assert!(text.contains(from), "{from}");
        expect_one(&check(&text.replace(from, to).parse().unwrap(), &Templates::read()), &[says]);
    }
}
