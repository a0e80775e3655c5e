//! Answers compressed by gzip, since API Gateway compresses none of its HTTP APIs'.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// What is shorter is sent as it is: it would hardly become smaller.
const WORTH_IT: usize = 1400;

/// Whether whoever asked takes gzip (`Accept-Encoding`, RFC 9110, section 12.5.3): it is named, or all are, and not
/// with the weight 0.
pub(super) fn is_taken(accept_encoding: Option<&str>) -> bool {
    let weighted = accept_encoding.unwrap_or_default().split(',').map(|coding| {
        let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        (coding.trim().to_ascii_lowercase(), weight.is_ok_and(|weight| weight > 0.0))
    });
    let weighted: Vec<(String, bool)> = weighted.collect();
    let of = |name: &str| weighted.iter().find(|(coding, _)| coding == name).map(|(_, is_taken)| *is_taken);
    of("gzip").or_else(|| of("*")).unwrap_or(false)
}

/// The body compressed; none where that isn't worth it.
pub(super) fn compressed(body: &str) -> Option<Vec<u8>> {
    if body.len() < WORTH_IT {
        return None;
    }
    // The fastest level: it makes pages a tenth of their size, and the best one takes several times as long.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        for (accept, taken) in [
            (None, false),
            (Some(""), false),
            (Some("gzip"), true),
            (Some("deflate, GZIP;q=0.5, br"), true),
            (Some("br, *"), true),
            (Some("*;q=0"), false),
            (Some("gzip;q=0, *"), false),
            (Some("gzip; q=0.0"), false),
            (Some("gzip;q=much"), false),
            (Some("xgzip"), false),
        ] {
            assert_eq!(is_taken(accept), taken, "{accept:?}");
        }
    }
}
