//! Making anchors: of the days that are closed, or up to now.
//!
//! Nothing is remembered from one invocation to the next. Each looks at what is in the bucket and does what is left to
//! do, so it can be cut off anywhere. The bucket takes one object of a name, and the name of an anchor is its number:
//! of two invocations that make the same anchor one finds that it was made, and looks again.

use domain::Timestamp;
use domain::anchors::{Anchor, Extent, Series, next};
use domain::follows::metrics::Tally;
use domain::follows::witnessed::Witnessed;
use publisher::Publisher;
use store::ReadItems;
use vault::{Kept, Put};

use crate::{Failed, Witness};

/// How many times an invocation looks at the bucket: each makes an anchor of a month, or finds that someone else did.
const MOST_LOOKS: usize = 1_000;

impl<S: ReadItems, P: Publisher> Witness<S, P> {
    /// Anchors all that is not anchored yet, as far as `whole` reaches. Answers the anchors that this invocation made.
    ///
    /// # Errors
    /// When the history can't be read, what is in the bucket is not what was written, or something can't be written
    /// or sent: what was done stays done.
    pub async fn anchor(&self, whole: Extent, now: Timestamp) -> Result<Vec<Anchor>, Failed> {
        let mut made = Vec::new();
        for _ in 0..MOST_LOOKS {
            let kept = self.bucket.list().await?;
            let anchors = numbered(&kept)?;
            self.tell(&kept, &anchors).await?;
            let last_ones = self.last_ones(&anchors).await?;
            let closed = last_ones.last().map(|last| last.record.closed_until);
            if let Some(closed) = closed.filter(|closed| *closed >= whole.closed_until) {
                let mut tally = Tally::default();
                tally.add_anchor_age(closed, now);
                self.publisher.metrics(tally.data()).await?;
                return Ok(made);
            }
            let from = match closed {
                Some(closed) => closed,
                None => self.first_day(whole.closed_until, now).await?,
            };
            let extent = whole.part(from);
            let chains = self.changed(from, extent.until).await?;
            let Some(mut anchor) = next(&last_ones, &chains, extent) else { break };
            anchor.signature = Some(self.key.sign(&anchor.record.text()).await?);
            if self.bucket.put(&anchor.vault_name(), &anchor.text()).await? == Put::Written {
                tracing::info!(number = anchor.record.number, root = anchor.record.root, "anchored");
                made.push(anchor);
            }
        }
        Err(Failed::Anchors("others make them faster than this invocation can see".to_owned()))
    }

    /// Tells of each anchor that nobody was told of. That it was done is noted in the bucket after it was done, so
    /// whoever is cut off in between tells again, with the same id.
    async fn tell(&self, kept: &[Kept], anchors: &[&Kept]) -> Result<(), Failed> {
        for anchor in anchors {
            let note = told(&anchor.name);
            // They are in the order of their names.
            if kept.binary_search_by(|kept| kept.name.as_str().cmp(&note)).is_ok() {
                continue;
            }
            let anchor = self.anchor_in(anchor).await?;
            self.publisher.notify_witnessed(vec![Witnessed::anchored(&anchor)]).await?;
            self.bucket.put(&note, "{}").await?;
        }
        Ok(())
    }

    /// The last anchors, as many as the next one needs.
    async fn last_ones(&self, anchors: &[&Kept]) -> Result<Series, Failed> {
        let mut last_ones: Vec<Anchor> = Vec::new();
        for kept in anchors.iter().rev() {
            last_ones.push(self.anchor_in(kept).await?);
            if let [last, .., first] | [last @ first] = last_ones.as_slice()
                && Series::is_enough(first, last)
            {
                break;
            }
        }
        let series = Series::of_the_last(last_ones);
        match series.problems().first() {
            Some(wrong) => Err(Failed::Anchors(wrong.what.clone())),
            None => Ok(series),
        }
    }

    async fn anchor_in(&self, kept: &Kept) -> Result<Anchor, Failed> {
        let text = self.bucket.read(kept).await?;
        let anchor: Anchor = serde_json::from_str(&text)
            .map_err(|error| Failed::Anchors(format!("{} is no anchor: {error}", kept.name)))?;
        if anchor.vault_name() != kept.name {
            return Err(Failed::Anchors(format!("{} has anchor {}", kept.name, anchor.record.number)));
        }
        Ok(anchor)
    }
}

/// The anchors among what is kept, in the order of their numbers, of which none is missing.
fn numbered(kept: &[Kept]) -> Result<Vec<&Kept>, Failed> {
    let number = |kept: &Kept| kept.name.strip_suffix(".json").and_then(|number| number.parse::<usize>().ok());
    let mut anchors: Vec<(usize, &Kept)> = kept.iter().filter_map(|kept| Some((number(kept)?, kept))).collect();
    anchors.sort_unstable();
    match (1..).zip(&anchors).find(|(expected, (number, _))| expected != number) {
        Some((expected, _)) => Err(Failed::Anchors(format!("anchor {expected} is missing"))),
        None => Ok(anchors.into_iter().map(|(_, kept)| kept).collect()),
    }
}

/// The name of the note that people were told of an anchor.
fn told(anchor: &str) -> String {
    format!("{}.told", anchor.trim_end_matches(".json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_have_their_numbers_and_none_may_be_missing() {
        let kept = |names: &[&str]| -> Vec<Kept> {
            names.iter().map(|name| Kept { name: (*name).to_owned(), version: String::new() }).collect()
        };
        let all = kept(&["000001.json", "000001.told", "000002.json", "1000000.told", "other.json"]);
        let names: Vec<&str> = numbered(&all).unwrap().iter().map(|kept| kept.name.as_str()).collect();
        assert_eq!(names, ["000001.json", "000002.json"]);
        for (names, says) in
            [(["000001.json", "000003.json"], "anchor 2"), (["000002.json", "000003.json"], "anchor 1")]
        {
            let said = numbered(&kept(&names)).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
        assert_eq!(told("000012.json"), "000012.told");
    }
}
