//! What came through the queue and was refused.

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
        let mut items: Vec<Rejected> = Vec::new();
        let mut bytes = 0;
        let last_day = time_of(&before).day();
        for day in self.reader.rejected_days(&from.day(), &last_day).await? {
            let start = (day == last_day).then(|| before.clone());
            let (page, more) = self.reader.rejected(&day, start.as_deref(), limit - items.len()).await?;
            for item in page {
                if item.sent_at < from.millis() {
                    return json(&Page { items, next_cursor: None });
                }
                bytes += item.stored_bytes();
                item.sort_key().clone_into(&mut before);
                items.push(shape(item));
                if items.len() == limit || bytes > PAGE_BYTES {
                    return json(&Page { items, next_cursor: parameters.cursor(Some(before)) });
                }
            }
            if more.is_some() {
                return json(&Page { items, next_cursor: parameters.cursor(Some(before)) });
            }
        }
        json(&Page { items, next_cursor: None })
    }
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
