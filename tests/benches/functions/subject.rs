//! Who is measured: the functions of a build, the function that does nothing, and those in Node.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use tests::deployed::binary_in;
use tokio::process::Command;

use crate::workload::FUNCTIONS;

/// A participant of the run.
#[derive(Clone)]
pub(crate) enum Subject {
    /// The functions of this project in a folder: the ones that it is about, or another build of them.
    Functions { name: &'static str, folder: PathBuf },
    /// The function that does nothing.
    Hello(PathBuf),
    /// The functions in Node: the interpreter, and the folder of the scripts.
    Node { interpreter: PathBuf, scripts: PathBuf },
}

impl Subject {
    /// The name that stands in the figures.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Functions { name, .. } => name,
            Self::Hello(_) => "hello",
            Self::Node { .. } => "node",
        }
    }

    /// What runs the function of this name.
    pub(crate) fn command(&self, function: &str) -> Command {
        match self {
            Self::Functions { folder, .. } => Command::new(binary_in(folder, function)),
            Self::Hello(binary) => Command::new(binary),
            Self::Node { interpreter, scripts } => {
                let mut command = Command::new(interpreter);
                command.arg(scripts.join(function).with_extension("mjs"));
                command
            }
        }
    }
}

impl Subject {
    /// The same with copies of its binaries in a folder of its own in `folder`. Where a file lies in
    /// memory makes page faults dearer or cheaper, by a tenth of a start: nobody shall keep a bad place.
    ///
    /// # Errors
    /// When a binary can't be read, or its copy not written.
    pub(crate) fn copied(&self, folder: &Path) -> Result<Self> {
        let folder = folder.join(self.name());
        std::fs::create_dir(&folder)?;
        Ok(match self {
            Self::Functions { name, folder: from } => {
                for function in FUNCTIONS {
                    copy(&binary_in(from, function), &folder.join(function))?;
                }
                Self::Functions { name, folder }
            }
            Self::Hello(binary) => {
                let copied = folder.join("hello");
                copy(binary, &copied)?;
                Self::Hello(copied)
            }
            Self::Node { .. } => self.clone(),
        })
    }
}

/// Written anew: the kernel could let a copy share the pages of its original.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::write(to, std::fs::read(from)?)?;
    std::fs::set_permissions(to, std::fs::metadata(from)?.permissions())
}

/// The interpreter of Node on this machine, if there is one.
pub(crate) fn node() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("node")).find(|file| file.is_file())
}

/// Installs what the functions in Node need, as the lock file says, unless that was done.
///
/// # Errors
/// When npm can't be run, or fails.
pub(crate) fn install(scripts: &Path) -> Result<()> {
    let changed = |file: &str| std::fs::metadata(scripts.join(file)).and_then(|file| file.modified());
    let locked = changed("package-lock.json")?;
    if changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= locked) {
        return Ok(());
    }
    let mut npm = std::process::Command::new("npm");
    let status = npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(scripts).status()?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("npm ci: {status}"))) }
}
