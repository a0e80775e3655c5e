//! Whether a form was sent by a page of ours. A browser says where a request comes from, and a page of another site
//! must not record anything in a reader's name.

use api::{Problem, Request};

/// Judges what a browser says of where a request comes from: `Sec-Fetch-Site` must be `same-origin`, and `Origin` the
/// request's own address. One of them may be absent, because a browser says the first to trustworthy addresses only;
/// where both are, the request must be signed, which no page can make a browser do. A session that ends has a token
/// besides: where one is `expected`, the form must have `given` it.
///
/// # Errors
/// The problem to answer, with 403.
pub fn judge(request: &Request, given: Option<&str>, expected: Option<&str>) -> Result<(), Problem> {
    let site = request.header("sec-fetch-site").map(str::to_ascii_lowercase);
    let refused = |detail: &str| Err(Problem::new(403, format!("nothing was recorded: {detail}")));
    if site.as_deref().is_some_and(|site| site != "same-origin") {
        return refused("the form was not sent by a page of this site");
    }
    let is_signed = request.subject.is_none() && request.caller.starts_with("arn:");
    // Whoever signs stands between the browser and us, and its pages have its own address.
    if !is_signed {
        let own = request.address.as_deref().and_then(origin);
        match request.header("origin") {
            Some(from) if origin(from).is_none_or(|from| Some(from) != own) => {
                return refused("the form was sent by a page of another address");
            }
            None if site.is_none() => {
                return refused(
                    "nothing says which page sent it: a browser sends Origin and Sec-Fetch-Site; a program uses POST /v1/events",
                );
            }
            _ => {}
        }
    }
    match expected {
        Some(expected) if given != Some(expected) => {
            refused("the form is of another session; open it again, and send it from there")
        }
        _ => Ok(()),
    }
}

/// An origin: its scheme, its host and its port, of `https://host` or `https://host:port` and nothing else.
fn origin(text: &str) -> Option<(String, String, u16)> {
    let text = text.to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let usual = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (host, port) = match authority.rsplit_once(':') {
        // A colon inside the brackets of an address is none of a port.
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, usual),
    };
    let is_host =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
    is_host.then(|| (scheme.to_owned(), host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(address: &str, caller: &str, headers: &[(&str, &str)]) -> Request {
        Request {
            address: Some(address.to_owned()),
            caller: caller.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Request::default()
        }
    }

    #[test]
    fn only_a_page_of_this_address_sends_a_form() {
        let own = "https://status.example.com";
        for (address, headers, passes) in [
            (own, &[("origin", own), ("sec-fetch-site", "same-origin")][..], true),
            (own, &[("origin", "https://Status.Example.com:443")], true),
            (own, &[("sec-fetch-site", "same-origin")], true),
            ("http://[::1]:9000", &[("origin", "http://[::1]:9000")], true),
            ("http://[::1]", &[("origin", "http://[::1]:80")], true),
            (own, &[], false),
            (own, &[("sec-fetch-site", "none")], false),
            (own, &[("sec-fetch-site", "same-site")], false),
            (own, &[("sec-fetch-site", "same-origin,cross-site")], false),
            (own, &[("sec-fetch-site", "")], false),
            (own, &[("origin", "null"), ("sec-fetch-site", "same-origin")], false),
            (own, &[("origin", ""), ("sec-fetch-site", "same-origin")], false),
            (own, &[("origin", own), ("sec-fetch-site", "cross-site")], false),
            (own, &[("origin", "http://status.example.com"), ("sec-fetch-site", "same-origin")], false),
            (own, &[("origin", "https://status.example.com:8443")], false),
            (own, &[("origin", "https://status.example.com.evil.example")], false),
            (own, &[("origin", "https://evil.example/https://status.example.com")], false),
            (own, &[("origin", "https://status.example.com,https://evil.example")], false),
            ("http://localhost:9000", &[("origin", "http://localhost:3000")], false),
            ("", &[("origin", "")], false),
        ] {
            let judged = judge(&request(address, "token:ana", headers), None, None);
            assert_eq!(judged.is_ok(), passes, "{address} {headers:?}");
        }
    }

    #[test]
    fn a_signature_says_more_than_an_origin_but_not_than_a_browser_that_knows() {
        let signed = |headers| judge(&request("https://a.example", "arn:aws:iam::1:user/ana", headers), None, None);
        assert!(signed(&[]).is_ok());
        assert!(signed(&[("origin", "http://127.0.0.1:9100"), ("sec-fetch-site", "same-origin")]).is_ok());
        assert!(signed(&[("sec-fetch-site", "cross-site")]).is_err());
        // A token's subject can be called anything.
        let token = Request { subject: Some("arn:x".to_owned()), ..request("https://a.example", "arn:x", &[]) };
        assert!(judge(&token, None, None).is_err());
    }

    #[test]
    fn where_a_session_has_a_token_the_form_has_it_too() {
        let own = request("https://a.example", "oidc:ana", &[("origin", "https://a.example")]);
        for (given, expected, passes) in [
            (None, None, true),
            (Some("other"), None, true),
            (Some("t"), Some("t"), true),
            (None, Some("t"), false),
            (Some("other"), Some("t"), false),
        ] {
            assert_eq!(judge(&own, given, expected).is_ok(), passes, "{given:?} {expected:?}");
        }
    }
}
