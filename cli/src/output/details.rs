//! One object, line by line: a heading, then names and values.

use crossterm::style::Stylize as _;

use super::{Field, Look, shown};

/// Names and values under a heading.
#[derive(Debug)]
pub(crate) struct Details {
    heading: String,
    lines: Vec<(&'static str, Field)>,
}

impl Details {
    /// A heading; it can contain text of the server.
    pub(crate) fn new(heading: &str) -> Self {
        Self { heading: shown(heading), lines: Vec::new() }
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, name: &'static str, field: Field) {
        self.lines.push((name, field));
    }

    /// The text for this terminal. A time that does not fit is shown in its short form. Other values are never
    /// cut: a long one continues on the next line.
    pub(crate) fn render(&self, look: &Look) -> String {
        let names = self.lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let heading = if look.color { self.heading.clone().bold().to_string() } else { self.heading.clone() };
        let mut text = heading + "\n";
        for (name, field) in &self.lines {
            let room = look.width.map(|width| usize::from(width).saturating_sub(names + 4));
            text.extend(["  ", &format!("{name:names$}"), "  ", &field.within(room, look), "\n"]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn a_time_that_does_not_fit_is_shown_in_its_short_form() {
        let now = Timestamp::parse("2026-03-15T12:00:00Z").unwrap();
        let mut details = Details::new("checkout-1");
        details.add("Started", Field::time(Some("2026-03-15T11:00:00.000Z"), now));
        let shown = |width| details.render(&Look { terminal: true, width, color: false, symbols: true, now });
        assert_eq!(shown(Some(20)), "checkout-1\n  Started  1h ago\n");
        assert!(shown(Some(100)).contains("1h ago (2026-03-15 "), "{}", shown(Some(100)));
        assert_eq!(shown(None), shown(Some(100)));
    }
}
