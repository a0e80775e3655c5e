//! How what the code says and what the templates say of one thing differ, in words.

use std::collections::BTreeMap;

/// What there is, by name, each with a description of it.
pub(crate) type Described = BTreeMap<String, String>;

/// Each difference as a complaint that names the thing.
pub(crate) fn between(subject: &str, code: &Described, template: &Described) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, wanted) in code {
        match template.get(name) {
            None => complaints.push(format!("{subject}: the template lacks {name} ({wanted})")),
            Some(found) if found != wanted => {
                complaints.push(format!("{subject}: {name} is {found} in the template and {wanted} in the code"));
            }
            Some(_) => {}
        }
    }
    let further = template.iter().filter(|(name, _)| !code.contains_key(*name));
    complaints.extend(further.map(|(name, found)| format!("{subject}: {name} ({found}) is in the template only")));
    complaints
}

/// Fails with all complaints, one a line.
#[track_caller]
pub(crate) fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "templates and code differ:\n{}", complaints.join("\n"));
}

/// Fails unless exactly one complaint says all of this: a check that complains of everything once
/// something is wrong proves nothing.
#[track_caller]
pub(crate) fn expect_one(complaints: &[String], says: &[&str]) {
    let found = complaints.iter().filter(|complaint| says.iter().all(|says| complaint.contains(says)));
    assert_eq!((found.count(), complaints.len()), (1, 1), "one that says {says:?}:\n{}", complaints.join("\n"));
}
