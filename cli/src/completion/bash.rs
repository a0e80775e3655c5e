//! Bash: the completion function that it calls, and the form of its answer.
//!
//! The adapter of the argument parser uses the words that bash passes. Bash splits these at `:` and `=`, and
//! the adapter's answers are not quoted, so that a name with a space would become two words. This adapter
//! reads the command line itself.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;

use clap::Command;
use clap_complete::engine::complete;
use clap_complete::env::EnvCompleter;

use super::typed;
use super::words::{self, Word, quoted};

/// Bash, from version 3.2.
pub(super) struct Bash;

const SCRIPT: &str = r#"_deployment_status() {
    local reply
    COMPREPLY=()
    while IFS= read -r reply; do
        COMPREPLY+=("$reply")
    done < <(VARIABLE=bash _DEPLOYMENT_STATUS_LINE="${COMP_LINE:0:COMP_POINT}" _DEPLOYMENT_STATUS_WORD="$2" \
        command COMPLETER -- "${COMP_WORDS[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/:=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o nosort -F _deployment_status COMMAND 2>/dev/null ||
    complete -o bashdefault -F _deployment_status COMMAND
"#;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        variable: &str,
        _name: &str,
        command: &str,
        completer: &str,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let script = SCRIPT.replace("VARIABLE", variable).replace("COMMAND", &quoted(command, None));
        // The path last: nothing in it must be replaced.
        out.write_all(script.replace("COMPLETER", &quoted(completer, None)).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let variables = (env::var("_DEPLOYMENT_STATUS_LINE"), env::var("_DEPLOYMENT_STATUS_WORD"));
        let (Ok(line), Ok(word)) = variables else {
            return clap_complete::env::Bash.write_complete(command, words, folder, out);
        };
        let typed = words::of(&line);
        let index = typed.len() - 1;
        let words: Vec<OsString> = typed.iter().map(|word| OsString::from(&word.plain)).collect();
        typed::set(words.clone(), index);
        let candidates = complete(command, words, index, folder)?;
        let values: Vec<&str> = candidates.iter().filter_map(|candidate| candidate.get_value().to_str()).collect();
        // Flags are offered after a dash, or when there is nothing else.
        let only_flags = values.iter().all(|value| value.starts_with('-'));
        let flags_too = only_flags || !typed[index].typed.is_empty();
        let offered = values.into_iter().filter(|value| flags_too || !value.starts_with('-'));
        offered.filter_map(|value| reply(value, &typed[index], &word)).try_for_each(|reply| writeln!(out, "{reply}"))
    }
}

/// The replacement for `word`. Bash takes `word` for the word to complete, but it is only the end of the word
/// that is `typed`. Nothing when `value` does not begin with the beginning of that word.
fn reply(value: &str, typed: &Word, word: &str) -> Option<String> {
    let stays = typed.typed.strip_suffix(word).unwrap_or_default();
    let stays = words::of(stays).pop().unwrap_or_default();
    Some(quoted(value.strip_prefix(&stays.plain)?, stays.open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replied(line: &str, word: &str, value: &str) -> Option<String> {
        reply(value, words::of(line).last().unwrap(), word)
    }

    #[test]
    fn only_the_part_that_bash_takes_for_the_word_is_replaced() {
        assert_eq!(replied("status gi", "gi", "github:o/r:1").as_deref(), Some("github:o/r:1"));
        assert_eq!(replied("status github:o", "o", "github:o/r:1").as_deref(), Some("o/r:1"));
        assert_eq!(replied("live --environment=", "", "--environment=prod").as_deref(), Some("prod"));
        assert_eq!(replied("status 'x", "x", "y"), Some("y".to_owned()), "the prefix was compared before");
    }

    #[test]
    fn the_reply_is_quoted_like_the_word() {
        assert_eq!(replied("live -e us", "us", "us east").as_deref(), Some(r"us\ east"));
        assert_eq!(replied(r"live -e us\ e", r"us\ e", "us east").as_deref(), Some(r"us\ east"));
        assert_eq!(replied("live -e \"us e", "us e", "us east").as_deref(), Some("us east"));
        assert_eq!(replied("live -e 'it", "it", "it's").as_deref(), Some(r"it'\''s"));
        assert_eq!(replied("live --environment='us", "us", "--environment=us east").as_deref(), Some("us east"));
    }
}
