//! `deployment-status-local export`: what was recorded in a time, as lines of JSON with all that the hashes cover.
//! `docs/anchors.md` has the format. A server may go on meanwhile.

use std::error::Error;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use clap::Args;
use domain::export::{EventLine, Header, Line, VersionLine};
use domain::identifiers::Identifier as _;
use domain::settings::version::Version;
use domain::{Environment, Retention, Timestamp};
use sqlite::Sqlite;
use store::items::history::HistoryItem;
use store::keys::id_of_partition;
use store::query::Query;
use store::reader::chains::is_chain;
use store::{Reader, StoreError, Table};

/// What to export.
#[derive(Debug, Args)]
pub struct Export {
    /// What was recorded from this time on, such as 2026-07-01T00:00:00Z; the beginning by default
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    since: Option<Timestamp>,
    /// What was recorded up to this time; now by default
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse_up_to)]
    until: Option<Timestamp>,
    /// Only deployments to this environment, without settings and releases
    #[arg(long, value_name = "NAME", value_parser = Environment::parse)]
    environment: Option<Environment>,
}

impl Export {
    /// Prints the export of a file.
    ///
    /// # Errors
    /// When there is no such file, it can't be read, or the output can't be written.
    pub async fn run(&self, data: Option<&Path>) -> Result<(), Box<dyn Error>> {
        let file = data.filter(|file| file.exists()).ok_or("export needs --data with an existing file")?;
        let now = lambda::now();
        let (since, until) = (self.since.unwrap_or(Timestamp::MIN), self.until.unwrap_or(now));
        if since > until {
            return Err("--since must not be later than --until".into());
        }
        let header = Header::new((since, until), self.environment.clone(), Retention::FOREVER, now);
        let store = Sqlite::open_as_it_is(file)?;
        let mut lines = lines(&store, &header).await?;
        lines.sort_by(|one, other| one.position().cmp(&other.position()));
        let mut output = BufWriter::new(io::stdout().lock());
        for line in std::iter::once(&Line::Header { export: header }).chain(&lines) {
            writeln!(output, "{}", line.text())?;
        }
        output.flush()?;
        Ok(())
    }
}

/// The lines behind the header, in any order.
async fn lines(store: &Sqlite, header: &Header) -> Result<Vec<Line>, StoreError> {
    let reader = Reader::new(store.clone());
    let mut partitions: Vec<String> = store.keys(Table::History)?.into_iter().map(|key| key.partition).collect();
    partitions.dedup();
    let mut lines = Vec::new();
    for subject in partitions.into_iter().filter(|partition| is_chain(partition)) {
        if let Some(asked) = &header.environment {
            let Ok(id) = id_of_partition(&subject) else { continue };
            let state = reader.state(&id).await?;
            if state.is_none_or(|state| state.summary.environment() != *asked) {
                continue;
            }
        }
        let mut pages = reader.pages(Query::of(Table::History, subject.as_str()).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                match HistoryItem::of(item)? {
                    HistoryItem::Recorded(record) if header.has(record.recorded_at) => {
                        lines.push(Line::Event(Box::new(EventLine::new(subject.clone(), &record))));
                    }
                    HistoryItem::Settings(version) | HistoryItem::Declared(version)
                        if header.has(version.recorded_at) =>
                    {
                        lines.push(version_line(&subject, &version));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(lines)
}

fn version_line(subject: &str, version: &Version) -> Line {
    Line::Version(Box::new(VersionLine::new(subject.to_owned(), version)))
}
