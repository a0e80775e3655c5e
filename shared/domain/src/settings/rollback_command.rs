//! The template of what puts an earlier version back: a command of a POSIX shell, or a link.

use std::borrow::Cow;

use crate::fields::Fields;
use crate::page_paths;

/// The longest template, in bytes.
const BYTES: usize = 2000;
/// What stands for something in a template.
const PLACEHOLDERS: [&str; 5] = ["service", "environment", "version", "commit", "deploymentId"];

/// A template with `{service}`, `{environment}`, `{version}`, `{commit}` and `{deploymentId}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackCommand(String);

/// What stands in the place of each placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled<'v> {
    /// The service.
    pub service: &'v str,
    /// The environment.
    pub environment: &'v str,
    /// The version to go back to, where it is known.
    pub version: Option<&'v str>,
    /// Its commit, where it is known.
    pub commit: Option<&'v str>,
    /// The deployment that brought it.
    pub deployment_id: &'v str,
}

/// A template that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollback {
    /// A command of a POSIX shell.
    Command(String),
    /// A link.
    Link(String),
}

/// Takes `rollbackCommand`.
pub(super) fn read(from: &mut Fields<'_>) -> Option<RollbackCommand> {
    let name = "rollbackCommand";
    let template = RollbackCommand(from.free_text(&[name], BYTES)?);
    let is_other_link = template.0.contains("://") && template.0.split("://").next().is_some_and(is_scheme);
    if is_other_link && !template.is_link() {
        from.wrong(name, "must be a command, or a link that begins with https://");
        return None;
    }
    if template.0.chars().any(char::is_control) {
        from.wrong(name, "must be one line");
        return None;
    }
    let unknown = template.pieces().find_map(|piece| match piece {
        Piece::Placeholder(name) if !PLACEHOLDERS.contains(&name) => Some(name.to_owned()),
        _ => None,
    });
    if let Some(unknown) = unknown {
        let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
        from.wrong(name, format!("{{{unknown}}} stands for nothing: known are {known}"));
        return None;
    }
    Some(template)
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// A part of a template.
enum Piece<'t> {
    Text(&'t str),
    Placeholder(&'t str),
}

impl RollbackCommand {
    fn is_link(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The template as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts of it. `${name}` is a variable of the shell, and no placeholder.
    fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let name = rest.strip_prefix('{').and_then(|inner| Some(inner.split_once('}')?.0));
            if let Some(name) = name.filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic())) {
                rest = &rest[name.len() + 2..];
                return Some(Piece::Placeholder(name));
            }
            let mut ends = rest.char_indices().skip(1).map(|(at, _)| at);
            let end = ends.find(|at| rest[*at..].starts_with('{') && !rest[..*at].ends_with('$'));
            let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            Some(Piece::Text(text))
        })
    }

    /// The command or the link for these values.
    ///
    /// # Errors
    /// Why there is none, in words: a value that is not known, or one that could mean more than a name to a shell or to
    /// the command.
    pub fn fill(&self, values: &Filled<'_>) -> Result<Rollback, String> {
        let mut filled = String::new();
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder(name) => {
                    let value = values.get(name).ok_or_else(|| format!("no command: its {name} is not known"))?;
                    is_plain(name, value)?;
                    filled.push_str(&if self.is_link() { page_paths::part(value) } else { quoted(value) });
                }
            }
        }
        Ok(if self.is_link() { Rollback::Link(filled) } else { Rollback::Command(filled) })
    }
}

impl Filled<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        match name {
            "service" => Some(self.service),
            "environment" => Some(self.environment),
            "version" => self.version,
            "commit" => self.commit,
            "deploymentId" => Some(self.deployment_id),
            _ => None,
        }
    }
}

/// Whether a value is no more than a name, whatever reads it.
fn is_plain(name: &str, value: &str) -> Result<(), String> {
    if value.starts_with('-') {
        return Err(format!("no command: the {name} begins with -, and could be taken for an option"));
    }
    match value.chars().find(|c| !(c.is_ascii_alphanumeric() || "._:/@+-".contains(*c))) {
        None if value.is_empty() => Err(format!("no command: the {name} is empty")),
        None => Ok(()),
        Some(_) => Err(format!("no command: the {name} has other characters than A-Z a-z 0-9 . _ : / @ + -")),
    }
}

