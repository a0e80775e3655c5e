//! `deployment-status-local rebuild`: recomputes the state from history and compares it with the stored state,
//! in a file or in the tables of an installation in AWS. On request it writes the differences.

#[cfg(feature = "aws")]
mod in_aws;

use std::error::Error;
use std::path::Path;

use clap::Args;
use domain::{Retention, Timestamp};
use recorder::Rebuilder;
use sqlite::Sqlite;
use store::WriteItems;

use crate::data::FIRST_DAY;

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
}

impl Rebuild {
    /// Rebuilds the state, and prints the differences. A server may go on meanwhile.
    ///
    /// # Errors
    /// When a table can't be read or written, or when there are differences and `--write` is not set.
    pub async fn run(&self, data: Option<&Path>) -> Result<(), Box<dyn Error>> {
        #[cfg(feature = "aws")]
        if let Some(rebuilder) = self.tables.rebuilder() {
            if data.is_some() {
                return Err("rebuild needs either --data or the tables in AWS, not both".into());
            }
            return self.compare(&rebuilder).await;
        }
        match data {
            Some(file) if file.exists() => {
                self.compare(&Rebuilder::new(Sqlite::open_as_it_is(file)?, Retention::FOREVER)).await
            }
            _ if cfg!(feature = "aws") => {
                Err("rebuild needs --data with an existing file, or --history-table and --state-table".into())
            }
            _ => Err("rebuild needs --data with an existing file".into()),
        }
    }

    async fn compare<S: WriteItems>(&self, rebuilder: &Rebuilder<S>) -> Result<(), Box<dyn Error>> {
        let found = rebuilder.rebuild(Timestamp::parse(FIRST_DAY)?, lambda::now()).await?;
        println!("Recomputed {} deployments from {} events.", found.deployments, found.events);
        if found.left > 0 {
            println!("Skipped {} deployments: some of their events have expired.", found.left);
        }
        for difference in &found.differences {
            println!("different: {difference}");
        }
        let differences = found.differences.len();
        if differences == 0 {
            println!("No differences between history and state.");
            return Ok(());
        }
        if !self.write {
            return Err(format!("{differences} differences; --write changes the state to match the history").into());
        }
        let repaired = rebuilder.repair(found).await?;
        println!("Wrote {} items.", repaired.items);
        match repaired.changed_meanwhile {
            0 => Ok(()),
            changed => Err(format!("{changed} items changed meanwhile and were skipped: run rebuild again").into()),
        }
    }
}
