//! A single line: its width, and its cut to a width.

use comfy_table::{Cell, ColumnConstraint, Row, Table as Layout, TableStyle, Width};

use super::Look;

/// The width in columns of a text without line breaks and colour.
pub(crate) fn columns(text: &str) -> usize {
    // The library's narrowest column has width 1.
    if text.is_empty() {
        return 0;
    }
    layout(text).column_max_content_widths().first().copied().unwrap_or(0).into()
}

/// A text without line breaks and colour, cut to `width` columns. A cut text ends with an ellipsis.
pub(crate) fn cut(text: &str, width: u16, look: &Look) -> String {
    if columns(text) <= usize::from(width) {
        return text.to_owned();
    }
    let mut layout = layout(text);
    layout.set_truncation_indicator(ellipsis(look));
    for column in layout.column_iter_mut() {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    let cut = layout.trim_fmt();
    // One or two columns have no room for a wide character or an ellipsis.
    if columns(&cut) <= usize::from(width) { cut } else { String::new() }
}

/// The mark at the end of a cut text.
pub(super) fn ellipsis(look: &Look) -> &'static str {
    if look.symbols { "…" } else { "..." }
}

fn layout(text: &str) -> Layout {
    let mut row = Row::from(vec![Cell::new(text)]);
    row.max_height(1);
    let mut layout = Layout::new();
    // No delimiter: the text can be cut anywhere, not only between words.
    layout.load_style(TableStyle::new()).force_no_tty().set_delimiter('\0').add_row(row);
    for column in layout.column_iter_mut() {
        column.set_padding((0, 0));
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn a_line_is_cut_by_the_columns_it_takes() {
        let mut look =
            Look { terminal: true, width: None, color: false, symbols: true, now: Timestamp::from_millis(0) };
        let text = "配備 checkout ✓ done";
        assert_eq!(columns(text), 20);
        assert_eq!(cut(text, 20, &look), text);
        assert_eq!(cut(text, 19, &look), "配備 checkout ✓ do…");
        assert_eq!(cut(text, 4, &look), "配…");
        assert_eq!(cut(text, 1, &look), "…");
        assert_eq!(cut("two words", 5, &look), "two …");
        look.symbols = false;
        assert_eq!(cut("two words", 6, &look), "two...");
        for width in 0..20 {
            let cut = cut(text, width, &look);
            assert!(columns(&cut) <= width.into(), "{width}: {cut}");
        }
    }
}
