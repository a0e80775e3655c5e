//! Each crate has one test binary, and each test belongs to one. Cargo does not compile a file that no
//! `mod` names, nor the tests of a target with `test = false`: such a test never runs and never fails.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use toml::Table;

/// The folders of the crates of this workspace, each with its manifest.
fn crates() -> Vec<(PathBuf, Table)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = |folder: &Path| read_to_string(folder.join("Cargo.toml")).unwrap().parse::<Table>().unwrap();
    let workspace = manifest(&root);
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let folders = members.iter().map(|member| root.join(member.as_str().unwrap()));
    folders.map(|folder| (folder.clone(), manifest(&folder))).collect()
}

/// The folders `tests` of all crates.
fn folders() -> Vec<PathBuf> {
    crates().into_iter().map(|(folder, _)| folder.join("tests")).filter(|folder| folder.is_dir()).collect()
}

/// The root of a crate's test binary: `main.rs` in `tests` or in a folder of it, or a file alone.
fn roots(folder: &Path) -> Vec<PathBuf> {
    let main = |folder: &Path| Some(folder.join("main.rs")).filter(|main| main.is_file());
    if let Some(root) = main(folder) {
        return vec![root];
    }
    let inside = read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside
        .filter_map(|path| if path.is_dir() { main(&path) } else { Some(path).filter(|path| is_rust(path)) })
        .collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// The files below `folder`, which are modules of `parent`, with each that its parent does not declare.
fn modules(folder: &Path, parent: &Path) -> (usize, Vec<PathBuf>) {
    let declared = read_to_string(parent).unwrap_or_default();
    let (mut files, mut undeclared) = (0, Vec::new());
    for entry in read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let (more, found) = modules(&path, &path.with_extension("rs"));
            files += more;
            undeclared.extend(found);
        } else if is_rust(&path) && path != parent {
            files += 1;
            let declaration = format!("mod {};", path.file_stem().unwrap().to_str().unwrap());
            if !declared.lines().any(|line| line.trim_start_matches("pub(crate) ") == declaration) {
                undeclared.push(path);
            }
        }
    }
    (files, undeclared)
}

#[test]
fn each_crate_has_one_test_binary() {
    let folders = folders();
    assert!(folders.len() >= 5, "{folders:?}");
    for folder in folders {
        let roots = roots(&folder);
        assert_eq!(roots.len(), 1, "each binary links all crates again: {roots:?}");
    }
}

#[test]
fn each_file_of_tests_is_compiled() {
    let mut files = 0;
    for root in folders().iter().flat_map(|folder| roots(folder)) {
        if root.ends_with("main.rs") {
            let (more, undeclared) = modules(root.parent().unwrap(), &root);
            assert_eq!(undeclared, Vec::<PathBuf>::new(), "no `mod` names these files");
            files += more;
        }
    }
    assert!(files >= 100, "{files}");
}

/// Whether a file below `folder`, or this file, has a test.
fn has_tests(path: &Path) -> bool {
    if path.is_dir() {
        return read_dir(path).unwrap().any(|entry| has_tests(&entry.unwrap().path()));
    }
    let attributes = [concat!("#[", "test]"), concat!("#[", "tokio::test")];
    is_rust(path) && attributes.iter().any(|attribute| read_to_string(path).unwrap().contains(attribute))
}

#[test]
fn what_is_not_built_for_tests_has_none() {
    let mut untested = 0;
    for (folder, manifest) in crates() {
        let source = |target: &toml::Value, usual: &str| {
            folder.join(target.get("path").and_then(toml::Value::as_str).unwrap_or(usual))
        };
        let library = manifest.get("lib").map(|target| (target, source(target, "src")));
        let binaries = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
        let binaries = binaries.map(|target| (target, source(target, "src/main.rs")));
        for (target, source) in library.into_iter().chain(binaries) {
            if target.get("test").and_then(toml::Value::as_bool) == Some(false) {
                assert!(!has_tests(&source), "{} has tests that are not built", source.display());
                untested += 1;
            }
        }
    }
    assert!(untested >= 4, "{untested}");
}
