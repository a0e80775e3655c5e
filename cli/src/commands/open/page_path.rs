//! The path of the page to begin with, as a person writes it.

use domain::page_paths;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode_byte, utf8_percent_encode};

/// What can't stand in an address as it is. Whoever means a name with one of its own signs (`?`, `#`, `%`) encodes it.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// What the paths of pages begin with that end in a name.
const NAMED: [&str; 4] = ["/services", "/environments", "/releases", "/deployments"];

/// Reads a path with its parameters. What can't stand in an address is encoded.
///
/// # Errors
/// A message with examples, when it is not the path of a page.
pub(super) fn read(text: &str) -> Result<String, String> {
    if !text.starts_with('/') {
        return Err("must begin with /, such as /live or /deployments/checkout-42".to_owned());
    }
    // A browser takes what follows as another host.
    if text[1..].starts_with(['/', '\\']) {
        return Err("must begin with one / only: it is a page of the server, not an address".to_owned());
    }
    let mut encoded = String::with_capacity(text.len());
    for (at, piece) in text.split('%').enumerate() {
        let is_encoding = piece.len() >= 2 && piece.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        match at {
            0 => {}
            _ if is_encoding => encoded.push('%'),
            _ => encoded.push_str(percent_encode_byte(b'%')),
        }
        encoded.extend(utf8_percent_encode(piece, ENCODED));
    }
    Ok(without_steps(encoded))
}

/// A browser takes `.` and `..` at the end of a path as steps. Where that is a name, it is meant as one.
fn without_steps(address: String) -> String {
    let (path, behind) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
    match path.rsplit_once('/') {
        Some((begin, name @ ("." | ".."))) if NAMED.contains(&begin) => {
            format!("{}{behind}", page_paths::named(&format!("{begin}/"), name))
        }
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_path_as_a_person_writes_it_becomes_one_of_an_address() {
        for (written, address) in [
            ("/", "/"),
            ("/live?environment=us east&only=wrong#top", "/live?environment=us%20east&only=wrong#top"),
            ("/services/a%2Fb", "/services/a%2Fb"),
            ("/services/100%", "/services/100%25"),
            ("/services/.", "/services/%2F."),
            ("/environments/..?asOf=yesterday", "/environments/%2F..?asOf=yesterday"),
            ("/services/...", "/services/..."),
            ("/live/..", "/live/.."),
            ("/services/50%off", "/services/50%25off"),
            ("/services/שלום", "/services/%D7%A9%D7%9C%D7%95%D7%9D"),
            ("/services/a\r\nSet-Cookie: b", "/services/a%0D%0ASet-Cookie:%20b"),
        ] {
            assert_eq!(read(written).as_deref(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_page_of_the_server_is_not_opened() {
        for wrong in ["", "live", "https://example.com/", "//example.com", "/\\example.com"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
