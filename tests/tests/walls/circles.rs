//! Files that name each other, directly or by way of others, can only be understood together: at most three
//! of them may.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::modules::{Module, Modules};
use super::packages;

/// How many files may go round in a circle.
const MOST: usize = 3;

/// The circles of a graph: sets of files each of which leads to every other.
fn circles(edges: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<BTreeSet<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<Module>> = edges.keys().map(|from| (from, reach(edges, from))).collect();
    let circle = |of: &Module| -> BTreeSet<Module> {
        reached[of].iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(of))).cloned().collect()
    };
    edges.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

/// All that a file leads to.
fn reach(edges: &BTreeMap<Module, BTreeSet<Module>>, from: &Module) -> BTreeSet<Module> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![from.clone()]);
    while let Some(next) = waiting.pop() {
        for named in edges.get(&next).into_iter().flatten() {
            if reached.insert(named.clone()) {
                waiting.push(named.clone());
            }
        }
    }
    reached
}

#[test]
fn no_crate_has_more_than_three_files_in_a_circle() {
    let mut complaints = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let sources = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().join("src");
        let circles = circles(&Modules::read(&sources).edges());
        for circle in circles.iter().filter(|circle| circle.len() > MOST) {
            let files: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
            complaints.push(format!("{name}: {} files in a circle: {files:?}", circle.len()));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_circle_is_found_behind_names_that_are_offered_again() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::{B, c::Deep as D};\n");
    write("a.rs", "use std::fmt;\nuse crate::{\n    B, // through the root\n};\npub struct A;\n");
    write("b.rs", "mod c;\nuse super::c;\npub struct B;\n");
    write("c.rs", "pub fn c() -> crate::a::A { todo!() }\n");
    write("b/c.rs", "/// crate::a\npub struct Deep;\n#[cfg(test)]\nmod tests {\n use crate::a::A;\n}\n");
    let found = circles(&Modules::read(folder.path()).edges());
    let expected: BTreeSet<Module> = ["a", "b", "c"].map(|name| vec![name.to_owned()]).into();
    assert_eq!(found, BTreeSet::from([expected]));
}
