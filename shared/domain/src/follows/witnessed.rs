//! What the witness tells people: the root of an anchor, so that mailboxes hold it too, and that someone modified the
//! history.

use serde::Serialize;

use crate::anchors::{Anchor, AnchorRecord, CLOSED_AFTER_MILLIS};
use crate::{Timestamp, json, one_line};

/// How far the clocks of two machines may be apart.
pub const CLOCKS_APART_MILLIS: i64 = 60 * 1000;
/// How many modifications are listed in a mail.
const LISTED: usize = 20;
/// How much of a name is shown.
const SHOWN: usize = 300;

/// What the witness tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witnessed {
    /// An anchor was made.
    Anchored {
        /// What it says.
        record: AnchorRecord,
        /// Its hash.
        hash: String,
    },
    /// Someone modified the history.
    Modified(Vec<Modification>),
}

/// A modification of the history, which nobody may make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Modification {
    /// What the chain is of: the partition of the history.
    pub subject: String,
    /// Which of its items: the sort key.
    pub item: String,
    /// What was done.
    pub how: How,
    /// The hash of what was there before; null where nothing was.
    pub hash_before: Option<String>,
    /// The hash of what is there now; null where nothing is.
    pub hash_after: Option<String>,
    /// Where what was there before is kept; null where nothing was.
    pub kept_as: Option<String>,
    /// When it was done, as the database says.
    pub at: Timestamp,
}

/// What was done to an item of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum How {
    /// Something else was written over it.
    Rewritten,
    /// It was removed, and not by age.
    Removed,
    /// It was put in with a time at which it was not recorded.
    Forged(Forged),
    /// It was put in, and is none that this system records.
    Unreadable,
}

/// Why an item can't have been recorded when it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Forged {
    /// It says that it was recorded before what precedes it.
    BeforeThePrevious,
    /// It says that it was recorded after it was committed.
    InTheFuture,
    /// It was committed longer after that than any invocation lasts.
    InThePast,
}

/// Why what was committed at this time can't have been recorded when it says; none where it can.
#[must_use]
pub fn forged(recorded_at: Timestamp, previous: Option<Timestamp>, committed_at: Timestamp) -> Option<Forged> {
    let recorded = recorded_at.millis();
    // The database says a whole second, rounded down.
    if recorded > committed_at.millis() + 999 + CLOCKS_APART_MILLIS {
        Some(Forged::InTheFuture)
    } else if recorded + CLOSED_AFTER_MILLIS + CLOCKS_APART_MILLIS < committed_at.millis() {
        Some(Forged::InThePast)
    } else if previous.is_some_and(|previous| recorded + CLOCKS_APART_MILLIS < previous.millis()) {
        Some(Forged::BeforeThePrevious)
    } else {
        None
    }
}

impl Modification {
    /// What was done, in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { subject, item, how, hash_before, hash_after, kept_as, at } = self;
        // What stands there can be anybody's text.
        let of = format!("{} {}", one_line(subject, SHOWN), one_line(item, SHOWN));
        let short = |hash: &Option<String>| one_line(hash.as_deref().unwrap_or("none"), SHOWN);
        let mut line = match how {
            How::Rewritten if hash_before == hash_after => {
                format!("{of} was rewritten at {at}; its hash is still {}", short(hash_before))
            }
            How::Rewritten => {
                format!("{of} was rewritten at {at}: its hash was {} and is {}", short(hash_before), short(hash_after))
            }
            How::Removed => format!("{of} was removed at {at}: its hash was {}", short(hash_before)),
            How::Forged(why) => {
                let why = match why {
                    Forged::BeforeThePrevious => "before the one that precedes it",
                    Forged::InTheFuture => "later than it was written",
                    Forged::InThePast => "long before it was written",
                };
                format!(
                    "{of} was put in at {at}, and says that it was recorded {why}: its hash is {}",
                    short(hash_after)
                )
            }
            How::Unreadable => format!("{of} was put in at {at}, and is nothing that is recorded here"),
        };
        if let Some(kept_as) = kept_as {
            line.push_str("; what was there is kept as ");
            line.push_str(kept_as);
        }
        line
    }
}

impl Witnessed {
    /// That an anchor was made.
    #[must_use]
    pub fn anchored(anchor: &Anchor) -> Self {
        Self::Anchored { record: anchor.record.clone(), hash: anchor.hash.clone() }
    }

