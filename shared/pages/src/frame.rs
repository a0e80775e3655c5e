//! What stands around every page: its head, the way to the other pages, and the time that it is about.

use maud::{DOCTYPE, Markup, html};

use crate::asked::{Asked, TIMES};
use crate::route::{SEARCH, SUSPECTS};
use crate::{address, assets, entry, words};

/// A page, without what stands around it.
#[derive(Debug)]
pub struct Page {
    /// The answer, as a sentence without a stop.
    pub title: String,
    /// The rest of it, in a line.
    pub rest: Markup,
    /// The same answer from the API, without its server: `/v1/live`; empty where it has none.
    pub json: String,
    /// The same answer on the command line.
    pub command: String,
    /// All else.
    pub content: Markup,
}

/// The pages that all others lead to.
const WAYS: [(&str, &str); 8] = [
    ("/", "Overview"),
    ("/live", "Live"),
    ("/compare", "Compare"),
    ("/deployments", "Deployments"),
    ("/releases", "Releases"),
    ("/drift", "Drift"),
    ("/metrics", "Metrics"),
    ("/incidents", "Incidents"),
];

/// The pages that are looked for less often: all others lead to these too, from their end.
const MORE: [(&str, &str); 4] = [
    ("/bad", "Bad versions"),
    (SUSPECTS, "What changed before"),
    ("/rejected", "Rejected events"),
    ("/settings", "Settings"),
];

/// Times that are asked for often, each with how many seconds ago it is.
const CHOICES: [(&str, i64); 3] = [("1 hour ago", 3600), ("Yesterday", 86_400), ("A week ago", 604_800)];

/// How the part of a `<progress>` begins that moves on with time.
const MOVES: &str = " data-moves value=\"";

impl Page {
    /// The whole document.
    #[must_use]
    pub fn document(&self, asked: &Asked) -> String {
        let document = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " – Deployment Status" }
                    link rel="stylesheet" href=(assets::style().path);
                    link rel="icon" href=(assets::icon().path) type="image/svg+xml";
                    script src=(assets::script().path) defer {}
                }
                body data-past[asked.is_past()] class=[asked.is_wall().then_some("wall")] {
                    a class="skip" href="#answer" { "To the answer" }
                    @if !asked.is_wall() { header class="top" {
                        a class="home" href=(asked.link("/", &[])) { img src=(assets::icon().path) alt="" width="20" height="20"; "Deployment Status" }
                        nav aria-label="Pages" {
                            @for (path, name) in WAYS {
                                a href=(asked.link(path, &[])) aria-current=[(asked.path == path).then_some("page")] { (name) }
                            }
                        }
                        (search(asked))
                        @if asked.may_record() { a class="record" href=(asked.link("/record", &[])) aria-current=[(asked.path == "/record").then_some("page")] { span aria-hidden="true" { "+ " } "Record" } }
                        @if let Some(who) = &asked.signed_in { (entry::who(who)) }
                    } }
                    @if !asked.is_wall() { (self.bar(asked)) }
                    main id="answer" tabindex="-1" {
                        h1 { (self.title) }
                        p class="rest" { (self.rest) }
                        (self.content)
                    }
                    @if !asked.is_wall() { footer class="more" {
                        nav aria-label="More pages" {
                            @for (path, name) in MORE {
                                a href=(asked.link(path, &[])) aria-current=[(asked.path == path).then_some("page")] { (name) }
                            }
                            a href="/openapi.json" { "OpenAPI" }
                        }
                    } }
                    p class="said-aloud" role="status" aria-live="polite" {}
                }
            }
        };
        document.into_string()
    }

    /// What the page says but for how long ago things were: pages of which this is the same say the same. What stands
    /// around it depends on when it is answered.
    #[must_use]
    pub fn facts(&self) -> String {
        let whole = format!(
            "{}\n{}\n{}\n{}{}",
            self.title,
            assets::style().path,
            assets::script().path,
            self.rest.clone().into_string(),
            self.content.clone().into_string()
        );
        let mut facts = String::with_capacity(whole.len());
        let mut rest = whole.as_str();
        // The time itself is a fact, and its words are not; so is when something began, and not how far it is.
        while let Some((before, time)) = rest.split_once("<time ") {
            let (time, after) = time.split_once("</time>").unwrap_or((time, ""));
            facts.extend([before, time.split('>').next().unwrap_or_default()]);
            rest = after;
        }
        facts.push_str(rest);
        while let Some((before, value)) = facts.split_once(MOVES) {
            let (_, after) = value.split_once('"').unwrap_or_default();
            facts = format!("{before}{after}");
        }
        facts
    }

    fn bar(&self, asked: &Asked) -> Markup {
        let now = !asked.is_past();
        let has_times = asked.takes("asOf");
        html! {
            section class="times" aria-label="Time, and the same elsewhere" {
                @if has_times {
                    form method="get" action=(address::of(&asked.path)) {
                        label for="as-of" { "As of" }
                        input id="as-of" name="asOf" type="datetime-local" step="60" value=(words::for_field(asked.at()));
                        span class="zone" { "UTC" }
                        @for (name, value) in asked.query.iter().filter(|(name, _)| is_kept(asked, name)) {
                            input type="hidden" name=(name) value=(value);
                        }
                        button type="submit" { "Show" }
                    }
                    nav aria-label="Times" class="choices" {
                        a href=(asked.at_times(None, None)) aria-current=[now.then_some("true")] { "Now" }
                        @for (name, seconds) in CHOICES {
                            @let at = asked.now.plus_millis(-seconds * 1000).whole_second().to_string();
                            a href=(asked.at_times(Some(&at), None)) { (name) }
                        }
                    }
                } @else { span class="small" { "As of " (words::full(asked.now)) } }
                nav aria-label="The same elsewhere" class="elsewhere" {
                    @if !self.json.is_empty() { a href=(asked.here(&[("format", Some("json"))])) { "JSON" } }
                    @if has_times { a href=(permalink(asked)) { "Permalink" } }
                    @if !self.command.is_empty() {
                        details {
                            summary { "Command line" }
                            code { (self.command) }
                            @if !self.json.is_empty() { code { "GET " (self.json) } }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a parameter stays when another time is chosen: it is none of the times, and no page of a list.
fn is_kept(asked: &Asked, name: &str) -> bool {
    !TIMES.contains(&name) && name != "cursor" && asked.takes(name)
}

/// What leads to anything by its name, from every page.
fn search(asked: &Asked) -> Markup {
    let looked_for = (asked.path == SEARCH).then(|| asked.parameter("q")).flatten();
    html! {
        form class="search" role="search" aria-label="Everything" method="get" action=(SEARCH) {
            label class="hidden" for="search" { "Version, commit, service, environment or id" }
            input id="search" name="q" type="search" placeholder="Version, commit, service or id" value=[looked_for];
            button type="submit" { "Search" }
        }
    }
}

/// This page as it is now, for ever: of a time, and as it was known at a time.
fn permalink(asked: &Asked) -> String {
    let (now, as_of) = (asked.now.to_string(), asked.at().to_string());
    let known_at = asked.known_at().map_or(now, |time| time.to_string());
    asked.at_times(Some(&as_of), Some(&known_at))
}
