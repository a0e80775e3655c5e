//! Cookies: what a request brings, and what an answer sets. A name that begins with `__Host-` is set by this host alone,
//! over HTTPS, for all of its paths: no other site of the same domain can set it.

use api::Request;

/// The cookie of a session.
pub const SESSION: &str = "__Host-session";
/// The cookie of a login that is under way.
pub const ATTEMPT: &str = "__Host-login";

/// The value of a request's cookie; none where it comes twice, which a browser does not do.
#[must_use]
pub fn of<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let all = request.header("cookie")?.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    let mut found = all.filter(|(other, _)| *other == name).map(|(_, value)| value);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}

/// What sets a cookie for so many seconds. It comes back from links of other sites too: the issuer leads here.
#[must_use]
pub fn set(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}")
}

/// What takes a cookie away.
#[must_use]
pub fn clear(name: &str) -> String {
    set(name, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_once() {
        let with =
            |cookie: &str| Request { headers: [("cookie".to_owned(), cookie.to_owned())].into(), ..Request::default() };
        assert_eq!(of(&with("a=1; __Host-session=x=y; b=2"), SESSION), Some("x=y"));
        assert_eq!(of(&with("__Host-session=x;__Host-login=z"), ATTEMPT), Some("z"));
        for none in
            ["", "x__Host-session=x", "__host-session=x", "__Host-session", "__Host-session=1; __Host-session=2"]
        {
            assert_eq!(of(&with(none), SESSION), None, "{none}");
        }
        assert_eq!(of(&Request::default(), SESSION), None);
    }
}
