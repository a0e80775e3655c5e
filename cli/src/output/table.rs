//! Tables that fit the terminal: first times get shorter, then the least important columns are left out,
//! and last the rest is cut.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Row, Table as Layout, TableStyle};

use super::line::ellipsis;
use super::{Field, Look};

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    name: &'static str,
    /// When there is no room, the column with the highest rank is left out first; 0 always stays.
    rank: u8,
    right: bool,
}

impl Column {
    /// A column that always stays.
    pub(crate) const fn of(name: &'static str) -> Self {
        Self { name, rank: 0, right: false }
    }

    /// A column that can be left out: the highest rank first.
    pub(crate) const fn optional(name: &'static str, rank: u8) -> Self {
        Self { name, rank, right: false }
    }

    /// The same column, aligned to the right, for numbers.
    pub(crate) const fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// Rows of fields under columns.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<(Column, String)>,
    rows: Vec<Vec<Field>>,
}

/// The space between columns.
const GAP: u16 = 2;

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self { columns: columns.iter().map(|column| (*column, column.name.to_owned())).collect(), rows: Vec::new() }
    }

    /// Adds a column whose name comes from the server; the name must already be escaped.
    pub(crate) fn add_column(&mut self, name: String) {
        self.columns.push((Column::of(""), name));
    }

    /// Adds a column of this program's own.
    pub(crate) fn add_own_column(&mut self, column: Column) {
        self.columns.push((column, column.name.to_owned()));
    }

    /// Adds a row, with a field for each column.
    pub(crate) fn add(&mut self, row: Vec<Field>) {
        self.rows.push(row);
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether all columns fit this terminal in their short forms.
    pub(crate) fn fits(&self, look: &Look) -> bool {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        look.width.is_none_or(|width| self.width(&all, look, false) <= usize::from(width))
    }

    /// Its rows for `--output text`: tabs between fields, no header.
    pub(crate) fn as_text(&self) -> String {
        let line = |row: &Vec<Field>| {
            let fields: Vec<&str> = row.iter().map(Field::as_text).collect();
            fields.join("\t") + "\n"
        };
        self.rows.iter().map(line).collect()
    }

    /// The text for this terminal; empty when there are no rows.
    pub(crate) fn render(&self, look: &Look) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let mut in_full = true;
        if let Some(width) = look.width.map(usize::from) {
            in_full = self.width(&shown, look, true) <= width;
            while !in_full && self.width(&shown, look, false) > width {
                let least = shown.iter().copied().filter(|at| self.columns[*at].0.rank > 0);
                let Some(least) = least.max_by_key(|at| (self.columns[*at].0.rank, *at)) else { break };
                shown.retain(|at| *at != least);
            }
        }
        let mut layout = self.layout(&shown, look, in_full);
        if let Some(width) = look.width {
            layout.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        layout.trim_fmt() + "\n"
    }

    fn width(&self, shown: &[usize], look: &Look, in_full: bool) -> usize {
        let widths = self.layout(shown, look, in_full).column_max_content_widths();
        let content: usize = widths.iter().map(|width| usize::from(*width)).sum();
        content + usize::from(GAP) * widths.len().saturating_sub(1)
    }

    fn layout(&self, shown: &[usize], look: &Look, in_full: bool) -> Layout {
        let mut layout = Layout::new();
        // No delimiter: a field can be cut anywhere, not only between words.
        layout.load_style(TableStyle::new()).set_truncation_indicator(ellipsis(look)).set_delimiter('\0');
        if look.color {
            layout.enforce_styling();
        } else {
            layout.force_no_tty();
        }
        let aligned = |at: usize, cell: Cell| {
            let alignment = if self.columns[at].0.right { CellAlignment::Right } else { CellAlignment::Left };
            cell.set_alignment(alignment)
        };
        let header =
            shown.iter().map(|at| aligned(*at, Cell::new(&self.columns[*at].1).add_attribute(Attribute::Bold)));
        layout.set_header(one_line(header));
        for row in &self.rows {
            let cells = shown.iter().map(|at| {
                let field = &row[*at];
                let cell = aligned(*at, Cell::new(field.display(look, in_full)));
                match field.tone() {
                    Some(tone) => cell.fg(tone.in_table()),
                    None => cell,
                }
            });
            layout.add_row(one_line(cells));
        }
        let last = shown.len().saturating_sub(1);
        for (at, column) in layout.column_iter_mut().enumerate() {
            column.set_padding((0, if at < last { GAP } else { 0 }));
        }
        layout
    }
}

/// A row of one line: a field that does not fit is cut and ends with an ellipsis.
fn one_line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells.collect::<Vec<_>>());
    row.max_height(1);
    row
}
