//! The tables of an installation in AWS.

use aws::clients;
use clap::Args;
use domain::Retention;
use dynamodb::ReadWrite;
use store::TableNames;

/// Which tables.
#[derive(Debug, Args)]
pub(super) struct Tables {
    /// The history table of an installation in AWS. Region and credentials come from the environment
    /// variables of the AWS tools, and from nowhere else.
    #[arg(long, value_name = "NAME", requires = "state_table")]
    history_table: Option<String>,
    /// The state table of that installation.
    #[arg(long, value_name = "NAME", requires = "history_table")]
    state_table: Option<String>,
    /// The installation's retention of history in days; 0 means that it is kept for ever.
    #[arg(long, value_name = "DAYS", default_value = "0", value_parser = retention, requires = "history_table")]
    retention_days: Retention,
}

impl Tables {
    /// Their store, when they are named, and how long its history is kept.
    pub(super) fn store(&self) -> Option<(ReadWrite, Retention)> {
        let names = TableNames { history: self.history_table.clone()?, state: self.state_table.clone()? };
        Some((ReadWrite::from_configuration(&clients::configuration(), names), self.retention_days))
    }
}

fn retention(days: &str) -> Result<Retention, String> {
    let days = days.parse().ok().and_then(Retention::of_days);
    days.ok_or_else(|| format!("must be a number of days from 0 to {}", Retention::MOST_DAYS))
}
