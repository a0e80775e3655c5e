//! Symbols: each has an outline of its own, and stands beside a word that says the same.

use domain::Status;
use domain::follows::judged::Noted;
use domain::questions::compare::Relation;
use maud::{Markup, html};

/// What a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Completed,
    Failed,
    Running,
    Waiting,
    RolledBack,
    Cancelled,
    Behind,
    Ahead,
    Unseen,
    Mixed,
    Missing,
    Same,
    Frozen,
    Intact,
    Broken,
    Stalled,
    Bad,
    Suspect,
}

impl Symbol {
    /// Its name in the style.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::Completed | Self::Intact => "good",
            Self::Failed | Self::Broken | Self::Bad => "bad",
            Self::Running | Self::Waiting => "running",
            Self::RolledBack => "undone",
            Self::Unseen | Self::Mixed | Self::Stalled | Self::Suspect => "warn",
            Self::Cancelled | Self::Behind | Self::Ahead | Self::Missing | Self::Same | Self::Frozen => "plain",
        }
    }

    /// The symbol with the words beside it.
    pub(crate) fn with(self, words: &Markup) -> Markup {
        html! { span class={ "said " (self.tone()) } { (self.drawn()) span { (words) } } }
    }

    /// The drawing alone, for where the words stand elsewhere.
    pub(crate) fn drawn(self) -> Markup {
        self.toned(self.tone())
    }

    /// The drawing alone, in another colour than its own.
    pub(crate) fn toned(self, tone: &str) -> Markup {
        html! {
            svg class={ "symbol " (tone) } viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"
                fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" {
                (self.paths())
            }
        }
    }

    /// The drawing in a chart, around a point of it.
    pub(crate) fn at(self, x: f64, y: f64) -> Markup {
        let place = format!("translate({:.1} {:.1})", x - 8.0, y - 8.0);
        html! {
            g class={ "symbol " (self.tone()) } transform=(place) fill="none" stroke="currentColor" stroke-width="1.6"
                stroke-linecap="round" stroke-linejoin="round" { (self.paths()) }
        }
    }

    fn paths(self) -> Markup {
        let filled = matches!(self, Self::Failed | Self::Broken);
        html! {
            @if filled {
                path fill="currentColor" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" {}
                path class="on" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" {}
            } @else if self == Self::Bad {
                path fill="currentColor" d="M8 1.6L15 14.2H1z" {}
                path class="on" d="M8 6v3.6M8 11.8v.2" {}
            } @else {
                path d=(self.lines()) {}
            }
        }
    }

    fn lines(self) -> &'static str {
        match self {
            Self::Completed => "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M5.2 8.2l2 2 3.8-4.2",
            Self::Running => "M8 1.8a6.2 6.2 0 1 0 6.2 6.2",
            Self::Waiting => "M8 1.8a6.2 6.2 0 1 0 .01 0M8 4.6v3.6l2.4 1.6",
            Self::RolledBack => "M5.6 2.6L2.2 6l3.4 3.4M2.2 6h7.2a4 4 0 0 1 0 8H6.6",
            Self::Cancelled => "M8 1.8a6.2 6.2 0 1 0 .01 0M3.7 3.7l8.6 8.6",
            Self::Behind => "M7.6 3.4L3.2 8l4.4 4.6M12.8 3.4L8.4 8l4.4 4.6",
            Self::Ahead => "M8.4 3.4L12.8 8l-4.4 4.6M3.2 3.4L7.6 8l-4.4 4.6",
            Self::Unseen => {
                "M8 7.9v.2M6.2 1.9a6.4 6.4 0 0 1 3.6 0M13.4 4.6a6.4 6.4 0 0 1 1 3.4M12.6 12.5a6.4 6.4 0 0 1-3 1.7\
                 M6 14a6.4 6.4 0 0 1-3-2M1.6 8.6A6.4 6.4 0 0 1 3 4"
            }
            Self::Mixed => "M2.2 2.2h11.6v11.6H2.2zM8 2.2v11.6M5 2.4v11.2M3.6 2.4v11.2M6.5 2.4v11.2",
            Self::Missing => {
                "M2 5V3a1 1 0 0 1 1-1h2M11 2h2a1 1 0 0 1 1 1v2M14 11v2a1 1 0 0 1-1 1h-2M5 14H3a1 1 0 0 1-1-1v-2M5.4 8h5.2"
            }
            Self::Frozen => "M8 1.5v13M2.4 4.75l11.2 6.5M13.6 4.75L2.4 11.25M6 2.6l2 1.6 2-1.6M6 13.4l2-1.6 2 1.6",
            Self::Same => "M3 6h10M3 10h10",
            Self::Intact => "M8 1.4l5.4 2v4.2c0 3.4-2.2 5.8-5.4 7c-3.2-1.2-5.4-3.6-5.4-7V3.4zM5.4 8l1.9 1.9 3.3-3.7",
            Self::Stalled => "M3.5 1.5h9M3.5 14.5h9M4.5 1.5v2.4L8 8l3.5-4.1V1.5M4.5 14.5v-2.4L8 8l3.5 4.1v2.4",
            Self::Suspect => "M8 1.6L15 14.2H1zM8 6v3.6M8 11.8v.2",
            Self::Failed | Self::Broken | Self::Bad => "",
        }
    }
}

impl From<Status> for Symbol {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Waiting,
            Status::InProgress | Status::Validating => Self::Running,
            Status::Completed => Self::Completed,
            Status::Cancelled => Self::Cancelled,
            Status::Failed => Self::Failed,
            Status::RolledBack => Self::RolledBack,
        }
    }
}

impl From<Noted> for Symbol {
    fn from(noted: Noted) -> Self {
        match noted {
            Noted::Bad => Self::Bad,
            Noted::Suspect => Self::Suspect,
        }
    }
}

impl From<Relation> for Symbol {
    fn from(relation: Relation) -> Self {
        match relation {
            Relation::Same => Self::Same,
            Relation::Behind => Self::Behind,
            Relation::Ahead => Self::Ahead,
            Relation::Missing | Relation::Extra => Self::Missing,
            Relation::Unseen => Self::Unseen,
            Relation::Mixed => Self::Mixed,
        }
    }
}

/// A status in words.
pub(crate) fn word(status: Status) -> &'static str {
    match status {
        Status::Pending => "waiting",
        Status::InProgress => "running",
        Status::Validating => "validating",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
        Status::Failed => "failed",
        Status::RolledBack => "rolled back",
    }
}
