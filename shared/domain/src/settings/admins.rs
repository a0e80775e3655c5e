//! Who may apply settings whatever they say: named outside of them, so that no document can lock everybody out.

use std::fmt;

use crate::pattern::Patterns;

/// Patterns of senders who may always apply settings. The default is nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsAdmins(Patterns);

/// Why patterns can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` must be a sender or a pattern of senders, such as *:assumed-role/admins/*, in printable ASCII")]
pub struct WrongAdmin(String);

impl SettingsAdmins {
    /// Reads patterns that are separated by commas. Empty is nobody.
    ///
    /// # Errors
    /// Names the pattern that is wrong.
    pub fn parse(text: &str) -> Result<Self, WrongAdmin> {
        Patterns::parse(text).map(Self).map_err(WrongAdmin)
    }

    /// Whether someone who is known by any of these names is one.
    #[must_use]
    pub fn include(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.0.match_whole(name))
    }
}

impl fmt::Display for SettingsAdmins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_one_is_said_by_patterns_and_nobody_is_by_default() {
        let admins = SettingsAdmins::parse("*:assumed-role/admins/*, token:root").unwrap();
        let is = |name: &str| admins.include(&[name.to_owned()]);
        assert!(is("arn:aws:sts::111122223333:assumed-role/admins/ada") && is("token:root"));
        assert!(!is("arn:aws:sts::111122223333:assumed-role/ci/admins") && !is("token:root2"));
        assert!(!SettingsAdmins::default().include(&["token:root".to_owned()]));
        assert!(!SettingsAdmins::parse(" , ").unwrap().include(&[String::new()]));
        assert!(SettingsAdmins::parse("größe").unwrap_err().to_string().contains("gr"));
    }
}
