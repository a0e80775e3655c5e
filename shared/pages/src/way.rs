//! How far a deployment is beside how long such a deployment usually takes, as a bar.

use domain::Timestamp;
use maud::{Markup, html};

/// Where the usual duration stands on a bar: at three quarters of it.
const USUAL: f64 = 0.75;

/// The bar of what is under way since a time and usually takes so many seconds; none where that is not known.
pub(crate) fn bar(now: Timestamp, since: &str, usual: f64, stalled: bool, label: &str) -> Markup {
    let Some(at) = Timestamp::parse(since).ok().filter(|_| usual > 0.0) else { return html! {} };
    let whole = usual / USUAL;
    let passed = now.seconds_since(at).clamp(0.0, whole);
    html! {
        span class="way" {
            // How far it is stands behind `data-moves`: it is no fact of the page.
            progress class=[stalled.then_some("stalled")] max=(format!("{whole:.0}")) data-since=(since)
                aria-label=(label)
                data-moves value=(format!("{passed:.0}")) {}
        }
    }
}
