//! `deployment-status-local rebuild`: recomputes the state from history and compares it with the stored state,
//! in a file or in the tables of an installation in AWS. On request it writes the differences.

use std::error::Error;
use std::path::Path;

use aws::clients;
use clap::Args;
use domain::{Retention, Timestamp};
use dynamodb::ReadWrite;
use recorder::Rebuilder;
use store::TableNames;

use crate::embedded::Embedded;

/// The first day on which an event can have been recorded.
const FIRST_DAY: &str = "2026-01-01T00:00:00Z";

/// What to rebuild.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// The history table of an installation in AWS. Region and credentials come from the environment
    /// variables of the AWS tools, and from nowhere else.
    #[arg(long, value_name = "NAME", requires = "state_table")]
    history_table: Option<String>,
    /// Its state table.
    #[arg(long, value_name = "NAME", requires = "history_table")]
    state_table: Option<String>,
    /// The installation's retention of history in days; 0 means that it is kept for ever.
    #[arg(long, value_name = "DAYS", default_value = "0", value_parser = retention, requires = "history_table")]
    retention_days: Retention,
    /// Write the differences to the state.
    #[arg(long)]
    write: bool,
}

impl Rebuild {
    /// Rebuilds the state, and prints the differences.
    ///
    /// # Errors
    /// When a table can't be read or written, or when there are differences and `--write` is not set.
    pub async fn run(&self, data: Option<&Path>) -> Result<(), Box<dyn Error>> {
        match (&self.history_table, &self.state_table, data) {
            (Some(_), Some(_), Some(_)) => Err("rebuild needs either --data or the tables in AWS, not both".into()),
            (Some(history), Some(state), None) => {
                let names = TableNames { history: history.clone(), state: state.clone() };
                let store = ReadWrite::from_configuration(&clients::configuration(), names);
                self.compare(&Rebuilder::new(store, self.retention_days)).await
            }
            (.., Some(file)) if file.exists() => {
                let embedded = Embedded::start(Some(file)).await?;
                self.compare(&Rebuilder::new(embedded.store(), Retention::FOREVER)).await
            }
            _ => Err("rebuild needs --data with an existing file, or --history-table and --state-table".into()),
        }
    }

    async fn compare(&self, rebuilder: &Rebuilder<ReadWrite>) -> Result<(), Box<dyn Error>> {
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

fn retention(days: &str) -> Result<Retention, String> {
    let days = days.parse().ok().and_then(Retention::of_days);
    days.ok_or_else(|| format!("must be a number of days from 0 to {}", Retention::MOST_DAYS))
}
