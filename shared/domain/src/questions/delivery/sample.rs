//! Measured times in order: their percentiles and their mean.
//!
//! Percentiles are by nearest rank: of n values in ascending order, the p-th is the one at place
//! ⌈n·p/100⌉. It is always a value that was measured, and at least p percent of the values are no
//! greater.

use super::Durations;

/// Seconds in ascending order.
#[derive(Debug)]
pub(in crate::questions) struct Sample(Vec<f64>);

impl Sample {
    /// These values, in whatever order they come.
    pub(in crate::questions) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.filter(|seconds| seconds.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// The value that `percent` of them, 1 to 100, are no greater than; none of nothing.
    pub(in crate::questions) fn percentile(&self, percent: usize) -> Option<f64> {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.checked_sub(1)?).copied()
    }

    /// The values, in ascending order.
    pub(in crate::questions) fn values(&self) -> impl Iterator<Item = f64> {
        self.0.iter().copied()
    }

    /// The middle one; of an even number the lower of the two in the middle.
    pub(in crate::questions) fn median(&self) -> Option<f64> {
        self.percentile(50)
    }

    /// How they are distributed; none of nothing.
    pub(in crate::questions) fn durations(&self) -> Option<Durations> {
        let (least, maximum) = (*self.0.first()?, *self.0.last()?);
        Some(Durations {
            count: self.0.len() as u64,
            average: self.mean()?.clamp(least, maximum),
            p50: self.median()?,
            p95: self.percentile(95)?,
            maximum,
        })
    }

    /// Summed up in ascending order, so that it does not depend on the order in which they came.
    #[expect(clippy::cast_precision_loss, reason = "a count of deployments fits a double exactly")]
    fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.iter().sum::<f64>() / self.0.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        // The example of nearest rank that most textbooks have.
        let five = Sample::of([50.0, 15.0, 40.0, 20.0, 35.0].into_iter());
        for (percent, expected) in [(5, 15.0), (30, 20.0), (40, 20.0), (50, 35.0), (95, 50.0), (100, 50.0)] {
            assert_eq!(five.percentile(percent), Some(expected), "{percent}");
        }
        let twenty = Sample::of((1..=20).map(f64::from));
        assert_eq!((twenty.median(), twenty.percentile(95)), (Some(10.0), Some(19.0)));
        let twenty_one = Sample::of((1..=21).map(f64::from));
        assert_eq!((twenty_one.median(), twenty_one.percentile(95)), (Some(11.0), Some(20.0)));
        assert_eq!(Sample::of([7.0].into_iter()).percentile(95), Some(7.0));
    }

    #[test]
    fn nothing_has_no_percentile_and_no_mean() {
        let nothing = Sample::of([f64::NAN, f64::INFINITY].into_iter());
        assert_eq!((nothing.median(), nothing.durations()), (None, None));
    }

    #[test]
    fn a_mean_lies_between_the_least_and_the_greatest() {
        // Three times 0.1 is a little more than 0.3.
        let equal = Sample::of([0.1; 3].into_iter()).durations().unwrap();
        assert_eq!((equal.average.to_bits(), equal.maximum.to_bits()), (0.1_f64.to_bits(), 0.1_f64.to_bits()));
    }
}
