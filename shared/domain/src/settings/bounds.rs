//! Bounds of numbers in settings.

/// The longest time that can be asked for, in days.
pub(super) const DAYS: f64 = 36_500.0;

/// For how many sets of dimensions there are metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricBounds {
    /// New ones on one day.
    pub new_per_day: usize,
    /// All at once: with a value in the last thirty days.
    pub at_once: usize,
}