    /// What kind it is, as a filter knows it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anchored { .. } => "ANCHORED",
            Self::Modified(_) => "HISTORY_MODIFIED",
        }
    }

    /// `info` or `error`.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        match self {
            Self::Anchored { .. } => "info",
            Self::Modified(_) => "error",
        }
    }

    /// The same each time that it is sent.
    #[must_use]
    pub fn dedupe_id(&self) -> String {
        match self {
            Self::Anchored { hash, .. } => format!("anchor:{hash}"),
            Self::Modified(all) => {
                let lines: Vec<String> = all.iter().map(Modification::line).collect();
                format!("modified:{}", json::sha256_hex(&lines.join("\n")))
            }
        }
    }

    /// The subject of a mail.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Anchored { record, .. } => format!("Anchor {} of {}", record.number, record.day),
            Self::Modified(all) => format!("THE HISTORY WAS MODIFIED: {}", items(all.len())),
        }
    }

    /// A line for a phone.
    #[must_use]
    pub fn sms(&self) -> String {
        match self {
            Self::Anchored { record, .. } => {
                format!("Anchor {} of {}: root {}", record.number, record.day, record.root)
            }
            Self::Modified(all) => {
                one_line(&format!("The history was modified: {}. {}", items(all.len()), first(all)), 140)
            }
        }
    }

    /// The text of a mail.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Anchored { record, hash } => format!(
                "Anchor {} of {}: {} chains changed.\nRoot: {}\nHash: {hash}\nClosed until: {}\n\nKeep this message: \
                 it proves what was recorded, even if the anchors are lost.\n",
                record.number, record.day, record.size, record.root, record.closed_until
            ),
            Self::Modified(all) => {
                let mut text = format!("Someone modified {} of the history, which nobody may.\n\n", items(all.len()));
                for modification in all.iter().take(LISTED) {
                    text.push_str(&modification.line());
                    text.push('\n');
                }
                if all.len() > LISTED {
                    let more = all.len() - LISTED;
                    text.push_str("and ");
                    text.push_str(&more.to_string());
                    text.push_str(" more; the witness's log has all\n");
                }
                text
            }
        }
    }
}

fn first(all: &[Modification]) -> String {
    all.first().map(Modification::line).unwrap_or_default()
}

fn items(count: usize) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_recorded_so_is_not_forged_and_what_cannot_is() {
        const MINUTE: i64 = 60 * 1000;
        let committed = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        for (recorded, previous, expected) in [
            (0, None, None),
            (0, Some(0), None),
            (0, Some(MINUTE), None),
            (0, Some(MINUTE + 1), Some(Forged::BeforeThePrevious)),
            (MINUTE + 999, None, None),
            (MINUTE + 1000, None, Some(Forged::InTheFuture)),
            (-16 * MINUTE, None, None),
            (-16 * MINUTE - 1, None, Some(Forged::InThePast)),
        ] {
            let at = |millis| committed.plus_millis(millis);
            assert_eq!(forged(at(recorded), previous.map(at), committed), expected, "{recorded} {previous:?}");
        }
    }

    #[test]
    fn a_line_names_the_subject_and_both_hashes() {
        let at = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let line = |how, before: Option<&str>, after: Option<&str>| {
            let [hash_before, hash_after] = [before, after].map(|hash| hash.map(str::to_owned));
            let (subject, item) = ("DEPLOYMENT#d-1".to_owned(), "EVENT#x".to_owned());
            let kept_as = hash_before.as_ref().map(|_| "modified/1.json".to_owned());
            Modification { subject, item, how, hash_before, hash_after, kept_as, at }.line()
        };
        assert_eq!(
            line(How::Rewritten, Some("ab"), Some("cd")),
            "DEPLOYMENT#d-1 EVENT#x was rewritten at 2026-03-01T12:00:00.000Z: its hash was ab and is cd; what was \
             there is kept as modified/1.json"
        );
        assert!(line(How::Rewritten, Some("ab"), Some("ab")).contains("its hash is still ab"));
        assert!(line(How::Removed, Some("ab"), None).contains("its hash was ab"));
        assert!(line(How::Forged(Forged::InTheFuture), None, Some("cd")).contains("later than it was written"));
        assert!(line(How::Unreadable, None, None).ends_with("is nothing that is recorded here"));
    }
}
