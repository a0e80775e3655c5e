//! Cursors: where the next page of a list begins.
//!
//! A cursor is opaque to callers, carries a version, and is bound to the query that it was made for:
//! it holds a digest over the query and the position, so a cursor of another query, a cut one or a
//! changed one is refused. It grants nothing that its query would not, so it needs no secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;
const DIGEST: usize = 12;

/// The cursor is not one that we made for this query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the `nextCursor` of an answer to the same query; leave it out to start again")]
pub struct ForeignCursor;

/// The cursor for `position` in the list of `query`.
#[must_use]
pub fn encode(query: &str, position: &str) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(digest(query, position));
    bytes.extend(position.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position that `cursor` holds.
///
/// # Errors
/// [`ForeignCursor`] when it was not made by [`encode`] with this query.
pub fn decode(query: &str, cursor: &str) -> Result<String, ForeignCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ForeignCursor)?;
    let [VERSION, rest @ ..] = bytes.as_slice() else { return Err(ForeignCursor) };
    let (stated, position) = rest.split_at_checked(DIGEST).ok_or(ForeignCursor)?;
    let position = std::str::from_utf8(position).map_err(|_| ForeignCursor)?;
    if digest(query, position) == stated { Ok(position.to_owned()) } else { Err(ForeignCursor) }
}

fn digest(query: &str, position: &str) -> [u8; DIGEST] {
    let mut hasher = Sha256::new();
    hasher.update((query.len() as u64).to_be_bytes());
    hasher.update(query);
    hasher.update(position);
    let mut cut = [0; DIGEST];
    cut.copy_from_slice(&hasher.finalize()[..DIGEST]);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_leads_back_only_with_its_own_query(query in ".*", position in ".*", other in ".*") {
            let cursor = encode(&query, &position);
            prop_assert_eq!(decode(&query, &cursor), Ok(position));
            if other != query {
                prop_assert_eq!(decode(&other, &cursor), Err(ForeignCursor));
            }
        }

        #[test]
        fn any_other_text_is_refused(text in "[A-Za-z0-9_-]{0,60}", at in 0usize..20) {
            prop_assert_eq!(decode("q", &text), Err(ForeignCursor));
            let cursor = encode("q", "position");
            prop_assert_eq!(decode("q", &cursor[..at.min(cursor.len() - 1)]), Err(ForeignCursor));
        }
    }
}
