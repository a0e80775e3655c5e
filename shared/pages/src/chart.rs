//! Charts: columns whose heights say how much, drawn as attributes of SVG. What they show stands beside them in words
//! or in a table.

use maud::{Markup, html};

/// How wide a column is with the gap behind it, and how high the highest is, in units of the drawing.
const STEP: f64 = 12.0;
const GAP: f64 = 3.0;
const HEIGHT: f64 = 120.0;

/// A part of a column, from the bottom to the top.
pub(crate) struct Part {
    /// How it is drawn: the name of a tone in the style.
    pub(crate) tone: &'static str,
    /// How much.
    pub(crate) value: f64,
}

/// Columns of parts, each as high as what it says beside the highest of all.
pub(crate) fn columns(columns: &[Vec<Part>]) -> Markup {
    let highest = columns.iter().map(|parts| parts.iter().map(|part| part.value).sum::<f64>()).fold(0.0, f64::max);
    let width = length(columns.len()) * STEP;
    html! {
        svg class="columns-chart" viewBox=(format!("0 0 {width} {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
            @for (nth, parts) in columns.iter().enumerate() {
                (column(length(nth) * STEP, parts, highest))
            }
            line class="ground" x1="0" y1=(HEIGHT) x2=(width) y2=(HEIGHT) {}
        }
    }
}

fn column(x: f64, parts: &[Part], highest: f64) -> Markup {
    let mut top = HEIGHT;
    let shares = parts.iter().filter(|part| part.value > 0.0 && highest > 0.0).map(|part| {
        // What is next to nothing is seen too.
        let height = (HEIGHT * part.value / highest).max(2.0);
        top -= height;
        (part.tone, top, height)
    });
    let shares: Vec<(&str, f64, f64)> = shares.collect();
    let width = STEP - GAP;
    html! {
        @for (tone, y, height) in shares {
            rect class={ "fill " (tone) } x=(format!("{x:.1}")) y=(format!("{y:.1}")) width=(format!("{width:.1}")) height=(format!("{height:.1}")) {}
            // Not by colour alone.
            @if tone == "bad" { line class="hatch" x1=(format!("{x:.1}")) y1=(format!("{:.1}", y + height)) x2=(format!("{:.1}", x + width)) y2=(format!("{y:.1}")) {} }
        }
    }
}

/// Small columns of one value each, beside figures; where a value is not known, there is none. The first ones, which
/// are there to compare with, stand back.
pub(crate) fn spark(values: &[Option<f64>], before: usize) -> Markup {
    const SMALL: f64 = 20.0;
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    let width = length(values.len()) * 6.0;
    let drawn = values.iter().enumerate().filter_map(|(nth, value)| {
        let share = value.filter(|value| *value > 0.0 && highest > 0.0)? / highest;
        Some((nth, (SMALL * share).max(1.0)))
    });
    html! {
        svg class="spark" viewBox=(format!("0 0 {width} {SMALL}")) width=(width) height=(SMALL) aria-hidden="true" {
            line class="ground" x1="0" y1=(SMALL) x2=(width) y2=(SMALL) {}
            @for (nth, height) in drawn {
                rect class={ "fill " @if nth < before { "plain" } @else { "now" } } x=(length(nth) * 6.0) y=(format!("{:.1}", SMALL - height)) width="4" height=(format!("{height:.1}")) {}
            }
        }
    }
}

/// A share of a whole as a bar.
pub(crate) fn share(of: f64, whole: f64, tone: &str) -> Markup {
    let width = if whole > 0.0 { (100.0 * of / whole).clamp(0.5, 100.0) } else { 0.0 };
    html! {
        svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" {
            rect class="track" x="0" y="0" width="100" height="12" {}
            rect class={ "fill " (tone) } x="0" y="0" width=(format!("{width:.1}")) height="12" {}
        }
    }
}

/// A number of columns as a length.
fn length(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_high_as_its_share_of_the_highest() {
        let part = |tone, value| Part { tone, value };
        let drawn =
            columns(&[vec![part("good", 3.0), part("bad", 1.0)], vec![part("good", 1.0)], vec![]]).into_string();
        for shape in [
            "class=\"fill good\" x=\"0.0\" y=\"30.0\" width=\"9.0\" height=\"90.0\"",
            "class=\"fill bad\" x=\"0.0\" y=\"0.0\" width=\"9.0\" height=\"30.0\"",
            "class=\"fill good\" x=\"12.0\" y=\"90.0\" width=\"9.0\" height=\"30.0\"",
        ] {
            assert!(drawn.contains(shape), "{drawn}");
        }
        assert_eq!((drawn.matches("<rect").count(), drawn.matches("hatch").count()), (3, 1));
        // Of nothing there is nothing, and no height that is no number.
        let empty = columns(&[vec![part("good", 0.0)]]).into_string() + &columns(&[]).into_string();
        assert!(!empty.contains("<rect") && !empty.contains("NaN"), "{empty}");
    }

    #[test]
    fn what_is_not_known_has_no_column() {
        let drawn = spark(&[Some(2.0), None, Some(1.0), Some(0.0)], 1).into_string();
        assert_eq!(drawn.matches("<rect").count(), 2, "{drawn}");
        assert!(drawn.contains("class=\"fill plain\" x=\"0\" y=\"0.0\""), "{drawn}");
        assert!(drawn.contains("class=\"fill now\" x=\"12\" y=\"10.0\""), "{drawn}");
    }
}
