//! What was recorded on a day: whether it is intact, and all of it for an export.

use std::collections::BTreeSet;

use api::{ExportLine, Page, Problem, VerifiedChain};
use domain::export::{EventLine, Line, VersionLine};
use domain::settings::version::{self, Version};
use domain::{DeploymentId, Timestamp};
use store::items::history::HistoryItem;
use store::keys::listings::RELEASE;
use store::keys::{EVENT, SETTINGS, id_of_partition, text};
use store::reader::day::DayPosition;
use store::tables::PARTITION;
use store::{Key, ReadItems, StoreError};

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

/// How many bytes of payload a page has at most; Lambda's own bound for an answer is 6 MB.
const PAGE_BYTES: usize = 3_000_000;

impl<S: ReadItems> StatusQuery<S> {
    /// A page looks at so many entries of the day at most, and a chain is verified with its first entry of the day. So a
    /// page can be short.
    pub(crate) async fn verify_day(&self, mut parameters: Parameters, now: Timestamp) -> Answer {
        let (day, limit) = (parameters.day("day"), parameters.limit());
        let position = parameters.position(|position| DayPosition::parse(position).is_some());
        parameters.finish()?;
        let (day, position) = (day.unwrap_or_default(), position.and_then(|position| DayPosition::parse(&position)));
        let (keys, next) = self.reader.recorded_of_day(&day, position.as_ref(), limit).await?;
        let (mut items, mut seen) = (Vec::new(), BTreeSet::new());
        // The settings are in no index of days: they are verified with the first page of each.
        if position.is_none() {
            items.extend(self.verified_settings().await?);
        }
        for key in keys {
            if !seen.insert(key.partition.clone()) {
                continue;
            }
            if key.partition.starts_with(RELEASE) {
                let versions = self.reader.versions_in(&key.partition).await?;
                if is_first(&day, &key, versions.iter().map(|v| (v.recorded_at, format!("{:012}", v.number)))) {
                    items.push(of_versions(&key.partition, &versions));
                }
            } else if let Ok(id) = id_of_partition(&key.partition) {
                items.extend(self.verified(&day, &key, &id, now).await?);
            }
        }
        json(&Page { items, next_cursor: parameters.cursor(next.map(|next| next.text())) })
    }

    async fn verified(
        &self,
        day: &str,
        key: &Key,
        id: &DeploymentId,
        now: Timestamp,
    ) -> Result<Option<VerifiedChain>, StoreError> {
        let records = self.reader.trail(id).await?.records;
        let events =
            records.iter().map(|record| (record.recorded_at, format!("{EVENT}{}", record.received.key.as_str())));
        if !is_first(day, key, events) {
            return Ok(None);
        }
        let found = self.reader.both_sides(id, self.retention, now).await?;
        Ok(Some(VerifiedChain {
            subject: key.partition.clone(),
            intact: found.verified.problems.is_empty(),
            entries: found.events as u64,
            expired: found.verified.expired,
            head_hash: found.head_hash,
            problems: found.verified.problems,
        }))
    }

    async fn verified_settings(&self) -> Result<Option<VerifiedChain>, StoreError> {
        let versions = self.reader.versions_in(SETTINGS).await?;
        Ok((!versions.is_empty()).then(|| of_versions(SETTINGS, &versions)))
    }

    pub(crate) async fn export_day(&self, mut parameters: Parameters) -> Answer {
        let (day, limit) = (parameters.day("day"), parameters.limit());
        let position = parameters.position(|position| DayPosition::parse(position).is_some());
        parameters.finish()?;
        let (day, position) = (day.unwrap_or_default(), position.and_then(|position| DayPosition::parse(&position)));
        let mut lines = Vec::new();
        if position.is_none() {
            // The settings are in no index of days: those of the day come first.
            let versions = self.reader.versions_in(SETTINGS).await?;
            lines.extend(versions.iter().filter(|v| v.recorded_at.day() == day).map(|v| version_line(SETTINGS, v)));
        }
        let (keys, next) = self.reader.recorded_of_day(&day, position.as_ref(), limit).await?;
        let mut bytes = 0;
        for item in self.reader.history_items(keys).await? {
            let subject = text(&item, PARTITION).unwrap_or_default().to_owned();
            let line = match HistoryItem::of(item)? {
                HistoryItem::Recorded(record) => Line::Event(Box::new(EventLine::new(subject, &record))),
                HistoryItem::Settings(version) | HistoryItem::Declared(version) => version_line(&subject, &version),
                HistoryItem::Rejected(_) => continue,
            };
            bytes += line.text().len();
            lines.push(line);
        }
        if bytes > PAGE_BYTES && limit > 1 {
            let detail = format!("must be smaller for this page, which is larger than {PAGE_BYTES} bytes");
            return Err(Problem::wrong_field("limit", detail).into());
        }
        let items = lines.iter().map(|line| serde_json::to_value(line).map(ExportLine));
        let items = items.collect::<Result<Vec<_>, _>>().map_err(|error| StoreError::unreadable("export", error))?;
        json(&Page { items, next_cursor: parameters.cursor(next.map(|next| next.text())) })
    }
}

fn version_line(subject: &str, version: &Version) -> Line {
    Line::Version(Box::new(VersionLine::new(subject.to_owned(), version)))
}

/// Whether the entry under this key is the first of its chain on a day, so that the chain is verified once.
fn is_first(day: &str, key: &Key, entries: impl Iterator<Item = (Timestamp, String)>) -> bool {
    let mut of_day = entries.filter(|(recorded_at, _)| recorded_at.day() == day).map(|(_, sort)| sort);
    // What can't be read is first too: rather twice than never.
    of_day.next().is_none_or(|first| first == key.sort)
}

fn of_versions(subject: &str, versions: &[Version]) -> VerifiedChain {
    let problems = version::problems(versions, true);
    VerifiedChain {
        subject: subject.to_owned(),
        intact: problems.is_empty(),
        entries: versions.len() as u64,
        expired: 0,
        head_hash: versions.last().map(|last| last.hash.clone()).unwrap_or_default(),
        problems,
    }
}
