//! How a deployment went, with the evidence, as lines of its details.

use domain::Timestamp;
use domain::health::verdict::{Reason, State, Verdict};

use crate::output::{Details, Field, Tone};

/// Adds the verdict and its reasons; nothing where there is none.
pub(super) fn add(details: &mut Details, verdict: Option<&Verdict>, now: Timestamp) {
    let Some(verdict) = verdict else { return };
    let tone = match verdict.state {
        State::Good => Tone::Good,
        State::Bad => Tone::Bad,
        State::Suspect => Tone::Notable,
        State::Watching => Tone::Active,
        State::Unobserved => Tone::Faint,
    };
    details.add("Verdict", Field::plain(verdict.state.as_str()).toned(tone));
    details.add("Since", Field::time(Some(&String::from(verdict.since)), now));
    for reason in &verdict.reasons {
        details.add("Because", Field::of(&in_words(reason)));
    }
    if let Some(suggestion) = &verdict.suggestion {
        details.add("Suggestion", Field::of(&suggestion.in_words()));
    }
    if let Some(suggested) = &verdict.suggested {
        details.add("Suggested", Field::of(&format!("{}: {}", suggested.in_words(), suggested.sent())));
    }
    if verdict.outside > 0 {
        let says = format!("{} measured or reported when it was not watched", verdict.outside);
        details.add("Not counted", Field::plain(says));
    }
}

/// A reason as one line: by what it is judged, the worst, how often, and who said so.
fn in_words(reason: &Reason) -> String {
    let mut text = reason.words();
    if let Some(latest) = reason.evidence.first() {
        let said = [latest.by.as_deref(), latest.reason.as_deref()];
        let said: Vec<&str> = said.into_iter().flatten().collect();
        if !said.is_empty() {
            text = format!("{text} ({})", said.join(": "));
        }
    }
    text
}
