//! What was refused: from the queue, or behind a proof.

use api::{Page, Rejected};
use domain::Timestamp;
use store::ReadItems;
use store::items::rejected::RejectedItem;
use store::position::time_of;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, after_millis};

/// How many bytes of raw text a page has at most; Lambda's own bound for an answer is 6 MB.
const PAGE_BYTES: usize = 2_000_000;

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_rejected(&self, mut parameters: Parameters, now: Timestamp) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let from = from.unwrap_or(Timestamp::MIN);
        // What was sent by a clock ahead of ours is shown too.
        let to = to.unwrap_or(now.plus_millis(24 * 60 * 60 * 1000));
        let limit = parameters.limit();
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let position = parameters.position(|position| after_millis(position).is_some_and(is_hash));
        parameters.finish()?;
        let mut before = position.unwrap_or_else(|| to.sort_key());
        let mut items: Vec<RejectedItem> = Vec::new();
        let mut bytes = 0;
        let last_day = time_of(&before).day();
        for day in self.reader.rejected_days(&from.day(), &last_day).await? {
            let start = (day == last_day).then(|| before.clone());
            let (page, more) = self.reader.rejected(&day, start.as_deref(), limit - items.len()).await?;
            for item in page {
                item.sort_key().clone_into(&mut before);
                // What is one item all day stands at the day's beginning, whenever it was sent.
                if item.sent_at < from.millis() || item.sent_at >= to.millis() {
                    continue;
                }
                bytes += item.stored_bytes();
                items.push(item);
                if items.len() == limit || bytes > PAGE_BYTES {
                    return json(&page_of(items, parameters.cursor(Some(before))));
                }
            }
            if more.is_some() {
                return json(&page_of(items, parameters.cursor(Some(before))));
            }
        }
        json(&page_of(items, None))
    }
}

/// A page of these, newest first.
fn page_of(mut items: Vec<RejectedItem>, next_cursor: Option<String>) -> Page<Rejected> {
    items.sort_by_key(|item| std::cmp::Reverse(item.sent_at));
    Page { items: items.into_iter().map(shape).collect(), next_cursor }
}

/// What was refused, as it is answered.
fn shape(item: RejectedItem) -> Rejected {
    Rejected {
        sent_at: Timestamp::from_millis(item.sent_at).to_string(),
        recorded_at: Timestamp::from_millis(item.recorded_at).to_string(),
        raw: String::from_utf8_lossy(&item.raw()).into_owned(),
        door: item.door,
        reason: item.reason.into(),
        detail: item.detail,
        errors: item.errors,
        raw_bytes: item.raw_bytes,
        raw_hash: item.raw_hash,
    }
}
