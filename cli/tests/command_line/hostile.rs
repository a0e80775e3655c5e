//! Hostile texts: no command prints text of the server that moves the cursor, changes the title, or changes
//! the direction of the text around it.

use serde_json::Value;

use crate::answers::{Answers, COMMANDS, all, answer, texts};
use crate::called::Shell;
use crate::server::Double;
use crate::terminal::Terminal;

/// A window's title, a colour in C1, and what reorders and hides.
const STEERING: &str =
    "\u{1b}]0;owned\u{7}\u{9b}31m\u{7f}\u{8}\r\n\t\u{b}\u{c}\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}";
/// How its beginning may be shown.
const ESCAPED: &str = r"\u{1b}]0;owned\u{7}\u{9b}31m";
/// Texts of which there is only a choice, and times: with anything else in them an answer is none.
const CHOSEN: &[&str] =
    &["status", "kind", "change", "lastAttempt", "outcome", "eventKey", "occurredAt", "recordedAt", "because"];

/// Whether a text may be printed: with nothing in it that steers but the end of a line, and tabs where
/// they part fields.
pub(crate) fn is_harmless(text: &str, tabs: bool) -> bool {
    let steers = |c: char| match c {
        '\n' => false,
        '\t' => !tabs,
        c => c.is_control() || STEERING.contains(c) && !c.is_ascii(),
    };
    !text.contains(steers)
}

/// The same answers, with every text in them changed whose place is not left out.
fn changed(answers: &Answers, change: impl Fn(&str, &str) -> Option<String>) -> Answers {
    let mut answers = answers.clone();
    for (path, (_, value)) in &mut answers {
        for place in texts(value) {
            let text = value.pointer_mut(&place).unwrap();
            if let Some(changed) = change(&format!("{path}{place}"), text.as_str().unwrap()) {
                *text = Value::String(changed);
            }
        }
    }
    answers
}

fn serving(answers: Answers) -> Double {
    Double::answering(move |_, request| {
        let (status, body) = answer(&answers, request);
        // A header is a text as well.
        (status, &[("etag", "\"\u{80}\"")], body.to_string())
    })
}

fn is_chosen(place: &str) -> bool {
    let of_verdict = ["state", "rule", "since", "at", "first", "last"];
    let in_verdict =
        place.contains("/verdict/") && place.rsplit('/').next().is_some_and(|name| of_verdict.contains(&name));
    let chosen = place.split('/').any(|name| CHOSEN.contains(&name) || name == "flags");
    !place.starts_with("/healthz") && (chosen || in_verdict)
}

#[test]
fn no_text_of_the_server_steers() {
    let double = serving(changed(all(), |place, text| (!is_chosen(place)).then(|| format!("{text}{STEERING}"))));
    for (words, code) in COMMANDS {
        for form in ["table", "text"] {
            let called = Shell::at(&double.url).call(&[words, &["--output", form][..]].concat());
            let (out, err) = (&called.stdout, &called.stderr);
            assert!(is_harmless(out, form == "text") && is_harmless(err, false), "{words:?} {form}: {out:?} {err:?}");
            // The changed texts break the hash chain, and the receipt is for another deployment.
            let code = match words[0] {
                "verify" => 5,
                "record" => 1,
                _ => *code,
            };
            assert_eq!(called.code, code, "{words:?} {form}: {out} {err}");
            // It was there to be shown.
            let shown = out.contains(ESCAPED) || err.contains(ESCAPED);
            assert!(shown, "{words:?} {form}: {out} {err}");
        }
    }
}

#[test]
fn no_choice_that_does_not_exist_steers() {
    let places: Vec<String> = all()
        .iter()
        .flat_map(|(path, (_, value))| texts(value).into_iter().map(move |place| format!("{path}{place}")))
        .filter(|place| is_chosen(place))
        .collect();
    assert!(places.len() > 20, "{places:?}");
    for chosen in &places {
        let double = serving(changed(all(), |place, text| (place == chosen).then(|| format!("{text}{STEERING}"))));
        let reads = |words: &&(&[&str], i32)| {
            let first = words.0[0];
            let path = chosen.as_str();
            match first {
                "status" | "watch" => path.starts_with("/v1/deployments/d-"),
                "history" => path.starts_with("/v1/deployments/"),
                "record" => path.starts_with("/v1/events"),
                "config" => path.starts_with("/healthz"),
                "verify" => path.contains("/events/"),
                _ => path.starts_with(&format!("/v1/deployments/{first}")) || path.starts_with(&format!("/v1/{first}")),
            }
        };
        for (words, _) in COMMANDS.iter().filter(reads) {
            let called = Shell::at(&double.url).call(words);
            let (out, err) = (&called.stdout, &called.stderr);
            assert!(is_harmless(out, false) && is_harmless(err, false), "{chosen} {words:?}: {out:?} {err:?}");
        }
    }
}

#[test]
fn on_a_terminal_no_form_of_an_answer_steers() {
    let double = serving(changed(all(), |place, text| (!is_chosen(place)).then(|| format!("{text}{STEERING}"))));
    for (words, _) in COMMANDS {
        for form in ["table", "json", "jsonl", "text"] {
            let words = [words, &["--output", form][..]].concat();
            let terminal = Terminal::open(&Shell::at(&double.url).with("TERM", "xterm"), (50, 200), "", &words);
            let bytes = String::from_utf8(terminal.left().bytes).unwrap();
            // Colour is ours; titles, bells, C1 and directions are not.
            let steers = |c: char| matches!(c, '\u{7}' | '\u{8}' | '\u{b}' | '\u{c}' | '\u{7f}'..='\u{9f}');
            let steers = bytes.contains("\u{1b}]")
                || bytes.contains(|c: char| steers(c) || STEERING.contains(c) && !c.is_ascii());
            assert!(!steers, "{words:?}: {bytes:?}");
        }
    }
}

#[test]
fn in_a_pipe_json_is_what_came() {
    let double = serving(changed(all(), |place, text| (!is_chosen(place)).then(|| format!("{text}{STEERING}"))));
    let mut agent = ureq::get(format!("{}/v1/live", double.url)).call().unwrap();
    let came = agent.body_mut().read_to_string().unwrap();
    assert_eq!(Shell::at(&double.url).call(&["live", "-o", "json"]).succeeded(), came.clone() + "\n");
    assert!(came.contains('\u{9b}') && came.contains('\u{202e}'));
}

#[test]
fn completion_offers_nothing_that_steers() {
    let double = serving(changed(all(), |place, text| (!is_chosen(place)).then(|| format!("{text}{STEERING}"))));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        for words in [&["live", "--environment", ""][..], &["live", "--service", ""], &["status", ""], &["watch", ""]] {
            let words = [&["--", "deployment-status"], words].concat();
            let last = (words.len() - 2).to_string();
            let mut command = Shell::at(&double.url).command(&words);
            let called = command.env("COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", last).output().unwrap();
            let (out, err) = (String::from_utf8(called.stdout).unwrap(), String::from_utf8(called.stderr).unwrap());
            // Bash is given what it takes for the end of a name.
            let out = out.replace('\u{b}', "\n");
            assert!(is_harmless(&out, true) && is_harmless(&err, false), "{shell} {words:?}: {out:?} {err:?}");
        }
    }
}
