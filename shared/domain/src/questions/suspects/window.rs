//! For how long before something went wrong changes are looked for.

use std::fmt;

use crate::Timestamp;

/// A length of time: `90m`, `6h`, `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    minutes: i64,
}

/// What is no such length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number of minutes, hours or days, from 1m to 7d, such as 90m, 6h or 2d")]
pub struct WrongWindow;

impl Window {
    /// What is looked at where nothing else is asked for: six hours.
    pub const DEFAULT: Self = Self { minutes: 6 * 60 };
    /// The longest: a week.
    const MOST: i64 = 7 * 24 * 60;
    /// What a length looks like, as a regular expression.
    pub const PATTERN: &'static str =
        "^(([1-9][0-9]{0,3}|100[0-7][0-9]|10080)m|([1-9][0-9]?|1[0-5][0-9]|16[0-8])h|[1-7]d)$";

    /// Reads one.
    ///
    /// # Errors
    /// [`WrongWindow`] says what would be right.
    pub fn parse(text: &str) -> Result<Self, WrongWindow> {
        let units = [('m', 1), ('h', 60), ('d', 24 * 60)];
        let of_unit = units.into_iter().find_map(|(unit, minutes)| Some((text.strip_suffix(unit)?, minutes)));
        let (number, unit) = of_unit.ok_or(WrongWindow)?;
        let is_number = (1..=5).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = Some(number).filter(|_| is_number).and_then(|text| text.parse().ok()).ok_or(WrongWindow)?;
        let minutes = number * unit;
        if (1..=Self::MOST).contains(&minutes) { Ok(Self { minutes }) } else { Err(WrongWindow) }
    }

    /// Its length in milliseconds; above 0.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.minutes * 60_000
    }

    /// When it began, if it ends at a time.
    #[must_use]
    pub fn before(self, end: Timestamp) -> Timestamp {
        end.plus_millis(-self.millis())
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minutes {
            minutes if minutes % (24 * 60) == 0 => write!(f, "{}d", minutes / (24 * 60)),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}
