//! Path and query of a request, decoded.

use percent_encoding::percent_decode_str;

use crate::Problem;

/// The path and the parameters of a request, as they were sent: both percent-encoded.
///
/// # Errors
/// The problem to answer when one of them is no UTF-8: a name that was mangled on its way must not be looked
/// for, nor found.
pub fn decode(path: &str, query: &str) -> Result<(String, Vec<(String, String)>), Problem> {
    let path = percent_decode_str(path).decode_utf8();
    let path = path.map_err(|_| Problem::new(400, "the path must be UTF-8"))?.into_owned();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let is_utf8 = |text: &str| percent_decode_str(text).decode_utf8().is_ok();
    if let Some((name, _)) = pairs.into_iter().find(|(name, value)| !is_utf8(name) || !is_utf8(value)) {
        let shown: String = name.chars().take(64).flat_map(char::escape_debug).collect();
        return Err(Problem::wrong_field(&shown, "must be UTF-8"));
    }
    Ok((path, form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
}
