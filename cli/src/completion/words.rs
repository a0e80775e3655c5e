//! Splits a bash command line into words, and keeps their quotes.
//!
//! Bash itself splits words at `:` and `=`, which occur in deployment ids and between a flag and its value,
//! and does not pass whether a quote is open. The line has all of this.

/// A word of a line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word as typed, with quotes and backslashes.
    pub(super) typed: String,
    /// The word without them.
    pub(super) plain: String,
    /// The quote that is open at its end.
    pub(super) open: Option<char>,
}

/// The words of a line up to the cursor. The last word is the one at the cursor; it can be empty.
pub(super) fn of(line: &str) -> Vec<Word> {
    let mut words = vec![Word::default()];
    let mut word = Word::default();
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_whitespace() && word.open.is_none() {
            if word != Word::default() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        word.typed.push(c);
        match (word.open, c) {
            (None, '\'' | '"') => word.open = Some(c),
            (Some(quote), c) if quote == c => word.open = None,
            // Within double quotes a backslash is a plain character, except before a special character.
            (None | Some('"'), '\\')
                if word.open.is_none() || matches!(characters.peek(), Some('$' | '`' | '"' | '\\')) =>
            {
                let escaped = characters.next();
                word.typed.extend(escaped);
                word.plain.extend(escaped);
            }
            (_, c) => word.plain.push(c),
        }
    }
    words.push(word);
    words.remove(0);
    words
}

/// `text` with the escapes that it needs within this quote.
pub(super) fn quoted(text: &str, open: Option<char>) -> String {
    let escaped = |needs: fn(char) -> bool| {
        text.chars().flat_map(|c| needs(c).then_some('\\').into_iter().chain([c])).collect::<String>()
    };
    match open {
        Some('\'') => text.replace('\'', r"'\''"),
        Some(_) => escaped(|c| matches!(c, '$' | '`' | '"' | '\\')),
        None => escaped(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-.,/:=@%+".contains(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(line: &str) -> Vec<String> {
        of(line).into_iter().map(|word| word.plain).collect()
    }

    #[test]
    fn words_are_split_as_bash_does() {
        assert_eq!(plain(""), [""]);
        assert_eq!(plain("a  b "), ["a", "b", ""]);
        assert_eq!(plain("status github:o/r:"), ["status", "github:o/r:"]);
        assert_eq!(plain("--environment='us e'ast"), ["--environment=us east"]);
        assert_eq!(plain(r#"a\ b "c\"\d $e" 'f\'g"#), ["a b", r#"c"\d $e"#, r"f\g"]);
        assert_eq!(plain("a '' "), ["a", "", ""]);
        assert_eq!(plain("a \\"), ["a", ""]);
    }

    #[test]
    fn an_open_quote_is_found() {
        let open = |line: &str| of(line).pop().unwrap();
        assert_eq!(open("live -e \"us ea"), Word { typed: "\"us ea".into(), plain: "us ea".into(), open: Some('"') });
        assert_eq!(open("live -e 'us").open, Some('\''));
        assert_eq!(open("live -e 'us'").open, None);
    }

    #[test]
    fn a_quoted_text_reads_as_the_text() {
        for text in ["plain-1.0", "us east", r#"it's "5$" `x` \ & ; (a)|<b>*?[c]{d}~#!"#, "Größe"] {
            assert_eq!(plain(&quoted(text, None)), [text]);
            assert_eq!(plain(&format!("'{}'", quoted(text, Some('\'')))), [text]);
            assert_eq!(plain(&format!("\"{}\"", quoted(text, Some('"')))), [text]);
        }
        assert_eq!(quoted("github:o/r@2", None), "github:o/r@2");
    }
}
