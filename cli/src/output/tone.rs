//! What a colour says. It only underlines what the words say already.

use crossterm::style::{Color, Stylize as _};

use super::Look;

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Worth a look.
    Notable,
    /// Under way.
    Active,
    /// Of no weight.
    Faint,
}

impl Tone {
    /// The text in the tone's colour, where there is colour.
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

    /// The same for tables, whose library has colours of its own.
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
