//! What a run is asked to do.

use std::path::PathBuf;

use tests::deployed::binary_in;

/// How the program is called.
pub(crate) const USAGE: &str = "\
cargo xtask bench [OPTION]...
cargo bench --workspace --bench functions --profile dev -- --binaries FOLDER [OPTION]...

  --binaries FOLDER  where event-processor, status-query and hello are: target/lambda, or target/release
  --hello FILE       the function that does nothing, where it is elsewhere
  --beside FOLDER    another build of the two functions, measured by turns in the same run
  --only-large       nothing but the matrix of 200 services in 8 environments, and the figures of a year
  --without-node     leave the functions in Node out
  --rounds N         fresh processes for each figure (11)
  --warm N           later invocations of each process that are counted (100)
  --reports N        reports that a process takes before its memory is read (10000; 0: leave it out)
  --json FILE        keep the figures
  --compare FILE     beside the figures that an earlier run kept
  --check            fail when a binary or a first invocation is above its limit";

/// The arguments, read.
pub(crate) struct Arguments {
    pub(crate) binaries: PathBuf,
    pub(crate) hello: PathBuf,
    pub(crate) beside: Option<PathBuf>,
    pub(crate) only_large: bool,
    pub(crate) with_node: bool,
    pub(crate) rounds: usize,
    pub(crate) warm: usize,
    pub(crate) reports: usize,
    pub(crate) json: Option<PathBuf>,
    pub(crate) compare: Option<PathBuf>,
    pub(crate) check: bool,
}

impl Arguments {
    /// Reads them; what is wrong with them otherwise.
    pub(crate) fn read(given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut given = given;
        let (mut binaries, mut hello, mut beside, mut json, mut compare) = (None, None, None, None, None);
        let (mut only_large, mut with_node, mut check) = (false, true, false);
        let (mut rounds, mut warm, mut reports) = (11, 100, 10_000);
        while let Some(name) = given.next() {
            let mut value = || given.next().ok_or_else(|| format!("{name} takes a value"));
            let count = |value: String| value.parse().map_err(|_| format!("{name}: {value} is no number"));
            match name.as_str() {
                "--binaries" => binaries = Some(absolute(&value()?)?),
                "--hello" => hello = Some(absolute(&value()?)?),
                "--beside" => beside = Some(absolute(&value()?)?),
                "--only-large" => only_large = true,
                "--without-node" => with_node = false,
                "--rounds" => rounds = count(value()?)?,
                "--warm" => warm = count(value()?)?,
                "--reports" => reports = count(value()?)?,
                "--json" => json = Some(absolute(&value()?)?),
                "--compare" => compare = Some(absolute(&value()?)?),
                "--check" => check = true,
                // Cargo passes it to every benchmark.
                "--bench" => {}
                _ => return Err(format!("unknown: {name}")),
            }
        }
        if rounds == 0 || warm == 0 {
            return Err("there is nothing to measure".to_owned());
        }
        let binaries = binaries.ok_or("--binaries is missing")?;
        Ok(Self {
            hello: hello.unwrap_or_else(|| binary_in(&binaries, "hello")),
            binaries,
            beside,
            only_large,
            with_node,
            rounds,
            warm,
            reports,
            json,
            compare,
            check,
        })
    }
}

/// Cargo runs a benchmark in the folder of its package; who calls it means the workspace's.
fn absolute(path: &str) -> Result<PathBuf, String> {
    let workspace = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let path = workspace.join(path);
    std::path::absolute(&path).map_err(|error| format!("{}: {error}", path.display()))
}
