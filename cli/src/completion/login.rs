//! Whether a call to AWS may start a login.
//!
//! Keys, roles and tokens of a single sign-on need no interaction. But a profile can name a program that
//! provides the credentials (`credential_process`), and such a program may prompt for a password or a second
//! factor. Completion must not do that.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use crate::endpoint::Endpoint;
use crate::settings::{Auth, Setting, Settings};

/// How many profiles of a chain are followed: profiles can name each other in a circle.
const MOST: usize = 10;

/// Whether these settings would run a program of the user.
pub(super) fn may_start(settings: &Settings) -> bool {
    let by_flag = settings.profile.as_ref().is_some_and(Setting::is_flag);
    let has_keys = !by_flag && env::var("AWS_ACCESS_KEY_ID").is_ok_and(|key| !key.is_empty());
    if has_keys || !needs_aws(settings) {
        return false;
    }
    let profile = settings.profile.as_ref().map_or("default", |profile| profile.value.as_str());
    let texts = [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")]
        .map(|(variable, name)| path(variable, name).and_then(|path| fs::read_to_string(path).ok()));
    runs_a_program(&texts.map(Option::unwrap_or_default).join("\n"), profile)
}

/// Whether credentials are needed: to look up the API's address, or to sign requests.
fn needs_aws(settings: &Settings) -> bool {
    let Some(url) = &settings.url else { return true };
    let is_signed = |endpoint: Endpoint| endpoint.is_secure() && !endpoint.is_loopback();
    match settings.auth.value {
        Auth::Iam => true,
        Auth::Token | Auth::None => false,
        Auth::Auto => settings.token.is_none() && Endpoint::parse(&url.value, "").is_ok_and(is_signed),
    }
}

fn path(variable: &str, name: &str) -> Option<PathBuf> {
    let chosen = env::var(variable).ok().filter(|path| !path.is_empty()).map(PathBuf::from);
    chosen.or_else(|| Some(etcetera::home_dir().ok()?.join(".aws").join(name)))
}

/// Whether a profile, or a source profile of it, names a program.
fn runs_a_program(text: &str, profile: &str) -> bool {
    let mut programs: BTreeMap<&str, bool> = BTreeMap::new();
    let mut sources: BTreeMap<&str, &str> = BTreeMap::new();
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            section =
                name.trim().strip_prefix("profile").filter(|name| name.starts_with([' ', '\t'])).unwrap_or(name).trim();
        } else if let Some((key, value)) = line.split_once('=') {
            match key.trim() {
                "credential_process" => _ = programs.insert(section, true),
                "source_profile" => _ = sources.insert(section, value.trim()),
                _ => {}
            }
        }
    }
    let chain = std::iter::successors(Some(profile), |profile| sources.get(profile).copied());
    chain.take(MOST).any(|profile| programs.contains_key(profile))
}

#[cfg(test)]
mod tests {
    use super::runs_a_program;

    #[test]
    fn a_program_is_found_in_the_profile_and_in_its_source_profiles() {
        let text = "[default]\nregion = x\n[profile vault]\ncredential_process = vault login\n\
                    [ profile\twork ]\nsource_profile = vault\n[profile a]\nsource_profile=b\n[profile b]\nsource_profile=a\n";
        for (profile, runs) in [("default", false), ("vault", true), ("work", true), ("a", false), ("unknown", false)] {
            assert_eq!(runs_a_program(text, profile), runs, "{profile}");
        }
    }
}
