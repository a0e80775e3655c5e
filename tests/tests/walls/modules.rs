//! Which file of a crate names which other, read from its `use` lines and from paths in its code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module's path within its crate; empty for the root.
pub(crate) type Module = Vec<String>;

/// The modules of a crate that are files.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    /// Which paths each module names, and under which names it offers others what it names.
    named: BTreeMap<Module, Vec<Module>>,
    /// None stands for a name from another crate.
    offered: BTreeMap<Module, BTreeMap<String, Option<Module>>>,
}

/// All Rust files in a folder and below it.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

impl Modules {
    /// Reads the modules of a crate, whose sources are in this folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut modules = Self::default();
        let has_library = folder.join("lib.rs").is_file();
        for file in rust_files(folder) {
            let relative = file.strip_prefix(folder).unwrap().with_extension("");
            let mut module: Module = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            match module.last().map(String::as_str) {
                // The binary beside a library is a crate of its own, and names it from outside.
                Some("main") if has_library && module.len() == 1 => continue,
                Some("lib" | "main") if module.len() == 1 => module.clear(),
                // Tests see everything.
                Some("tests") => continue,
                _ => {}
            }
            modules.named.insert(module, Vec::new());
        }
        let known: BTreeSet<Module> = modules.named.keys().cloned().collect();
        for module in &known {
            let root = if has_library { "lib" } else { "main" };
            let name = if module.is_empty() { root.to_owned() } else { module.join("/") };
            let text = std::fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
            modules.read_file(module, &without_inline_modules(&code.join("\n")), &known);
        }
        modules
    }

    fn read_file(&mut self, module: &Module, code: &str, known: &BTreeSet<Module>) {
        for statement in code.split(';') {
            let Some((public, tree)) = used(statement) else { continue };
            for path in leaves(tree) {
                let (path, alias) = path.rsplit_once(" as ").map_or((path.as_str(), None), |(p, a)| (p, Some(a)));
                let full = absolute(module, path, known);
                if public && let Some(name) = alias.or(path.rsplit("::").next()) {
                    self.offered.entry(module.clone()).or_default().insert(name.trim().to_owned(), full.clone());
                }
                self.named.entry(module.clone()).or_default().extend(full);
            }
        }
        for (at, _) in code.match_indices("crate::") {
            let path = code[at..].split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap();
            let path = path.trim_end_matches(':');
            if path.starts_with("crate::")
                && path != "crate"
                && let Some(full) = absolute(module, path, known)
            {
                self.named.entry(module.clone()).or_default().push(full);
            }
        }
    }

    /// The files that each file names.
    pub(crate) fn edges(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let target = |path: &Module| self.resolve(path, 0);
        self.named
            .iter()
            .map(|(module, paths)| {
                let named = paths.iter().filter_map(target).filter(|named| named != module);
                (module.clone(), named.collect())
            })
            .collect()
    }

    /// The file in which what a path names is written: behind everything that only offers it again.
    fn resolve(&self, path: &Module, depth: usize) -> Option<Module> {
        let file = (0..=path.len()).rev().map(|n| path[..n].to_vec()).find(|prefix| self.named.contains_key(prefix))?;
        let Some(name) = path.get(file.len()) else { return Some(file) };
        match self.offered.get(&file).and_then(|offered| offered.get(name)) {
            Some(further) if depth < 10 => {
                let further = further.as_ref()?.iter().chain(&path[file.len() + 1..]).cloned().collect();
                self.resolve(&further, depth + 1)
            }
            _ => Some(file),
        }
    }
}

/// The code without modules that are written in it: for them the file is `super`.
fn without_inline_modules(code: &str) -> String {
    let mut kept = String::new();
    let mut depth: Option<i32> = None;
    for line in code.lines() {
        let braces =
            i32::try_from(line.matches('{').count()).unwrap() - i32::try_from(line.matches('}').count()).unwrap();
        let begins = line.contains("mod ") && line.trim_end().ends_with('{');
        match &mut depth {
            None if begins => depth = Some(braces),
            None => kept.extend([line, "\n"]),
            Some(open) => {
                *open += braces;
                if *open <= 0 {
                    depth = None;
                }
            }
        }
    }
    kept
}

/// The tree of a use declaration, in a statement that ends with one; and whether it offers what it names.
fn used(statement: &str) -> Option<(bool, &str)> {
    let mut starts = std::iter::once(0).chain(statement.match_indices('\n').map(|(at, _)| at + 1));
    starts.find_map(|start| declaration(statement[start..].trim_start()))
}

fn declaration(text: &str) -> Option<(bool, &str)> {
    if let Some(tree) = text.strip_prefix("use ") {
        return Some((false, tree.trim()));
    }
    let rest = text.strip_prefix("pub")?;
    let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
    Some((true, rest.trim_start().strip_prefix("use ")?.trim()))
}

/// The paths of a use declaration, without braces.
fn leaves(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| leaves(&format!("{}{part}", prefix.trim()))).collect()
}

/// A path from the root of the crate; none when it leads to another crate.
fn absolute(module: &Module, path: &str, known: &BTreeSet<Module>) -> Option<Module> {
    let segments: Vec<&str> = path.split("::").map(str::trim).filter(|s| *s != "self" && *s != "*").collect();
    let starts_with_self = path.trim_start().starts_with("self");
    let owned = |segments: &[&str]| segments.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    match segments.first() {
        Some(&"crate") => Some(owned(&segments[1..])),
        Some(&"super") => {
            let ups = segments.iter().take_while(|segment| **segment == "super").count();
            let base = module.get(..module.len().checked_sub(ups)?)?;
            Some([base.to_vec(), owned(&segments[ups..])].concat())
        }
        Some(first) => {
            let child = [module.clone(), vec![(*first).to_owned()]].concat();
            (starts_with_self || known.contains(&child)).then(|| [module.clone(), owned(&segments)].concat())
        }
        None => None,
    }
}
