//! Releases: the archives are where `cargo binstall` looks for them, a release has notes, and the
//! workflows run only actions that can't change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use toml::Table;

use crate::template::yaml;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn workflow(name: &str) -> Value {
    yaml::read(&read(&format!(".github/workflows/{name}.yml"))).unwrap()
}

fn manifest(folder: &str) -> Table {
    read(&format!("{folder}/Cargo.toml")).parse().unwrap()
}

/// The targets that the release workflow builds programs for.
fn targets() -> Vec<String> {
    let workflow = workflow("release");
    let builds = workflow["jobs"]["programs"]["strategy"]["matrix"]["include"].as_array().unwrap();
    builds.iter().map(|build| build["target"].as_str().unwrap().to_owned()).collect()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn each_archive_is_where_cargo_binstall_looks_and_has_the_program_where_it_looks() {
    let (built, dist) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let crates = [manifest("cli"), manifest("local")];
    let program = |manifest: &Table| manifest["bin"][0]["name"].as_str().unwrap().to_owned();
    for manifest in &crates {
        fs::write(built.path().join(program(manifest)), program(manifest)).unwrap();
    }
    let targets = targets();
    assert_eq!(targets.len(), 4, "{targets:?}");
    for target in &targets {
        let script = Command::new(root().join(".ci/package")).arg(target).args([built.path(), dist.path()]).output();
        let script = script.unwrap();
        assert!(script.status.success(), "{}", printed(&script));
        for manifest in &crates {
            let (name, binstall) = (program(manifest), &manifest["package"]["metadata"]["binstall"]);
            let filled = |key: &str| {
                let text = binstall[key].as_str().unwrap();
                [("repo", "https://x"), ("version", "1.2.3"), ("target", target), ("bin", &name)]
                    .iter()
                    .fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{ {key} }}"), value))
            };
            let url = filled("pkg-url");
            let archive = url.strip_prefix("https://x/releases/download/v1.2.3/").unwrap();
            let mut unpack = Command::new("tar");
            unpack.arg("-xzOf").arg(dist.path().join(archive)).arg(filled("bin-dir"));
            let unpacked = unpack.output().unwrap();
            assert_eq!((unpacked.status.success(), printed(&unpacked)), (true, name), "{archive}");
        }
    }
    assert_eq!(fs::read_dir(dist.path()).unwrap().count(), 2 * targets.len(), "nothing else is published");
}

#[test]
fn dependencies_are_checked_for_the_targets_of_a_release() {
    let deny: Table = read("deny.toml").parse().unwrap();
    let mut checked: Vec<String> =
        deny["graph"]["targets"].as_array().unwrap().iter().map(|target| target.as_str().unwrap().to_owned()).collect();
    let mut built = targets();
    checked.sort();
    built.sort();
    assert_eq!(checked, built);
}

#[test]
fn every_action_is_named_by_the_commit_that_was_looked_at() {
    let mut actions = 0;
    for name in ["ci", "release"] {
        let workflow = workflow(name);
        for job in workflow["jobs"].as_object().unwrap().values() {
            for step in job["steps"].as_array().into_iter().flatten() {
                let Some(action) = step["uses"].as_str() else { continue };
                let commit = action.split_once('@').unwrap().1;
                assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
                actions += 1;
            }
        }
    }
    assert!(actions >= 8, "{actions}");
}

#[test]
fn each_crate_has_the_licence_of_the_project() {
    let workspace: Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(workspace["workspace"]["package"]["license"].as_str(), Some("Apache-2.0"));
    assert!(read("LICENSE").contains("Apache License\n                           Version 2.0"));
    for member in workspace["workspace"]["members"].as_array().unwrap() {
        let member = member.as_str().unwrap();
        let licence = manifest(member)["package"].get("license").cloned();
        assert_eq!(licence, Some(toml::toml! { workspace = true }.into()), "{member}");
    }
}

/// What `.ci/release-notes` answers in a project with these two files.
fn notes(cargo: &str, changelog: &str, tag: &str) -> (bool, String) {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(".ci")).unwrap();
    let script = folder.path().join(".ci/release-notes");
    fs::copy(root().join(".ci/release-notes"), &script).unwrap();
    fs::write(folder.path().join("Cargo.toml"), cargo).unwrap();
    fs::write(folder.path().join("CHANGELOG.md"), changelog).unwrap();
    let output = Command::new("bash").arg(&script).args([tag, "https://forge.example/team/fork"]).output().unwrap();
    (output.status.success(), printed(&output))
}

#[test]
fn a_release_has_the_notes_of_its_version_and_one_without_fails() {
    let cargo = "[workspace.package]\nversion = \"1.2.3\"\nrepository = \"https://forge.example/team/fork\"\n\n\
                 [other]\nversion = \"9.9.9\"\n";
    let changelog = "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- new\n\n\
                     ## [1.2.2] - 2026-01-01\n\n- old\n";
    assert_eq!(notes(cargo, changelog, "v1.2.3"), (true, "\n### Added\n\n- new\n".to_owned()));
    for (cargo, changelog, tag, says) in [
        (cargo.to_owned(), changelog, "v1.2.4", "the tag must be v1.2.3"),
        (cargo.replace("team/fork", "team/other"), changelog, "v1.2.3", "Cargo.toml must have repository = "),
        (cargo.replace("1.2.3", "1.2.5"), changelog, "v1.2.5", "CHANGELOG.md has no notes under"),
        (cargo.replace("1.2.3", "1.2"), changelog, "v1.2", "CHANGELOG.md has no notes under"),
    ] {
        let (succeeded, printed) = notes(&cargo, changelog, tag);
        assert!(!succeeded && printed.contains(says), "{tag}: {printed}");
    }
}

#[test]
fn the_next_release_finds_its_place_in_the_changelog() {
    let changelog = read("CHANGELOG.md");
    let unreleased = changelog.split("\n## ").nth(1).unwrap();
    assert!(unreleased.starts_with("[Unreleased]\n") && unreleased.contains("\n- "), "{unreleased}");
    let repository = read("Cargo.toml").parse::<Table>().unwrap()["workspace"]["package"]["repository"].clone();
    let version = read("Cargo.toml").parse::<Table>().unwrap()["workspace"]["package"]["version"].clone();
    let (repository, version) = (repository.as_str().unwrap(), version.as_str().unwrap());
    let released = changelog.replace("[Unreleased]", &format!("[{version}] - 2026-01-01"));
    let cargo = read("Cargo.toml").replace(repository, "https://forge.example/team/fork");
    let (succeeded, notes) = notes(&cargo, &released, &format!("v{version}"));
    assert!(succeeded && notes.contains("- "), "{notes}");
}
