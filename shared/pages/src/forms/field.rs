//! One field of a form, with its label, what it wants, and what is wrong with it; and all that is wrong above them.

use maud::{Markup, html};

use super::sheet::Sheet;
use crate::symbol::Symbol;

/// The fields of a form by name, in the order in which they stand, each with its label.
pub(super) type Order = [(&'static str, &'static str)];

/// One field.
#[derive(Clone, Copy)]
pub(super) struct Field<'f> {
    pub(super) sheet: &'f Sheet<'f>,
    pub(super) order: &'static Order,
    pub(super) name: &'static str,
    /// What it wants; empty where its label says all.
    pub(super) hint: &'static str,
}

impl Field<'_> {
    pub(super) fn id(&self) -> String {
        id(self.name)
    }

    fn label(&self) -> &'static str {
        label(self.order, self.name)
    }

    /// What is wrong with it.
    pub(super) fn error(&self) -> Option<&str> {
        self.sheet.error(self.name)
    }

    /// Whether it is the one to begin with.
    pub(super) fn has_focus(&self) -> bool {
        let names: Vec<&str> = self.order.iter().map(|(name, _)| *name).collect();
        self.sheet.is_first_wrong(self.name, &names)
    }

    /// The ids of what describes it.
    pub(super) fn described_by(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id()));
        let error = self.error().map(|_| format!("{}-error", self.id()));
        let both: Vec<String> = hint.into_iter().chain(error).collect();
        (!both.is_empty()).then(|| both.join(" "))
    }

    /// What it wants, and what is wrong with it.
    pub(super) fn notes(&self) -> (Markup, Markup) {
        let hint =
            html! { @if !self.hint.is_empty() { span class="small" id={ (self.id()) "-hint" } { (self.hint) } } };
        let error = html! {
            @if let Some(error) = self.error() {
                p class="wrong" id={ (self.id()) "-error" } { (Symbol::Failed.with(&html! { (error) })) }
            }
        };
        (hint, error)
    }

    /// The field around its control.
    pub(super) fn around(&self, control: &Markup) -> Markup {
        let (hint, error) = self.notes();
        html! {
            div class="field" {
                label for=(self.id()) { (self.label()) }
                (hint)
                (control)
                (error)
            }
        }
    }

    /// A line of text, with suggestions from a list of this id if there is one.
    pub(super) fn line(&self, list: Option<&str>) -> Markup {
        self.around(&html! {
            input id=(self.id()) name=(self.name) type="text" value=(self.sheet.typed.text(self.name)) list=[list]
                autocomplete="off" spellcheck="false" aria-describedby=[self.described_by()]
                aria-invalid=[self.error().map(|_| "true")] autofocus[self.has_focus()];
        })
    }

    /// Several lines of text.
    pub(super) fn lines(&self) -> Markup {
        self.around(&html! {
            textarea id=(self.id()) name=(self.name) rows="3" aria-describedby=[self.described_by()]
                aria-invalid=[self.error().map(|_| "true")] autofocus[self.has_focus()] {
                // A browser drops the first line break of a text.
                "\n" (self.sheet.typed.text(self.name))
            }
        })
    }

    /// One of several that stand beside each other, each with its words.
    pub(super) fn choice(&self, choices: &[(&str, &str)]) -> Markup {
        let (hint, error) = self.notes();
        let chosen = self.sheet.typed.text(self.name);
        html! {
            fieldset class="field" aria-describedby=[self.described_by()] {
                legend { (self.label()) }
                (hint)
                div class="chosen" {
                    @for (n, (value, words)) in choices.iter().enumerate() {
                        label {
                            // The first has the id of the field, where what is wrong leads to.
                            input type="radio" name=(self.name) value=(value) id=[(n == 0).then(|| self.id())]
                                checked[chosen == *value] aria-invalid=[self.error().map(|_| "true")]
                                autofocus[n == 0 && self.has_focus()];
                            " " (words)
                        }
                    }
                }
                (error)
            }
        }
    }

    /// One of a list.
    pub(super) fn select(&self, empty: &str, values: &[&str]) -> Markup {
        let chosen = self.sheet.typed.text(self.name).trim();
        self.around(&html! {
            select id=(self.id()) name=(self.name) aria-describedby=[self.described_by()]
                aria-invalid=[self.error().map(|_| "true")] autofocus[self.has_focus()] {
                option value="" selected[chosen.is_empty()] { (empty) }
                @for value in values { option value=(value) selected[chosen == *value] { (value) } }
            }
        })
    }

    /// A box to tick, with its words.
    pub(super) fn tick(&self, words: &str) -> Markup {
        html! {
            label class="tick" {
                input type="checkbox" id=(self.id()) name=(self.name) value="yes" checked[self.sheet.typed.is_ticked(self.name)];
                " " (words)
            }
        }
    }
}

/// All that is wrong, each with a link to its field; `nothing` says what was not done.
pub(super) fn summary(sheet: &Sheet<'_>, order: &Order, nothing: &str) -> Markup {
    let needs = match sheet.errors {
        [] => return html! {},
        [_] => "one thing needs a look".to_owned(),
        several => format!("{} things need a look", several.len()),
    };
    let is_field = |name: &str| order.iter().any(|(field, _)| *field == name);
    html! {
        div class="refused" role="alert" {
            h2 { (Symbol::Failed.drawn()) " " (nothing) ": " (needs) }
            ul {
                @for error in sheet.errors {
                    li {
                        @if is_field(&error.field) { a href={ "#" (id(&error.field)) } { (label(order, &error.field)) } ": " }
                        (error.detail)
                    }
                }
            }
            @if let Some(before) = sheet.before { p { a href=(before) { "What was recorded" } } }
        }
    }
}

fn id(name: &str) -> String {
    format!("field-{name}")
}

fn label(order: &Order, name: &str) -> &'static str {
    order.iter().find(|(field, _)| *field == name).map_or("", |(_, label)| label)
}
