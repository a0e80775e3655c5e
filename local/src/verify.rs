//! `deployment-status-local verify`: whether everything in a file is what was recorded. A server may go on
//! meanwhile.
//!
//! The file is looked at from both sides: each chain against its events, all of the state against the chains, and the
//! chains against the state. Where there are anchors, the chains are what they say.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::anchors::{Series, Wrong};
use domain::{Retention, Timestamp};
use recorder::{Broken, Rebuilder, Rebuilt};
use sqlite::Sqlite;

use crate::anchors;
use crate::data::FIRST_DAY;
use crate::output::print;

/// What is verified by.
#[derive(Debug, Args)]
pub struct Verify {
    /// The folder of the anchors by which it is verified. Without it those beside the file are taken
    #[arg(long, value_name = "FOLDER")]
    anchors: Option<PathBuf>,
}

/// The anchors that a history is compared with.
pub(crate) struct Given {
    pub(crate) series: Series,
    /// Files that are no anchors.
    pub(crate) wrong: Vec<Wrong>,
}

impl Verify {
    /// Verifies a file, and prints what is wrong with it: the pages of the file, its rows, the chain of each
    /// deployment, of each declared release and of the settings, and the state against the history. Answers whether all
    /// of it is intact.
    ///
    /// # Errors
    /// When the file can't be opened, or so much of it can't be read that nothing can be said.
    pub async fn run(&self, data: Option<&Path>) -> Result<bool, Box<dyn Error>> {
        let file = data.filter(|file| file.exists()).ok_or("verify needs --data with an existing file")?;
        let given = Given::read(file, self.anchors.as_deref())?;
        let store = Sqlite::open_as_it_is(file)?;
        let mut problems = match store.damaged_pages() {
            Ok(problems) => problems,
            Err(error) => vec![error.to_string()],
        };
        problems.extend(store.inspect()?.problems);
        let mut days: Vec<String> = given.wrong.iter().map(|wrong| wrong.day.clone()).collect();
        problems.extend(given.wrong.iter().map(said));
        let anchored = given.series.anchors().len();
        let mut deployments = 0;
        match rebuilder(&store, given.series).rebuild(Timestamp::parse(FIRST_DAY)?, lambda::now()).await {
            Ok(found) => {
                deployments = found.deployments + found.broken.len();
                days.extend(wrong_days(&found));
                problems.extend(of_history(&found));
                problems.extend(found.differences);
            }
            Err(error) => problems.push(format!("the state can't be compared with the history: {error}")),
        }
        for problem in &problems {
            print(format_args!("wrong: {problem}"));
        }
        if let Some(first) = days.iter().filter(|day| !day.is_empty()).min() {
            print(format_args!("The first day that is wrong: {first}."));
        }
        if anchored > 0 {
            print(format_args!("Compared with {anchored} anchors."));
        }
        match problems.len() {
            0 => print(format_args!("Verified {deployments} deployments: all of them are intact.")),
            wrong => print(format_args!("Verified {deployments} deployments: {wrong} problems.")),
        }
        Ok(problems.is_empty())
    }
}

impl Given {
    /// Those in a folder, which must be there; where none is named, those beside the file.
    pub(crate) fn read(file: &Path, folder: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        if let Some(named) = folder.filter(|folder| !folder.is_dir()) {
            return Err(format!("--anchors must be a folder with anchors: there is none at {}", named.display()).into());
        }
        let named = folder.is_some();
        let folder = folder.map_or_else(|| anchors::beside(file), Path::to_path_buf);
        let (series, wrong) = anchors::read(&folder)
            .map_err(|error| format!("the anchors in {} can't be read: {error}", folder.display()))?;
        if named && series.anchors().is_empty() && wrong.is_empty() {
            return Err(
                format!("--anchors must be a folder with anchors: there are none in {}", folder.display()).into()
            );
        }
        Ok(Self { series, wrong })
    }

    /// The anchors, when all of them are.
    pub(crate) fn series(self) -> Result<Series, String> {
        match self.wrong.first() {
            Some(wrong) => Err(format!("{}; verify says more", wrong.what)),
            None => Ok(self.series),
        }
    }
}

/// What looks at a file from both sides.
pub(crate) fn rebuilder(store: &Sqlite, anchors: Series) -> Rebuilder<Sqlite> {
    let listed = store.clone();
    Rebuilder::new(store.clone(), Retention::FOREVER).listing(move |table| listed.keys(table)).anchored(anchors)
}

/// What is wrong with the history, a sentence for each.
pub(crate) fn of_history(found: &Rebuilt) -> Vec<String> {
    let of_chain = |broken: &Broken| {
        let Broken { subject, since, problems } = broken;
        let since = since.map(|since| format!(", since {since} or later")).unwrap_or_default();
        let anchored = |problem: &&String| !found.unanchored.iter().any(|wrong| wrong.what == **problem);
        problems.iter().filter(anchored).map(|problem| format!("{subject}: {problem}{since}")).collect::<Vec<_>>()
    };
    found.broken.iter().flat_map(of_chain).chain(found.unanchored.iter().map(said)).collect()
}

/// The days in which the history is wrong.
pub(crate) fn wrong_days(found: &Rebuilt) -> Vec<String> {
    let since = found.broken.iter().filter_map(|broken| Some(broken.since?.day()));
    since.chain(found.unanchored.iter().map(|wrong| wrong.day.clone())).collect()
}

pub(crate) fn said(wrong: &Wrong) -> String {
    format!("{}: {}", wrong.day, wrong.what)
}