fn quoted(value: &str) -> String {
    shlex::try_quote(value).map_or_else(|_| String::new(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Settings;
    use crate::fields::Unknown;

    fn values(version: Option<&str>) -> Filled<'_> {
        Filled { service: "cart", environment: "production", version, commit: None, deployment_id: "c-1" }
    }

    fn fill(template: &str, version: Option<&str>) -> Result<Rollback, String> {
        RollbackCommand(template.to_owned()).fill(&values(version))
    }

    #[test]
    fn a_template_becomes_a_command_or_a_link() {
        let command = |text: &str| Ok(Rollback::Command(text.to_owned()));
        let link = |text: &str| Ok(Rollback::Link(text.to_owned()));
        for (template, version, expected) in [
            ("go {service} {environment} {version} {deploymentId}", "1.2", command("go cart production 1.2 c-1")),
            ("go ${HOME} {} {a {version}", "v1", command("go ${HOME} {} {a v1")),
            ("go '{version}'", "a/b:c@d+e_f", command("go 'a/b:c@d+e_f'")),
            ("go", "$(reboot)", command("go")),
            ("https://ci/run?v={version}&s={service}", "a/b:c@d+e", link("https://ci/run?v=a%2Fb%3Ac%40d%2Be&s=cart")),
            ("https://ci/{version}", "1.2-rc_1", link("https://ci/1.2-rc_1")),
        ] {
            assert_eq!(fill(template, Some(version)), expected, "{template}");
        }
        assert_eq!(fill("go {version}", None), Err("no command: its version is not known".to_owned()));
        assert_eq!(fill("go {commit}", Some("1")), Err("no command: its commit is not known".to_owned()));
    }

    #[test]
    fn what_could_mean_more_than_a_name_is_no_part_of_a_command() {
        let hostile =
            ["-rf", "--help", "=1", "1;reboot", "$(reboot)", "`reboot`", "a b", "a'b", "a\"b", "a|b", "a&b", "a>b"];
        let others =
            ["a\\b", "a*", "~", "~root", "é", "１", "a\u{202e}b", "%0a", "#1", "a{b}", "!1", "a,b", "(1)", "^1", "?"];
        for version in hostile.into_iter().chain(others) {
            for template in ["go {version}", "https://ci/{version}"] {
                let why = fill(template, Some(version)).unwrap_err();
                assert!(why.starts_with("no command: the version "), "{version}: {why}");
            }
        }
    }

    #[test]
    fn a_template_is_checked_when_it_is_applied() {
        for (template, expected) in [
            ("http://ci/{version}", "must be a command, or a link that begins with https://"),
            ("javascript://x", "must be a command, or a link that begins with https://"),
            ("go\nrm", "must be one line"),
            (
                "go {tag}",
                "{tag} stands for nothing: known are {service}, {environment}, {version}, {commit}, {deploymentId}",
            ),
        ] {
            let read = Settings::read(json!({"rollbackCommand": template}), Unknown::Refused);
            let wrong = read.unwrap_err();
            assert_eq!((wrong[0].field.as_str(), wrong[0].detail.as_str()), ("rollbackCommand", expected));
        }
        for template in ["curl https://ci/{version}", "go ${tag}", "https://ci/"] {
            assert!(Settings::read(json!({"rollbackCommand": template}), Unknown::Refused).is_ok(), "{template}");
        }
    }

    proptest! {
        #[test]
        fn a_shell_reads_back_exactly_the_name(version in ".{0,12}") {
            match fill("go {version}", Some(&version)) {
                Ok(Rollback::Command(command)) => {
                    prop_assert_eq!(shlex::split(&command), Some(vec!["go".to_owned(), version.clone()]));
                    prop_assert!(!version.starts_with('-'));
                }
                Ok(Rollback::Link(_)) => prop_assert!(false),
                Err(_) => {
                    let is_name = !version.is_empty() && version.chars().all(|c| c.is_ascii_alphanumeric());
                    prop_assert!(!is_name);
                }
            }
        }
    }
}
