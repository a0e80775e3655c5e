//! Numbers that look random and are the same for the same seed.

/// A sequence of numbers that its seed decides: `SplitMix64`.
pub(super) struct Chance(u64);

impl Chance {
    /// Seeds beside each other have nothing in common: the sequence of one is no part of another's.
    pub(super) fn of(seed: u64) -> Self {
        Self(mixed(seed.wrapping_add(0x5EED)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// From `low` up to, and without, `high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low).expect("a range");
        low + i64::try_from(self.next() % width).expect("less than the range")
    }

    /// Whether one of `n` equal chances came true.
    pub(super) fn one_in(&mut self, n: i64) -> bool {
        self.between(0, n) == 0
    }

    /// One of these; naming one several times makes it likelier.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let count = i64::try_from(items.len()).expect("a small number");
        items[usize::try_from(self.between(0, count)).expect("not negative")]
    }
}

fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
