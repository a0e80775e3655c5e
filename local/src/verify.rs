//! `deployment-status-local verify`: whether everything in a file is what was recorded. A server may go on
//! meanwhile.

use std::error::Error;
use std::path::Path;

use domain::{DeploymentId, Retention, Timestamp};
use recorder::Rebuilder;
use sqlite::{Inspected, Sqlite};
use store::StoreError;
use store::keys::id_of_partition;

use crate::data::FIRST_DAY;

/// Verifies a file, and prints what is wrong with it: the pages of the file, its rows, the chain of each deployment, and the
/// state against the history. Answers whether all of it is intact.
///
/// # Errors
/// When the file can't be opened, or so much of it can't be read that nothing can be said.
pub async fn run(data: Option<&Path>) -> Result<bool, Box<dyn Error>> {
    let file = data.filter(|file| file.exists()).ok_or("verify needs --data with an existing file")?;
    let store = Sqlite::open_as_it_is(file)?;
    let mut problems = match store.damaged_pages() {
        Ok(problems) => problems,
        Err(error) => vec![error.to_string()],
    };
    let Inspected { partitions, problems: of_rows } = store.inspect()?;
    problems.extend(of_rows);
    let (first, now) = (Timestamp::parse(FIRST_DAY)?, lambda::now());
    let rebuilder = Rebuilder::new(store, Retention::FOREVER);
    // What can't be read is a problem already, and hides no other.
    let deployments: Vec<_> = partitions.iter().filter_map(|partition| id_of_partition(partition).ok()).collect();
    for id in &deployments {
        problems.extend(
            of_deployment(&rebuilder, id, now).await.into_iter().map(|what| format!("deployment {id}: {what}")),
        );
    }
    match rebuilder.rebuild(first, now).await {
        Ok(found) => problems.extend(found.differences),
        Err(error) => problems.push(format!("the state can't be compared with the history: {error}")),
    }
    for problem in &problems {
        println!("wrong: {problem}");
    }
    match problems.len() {
        0 => println!("Verified {} deployments: all of them are intact.", deployments.len()),
        wrong => println!("Verified {} deployments: {wrong} problems.", deployments.len()),
    }
    Ok(problems.is_empty())
}

/// What is wrong with the events of a deployment, or with its summary.
async fn of_deployment(rebuilder: &Rebuilder<Sqlite>, id: &DeploymentId, now: Timestamp) -> Vec<String> {
    let read = async || -> Result<Vec<String>, StoreError> {
        // The state first: what is recorded after it was read is not its concern.
        let Some(state) = rebuilder.reader().state(id).await? else {
            return Ok(vec!["it has events and no summary".to_owned()]);
        };
        let (_, verified) = rebuilder.reader().trail(id).await?.verify(&state, Retention::FOREVER, now);
        Ok(verified.problems)
    };
    read().await.unwrap_or_else(|error| vec![format!("it can't be read: {error}")])
}
