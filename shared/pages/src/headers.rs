//! The headers of every page.

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// All of them but the content's own.
pub const HEADERS: [(&str, &str); 3] =
    [("content-security-policy", POLICY), ("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")];
