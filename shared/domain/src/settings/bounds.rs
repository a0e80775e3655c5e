//! Bounds of numbers in settings.

/// The longest time that can be asked for, in days.
pub(super) const DAYS: f64 = 36_500.0;
