//! Who a producer is, whatever session it is in.

/// A producer without its session: the role and not the name of the session in which it was assumed. What it sends
/// again in another session is the same, and what somebody else sends is not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal(String);

impl Principal {
    /// Who this producer is, as its door has authenticated it.
    #[must_use]
    pub fn of(producer: &str) -> Self {
        Self(without_session(producer).unwrap_or(producer).to_owned())
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ARN of an assumed role (`arn:aws:sts::<account>:assumed-role/<role>/<session>`) without its session; none of
/// anything else.
fn without_session(producer: &str) -> Option<&str> {
    let (account, role) = producer.split_once(":assumed-role/")?;
    let is_of_sts = account.starts_with("arn:") && account.split(':').nth(2) == Some("sts");
    let (role, _) = role.rsplit_once('/').filter(|_| is_of_sts)?;
    Some(&producer[..account.len() + ":assumed-role/".len() + role.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_assumed_role_has_a_session() {
        for (producer, principal) in [
            ("arn:aws:sts::111122223333:assumed-role/ci/build-7", "arn:aws:sts::111122223333:assumed-role/ci"),
            ("arn:aws-cn:sts::111122223333:assumed-role/ci/b", "arn:aws-cn:sts::111122223333:assumed-role/ci"),
            ("arn:aws:sts::111122223333:assumed-role/ci", "arn:aws:sts::111122223333:assumed-role/ci"),
            ("arn:aws:iam::111122223333:user/ada/x", "arn:aws:iam::111122223333:user/ada/x"),
            ("arn:aws:iam::111122223333:assumed-role/a/b", "arn:aws:iam::111122223333:assumed-role/a/b"),
            ("oidc:arn:aws:sts::1:assumed-role/ci/b", "oidc:arn:aws:sts::1:assumed-role/ci/b"),
            ("oidc:repo:acme/cart:environment:production", "oidc:repo:acme/cart:environment:production"),
            ("webhook:github:acme/shop", "webhook:github:acme/shop"),
            ("token:ana", "token:ana"),
            ("", ""),
        ] {
            assert_eq!(Principal::of(producer).as_str(), principal);
        }
    }
}
