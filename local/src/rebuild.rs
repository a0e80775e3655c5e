//! `deployment-status-local rebuild`: verifies the history, recomputes the state from it and compares it with the
//! stored state, in a file or in the tables of an installation in AWS. On request it writes the differences.
//!
//! What is broken, or is not what an anchor says, is not taken as the truth: its state is left as it is, unless it is
//! accepted by name, with a reason that is recorded.

#[cfg(feature = "aws")]
mod in_aws;
mod rows;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Retention, Subject, Timestamp};
use recorder::{Broken, Rebuilder, Recorder};
use sqlite::Sqlite;
use store::WriteItems;

use crate::data::FIRST_DAY;
use crate::output::print;
use crate::verify::{self, Given};

/// What to rebuild.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// The tables of an installation in AWS, in place of a file.
    #[cfg(feature = "aws")]
    #[command(flatten)]
    tables: in_aws::Tables,
    /// Write the differences to the state.
    #[arg(long)]
    write: bool,
    /// The folder of the anchors that the history must be equal to. Without it those beside the file are taken
    #[arg(long, value_name = "FOLDER")]
    anchors: Option<PathBuf>,
    /// Take the history of this deployment as it stands, although it is broken or not what an anchor says. That is
    /// recorded
    #[arg(long, value_name = "ID", requires_all = ["reason", "write"], value_parser = deployment)]
    accept_broken: Vec<DeploymentId>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT", requires = "accept_broken", value_parser = reason)]
    reason: Option<String>,
}

impl Rebuild {
    /// Verifies the history, rebuilds the state, and prints the differences. A server may go on meanwhile.
    ///
    /// # Errors
    /// When a table can't be read or written, when the history is broken, or when there are differences and `--write`
    /// is not set.
    pub async fn run(&self, data: Option<&Path>) -> Result<(), Box<dyn Error>> {
        #[cfg(feature = "aws")]
        if let Some((store, retention)) = self.tables.store() {
            if data.is_some() {
                return Err("rebuild needs either --data or the tables in AWS, not both".into());
            }
            let series = match &self.anchors {
                Some(folder) => Given::read(folder, Some(folder))?.series()?,
                None => domain::anchors::Series::default(),
            };
            let rebuilder = Rebuilder::new(store.clone(), retention).looking_beyond(366).anchored(series);
            return self.compare(rebuilder, store, retention, Vec::new()).await;
        }
        match data {
            Some(file) if file.exists() => {
                let series = Given::read(file, self.anchors.as_deref())?.series()?;
                let store = Sqlite::open_as_it_is(file)?;
                let rows = rows::look(&store, self.write).await?;
                self.compare(verify::rebuilder(&store, series), store, Retention::FOREVER, rows).await
            }
            _ if cfg!(feature = "aws") => {
                Err("rebuild needs --data with an existing file, or --history-table and --state-table".into())
            }
            _ => Err("rebuild needs --data with an existing file".into()),
        }
    }

    async fn compare<S: WriteItems>(
        &self,
        rebuilder: Rebuilder<S>,
        store: S,
        retention: Retention,
        rows: Vec<String>,
    ) -> Result<(), Box<dyn Error>> {
        let (first, now) = (Timestamp::parse(FIRST_DAY)?, lambda::now());
        let accepted: Vec<Broken> = if self.accept_broken.is_empty() {
            Vec::new()
        } else {
            self.broken(&rebuilder.rebuild(first, now).await?.broken)?
        };
        let rebuilder = rebuilder.accepting(self.accept_broken.iter().cloned().collect::<BTreeSet<_>>());
        let found = rebuilder.rebuild(first, now).await?;
        print(format_args!("Recomputed {} deployments from {} events.", found.deployments, found.events));
        if found.left > 0 {
            print(format_args!("Skipped {} deployments: some of their events have expired.", found.left));
        }
        // What was accepted is still not what anchors say.
        let broken: Vec<String> = verify::of_history(&found);
        for problem in broken.iter().chain(&rows) {
            print(format_args!("wrong: {problem}"));
        }
        for difference in &found.differences {
            print(format_args!("different: {difference}"));
        }
        let (differences, unaccepted) = (found.differences.len(), found.broken.len());
        if self.write && differences > 0 {
            let repaired = rebuilder.repair(found).await?;
            print(format_args!("Wrote {} items.", repaired.items));
            if repaired.changed_meanwhile > 0 {
                let changed = repaired.changed_meanwhile;
                return Err(format!("{changed} items changed meanwhile and were skipped: run rebuild again").into());
            }
        }
        let recorder = Recorder::new(store, retention);
        for (id, broken) in self.accept_broken.iter().zip(&accepted) {
            recorder.note_accepted(id, self.reason.as_deref().unwrap_or_default(), &broken.problems, now).await?;
            print(format_args!("Accepted deployment {id} as it stands, and recorded that."));
        }
        if unaccepted > 0 {
            return Err(format!(
                "the history of {unaccepted} is not what was recorded, so no state is made of it. Restore a backup, or \
                 accept a deployment as it stands: --write --accept-broken ID --reason TEXT"
            )
            .into());
        }
        if !rows.is_empty() {
            return Err(format!("{} rows are not what they are found as", rows.len()).into());
        }
        match differences {
            0 => print("No differences between history and state."),
            _ if self.write => {}
            _ => {
                return Err(format!("{differences} differences; --write changes the state to match the history").into());
            }
        }
        Ok(())
    }

    /// What is wrong with each deployment that is to be accepted.
    fn broken(&self, found: &[Broken]) -> Result<Vec<Broken>, Box<dyn Error>> {
        let of = |id: &DeploymentId| {
            let broken = found.iter().find(|broken| broken.subject == format!("deployment {id}")).cloned();
            broken.ok_or_else(|| {
                format!("--accept-broken {id}: its history is not broken, so it needs no acceptance").into()
            })
        };
        self.accept_broken.iter().map(of).collect()
    }
}

fn deployment(text: &str) -> Result<DeploymentId, String> {
    let id = DeploymentId::parse(text).map_err(|invalid| invalid.to_string())?;
    match id.subject() {
        Subject::Deployment => Ok(id),
        _ => Err("must be a deployment: of anything else, restore a backup".to_owned()),
    }
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("must say why".to_owned()) } else { Ok(text.to_owned()) }
}
