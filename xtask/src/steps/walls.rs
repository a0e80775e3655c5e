//! The pure crates depend on no AWS crate and no runtime.

use crate::command::{Failure, cargo, output};
use crate::workspace::PURE;

/// What they must not depend on, by the beginning of the crate's name.
const OUTSIDE: [&str; 3] = ["aws", "tokio", "lambda"];

pub(super) fn walls() -> Result<(), Failure> {
    for name in PURE {
        let tree = output(cargo(&["tree", "-p", name, "-e", "normal,dev", "--prefix", "none"]))?;
        if !tree.starts_with(name) {
            return Err(format!("the tree of {name} can't be read: {tree}"));
        }
        if let Some(found) = tree.lines().find(|line| OUTSIDE.iter().any(|outside| line.starts_with(outside))) {
            return Err(format!("{name} must stay free of I/O, and depends on {found}"));
        }
        println!("{name}: {} lines of dependencies, none of them outside", tree.lines().count());
    }
    Ok(())
}
