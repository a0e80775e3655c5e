//! The meaning of a colour. The words say the same.

use crossterm::style::{Color, Stylize as _};

use super::Look;

/// The meaning of a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Success.
    Good,
    /// Failure.
    Bad,
    /// Needs attention.
    Notable,
    /// In progress.
    Active,
    /// Less important.
    Faint,
}

impl Tone {
    /// The text in the colour of the tone, if colour is on.
    pub(crate) fn paint(self, text: &str, look: &Look) -> String {
        if look.color { text.with(self.color()).to_string() } else { text.to_owned() }
    }

    fn color(self) -> Color {
        match self {
            Self::Good => Color::Green,
            Self::Bad => Color::Red,
            Self::Notable => Color::Yellow,
            Self::Active => Color::Blue,
            Self::Faint => Color::DarkGrey,
        }
    }

    /// The same colour for tables: their library has its own type.
    pub(super) fn in_table(self) -> comfy_table::Color {
        match self {
            Self::Good => comfy_table::Color::Green,
            Self::Bad => comfy_table::Color::Red,
            Self::Notable => comfy_table::Color::Yellow,
            Self::Active => comfy_table::Color::Blue,
            Self::Faint => comfy_table::Color::DarkGrey,
        }
    }
}
