//! Merging pages of several partitions, each newest first, into one list.

use crate::position::Position;

/// What one partition has, newest first, and the position to go on from when it has more.
pub(super) type Page<T> = (Vec<T>, Option<Position>);

/// What of these pages is certain to be the newest of all partitions together, newest first, and the
/// position to go on from. Of a partition with more to come nothing is known below its page, so only what is
/// not below the highest of these can be merged.
pub(super) fn merge<T>(pages: Vec<Page<T>>, position: fn(&T) -> &str) -> Page<T> {
    let horizon = pages.iter().filter_map(|(_, more)| more.clone()).max();
    let mut merged: Vec<T> = pages.into_iter().flat_map(|(page, _)| page).collect();
    merged.retain(|entry| horizon.as_deref().is_none_or(|horizon| position(entry) >= horizon));
    merged.sort_unstable_by(|a, b| position(b).cmp(position(a)));
    (merged, horizon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_partition_can_still_come_before_is_merged() {
        let page = |entries: &[&'static str], more: Option<&str>| (entries.to_vec(), more.map(str::to_owned));
        let (all, next) = merge(vec![page(&["5", "2"], None), page(&["4", "1"], None)], |entry| entry);
        assert_eq!((all, next), (vec!["5", "4", "2", "1"], None));
        let pages = vec![page(&["9", "3"], Some("3")), page(&["7", "6"], Some("6")), page(&["8", "5"], None)];
        assert_eq!(merge(pages, |entry| entry), page(&["9", "8", "7", "6"], Some("6")));
    }
}
