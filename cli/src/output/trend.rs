//! Counts over time as a bar chart in one line: a character for each count.

use super::Look;

/// The lowest bar means 0; any other count is higher.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Digits for terminals without bars. Up to nine they are the counts themselves.
const DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// Counts as bars. A count of `highest` has the full height.
pub(crate) fn bars(counts: impl Iterator<Item = u64>, highest: u64, look: &Look) -> String {
    let heights: &[char] = if look.symbols { &BARS } else { &DIGITS };
    let most = heights.len() - 1;
    let full = if look.symbols { highest } else { highest.max(most as u64) };
    let height = |count: u64| {
        let height = (u128::from(count) * most as u128).div_ceil(u128::from(full.max(1)));
        usize::try_from(height).unwrap_or(most).min(most)
    };
    counts.map(|count| heights[height(count)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn shown(symbols: bool, counts: &[u64]) -> String {
        let look = Look { terminal: false, width: None, color: false, symbols, now: Timestamp::MIN };
        bars(counts.iter().copied(), counts.iter().copied().max().unwrap_or(0), &look)
    }

    #[test]
    fn the_highest_count_has_the_full_height_and_zero_the_lowest() {
        assert_eq!(shown(true, &[0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
        assert_eq!(shown(true, &[0, 1, 0]), "▁█▁");
        assert_eq!(shown(true, &[0, 1, 500, 1000]), "▁▂▅█");
        assert_eq!(shown(true, &[0, 0]), "▁▁");
        assert_eq!(shown(true, &[u64::MAX, 1]), "█▂");
    }

    #[test]
    fn digits_are_the_counts_up_to_nine() {
        assert_eq!(shown(false, &[0, 1, 2, 9]), "0129");
        assert_eq!(shown(false, &[0, 1, 3]), "013");
        assert_eq!(shown(false, &[0, 1, 50, 100]), "0159");
    }
}
