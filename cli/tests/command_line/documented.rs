//! The samples in the documentation: each command is run in a terminal of the same width, on the same demo
//! history, and must print what the sample shows. The digits of times, hashes and keys are not compared.
//!
//! `UPDATE_GOLDEN=1` records the samples again.

use std::path::{Path, PathBuf};

use crate::called::{BINARY, Shell};
use crate::server;
use crate::terminal::Terminal;

/// The samples' terminal: rows and columns.
const SIZE: (u16, u16) = (60, 100);
/// Where the samples say that the API is.
const SAMPLE_URL: &str = "http://127.0.0.1:9000";
/// How a block of samples begins and ends.
const FENCES: (&str, &str) = ("```console\n", "```");

#[test]
fn the_samples_of_the_guide_are_what_the_commands_print() {
    check("docs/cli.md", 12);
}

#[test]
fn the_samples_of_the_readme_are_what_the_commands_print() {
    check("README.md", 8);
}

/// Each guide begins on a server of its own, as it was started, and is followed from its first command to its last.
#[test]
fn the_guides_are_followed_word_for_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides");
    let mut guides = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // Beside the guides are files that they name.
        if Path::new(&name).extension().is_none_or(|kind| kind != "md") {
            continue;
        }
        check(&format!("docs/guides/{name}"), 3);
        guides += 1;
    }
    assert!(guides >= 3, "{guides} guides");
}

fn check(file: &str, at_least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let written = std::fs::read_to_string(&path).unwrap();
    // Some samples report: this server is theirs alone.
    let (recorded, commands) = record(&written, &server::with_demo());
    assert!(commands >= at_least, "{file} has {commands} samples");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, recorded).unwrap();
    } else {
        assert_eq!(settled(&written), settled(&recorded), "UPDATE_GOLDEN=1 records {file} anew");
    }
}

/// The document with what its commands print, and how many there are.
fn record(document: &str, url: &str) -> (String, usize) {
    let shell = Shell::at(url).with("PATH", &path_with_binary()).with("TERM", "xterm-256color");
    let (mut recorded, mut commands) = (String::new(), 0);
    let mut rest = document;
    while let Some((before, block)) = rest.split_once(FENCES.0) {
        let (block, after) = block.split_once(FENCES.1).unwrap();
        recorded += before;
        recorded += FENCES.0;
        for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            commands += 1;
            // Files stand where the documents say, below the project's folder.
            let command_there = format!("cd '{}/..' && {command}", env!("CARGO_MANIFEST_DIR"));
            let printed = Terminal::running(&shell.other("sh", &["-c", &command_there]), SIZE, "").left().screen;
            // In a table the columns behind it must stay where they are.
            let as_wide = format!("{SAMPLE_URL:width$} ", width = url.len());
            let printed = printed.replace(&format!("{url} "), &as_wide).replace(url, SAMPLE_URL);
            recorded.extend(["$ ", command, "\n", printed.trim_end(), "\n\n"]);
        }
        recorded.truncate(recorded.trim_end().len());
        recorded += "\n";
        recorded += FENCES.1;
        rest = after;
    }
    (recorded + rest, commands)
}

fn path_with_binary() -> String {
    let folder = PathBuf::from(BINARY).parent().unwrap().display().to_string();
    format!("{folder}:{}", std::env::var("PATH").unwrap())
}

/// The text without the digits of what is different each time: times, how long ago, hashes, ports and keys.
fn settled(text: &str) -> String {
    // What has just happened is soon a second old, and what a sample reports takes as long as the machine needs.
    let text = text.replace("now (", "0s ago (");
    let words = text.split_inclusive([' ', '\n', '(', ')', '…', '│']);
    let settled = words.map(|word| if is_settled(word.trim_end()) { word.to_owned() } else { blank(word) });
    settled.map(|word| if is_a_moment(word.trim_end()) { word.replace(".0s", "s") } else { word }).collect()
}

/// Whether a word whose digits are gone is a duration of less than ten seconds, which has a decimal unless that is 0.
fn is_a_moment(blank: &str) -> bool {
    blank == "0.0s"
}

fn is_settled(word: &str) -> bool {
    let word = word.trim_end_matches([')', ',', '.', '…', '`']);
    let hash =
        word.len() >= 8 && word.bytes().all(|b| b.is_ascii_hexdigit()) && word.bytes().any(|b| b.is_ascii_digit());
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let time =
        digits >= 4 && word.contains([':', '-']) && word.bytes().all(|b| b.is_ascii_digit() || b"-+:.TZ".contains(&b));
    let ago = word.len() <= 4 && digits > 0 && word.ends_with(['s', 'm', 'h', 'd', 'w', 'y']);
    // The address that `open` serves on.
    let key = word.contains("/?open=");
    !(hash || time || ago || key)
}

fn blank(word: &str) -> String {
    word.chars().map(|c| if c.is_ascii_hexdigit() { '0' } else { c }).collect()
}
