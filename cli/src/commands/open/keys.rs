//! The two keys: of the first address, which works once, and of the cookie that it becomes.

use std::sync::atomic::{AtomicBool, Ordering};

use subtle::ConstantTimeEq as _;

/// What the first address has before its key.
const FIRST: &str = "/?open=";

/// The keys of one call.
pub(super) struct Keys {
    first: String,
    cookie: String,
    used: AtomicBool,
}

/// What a request with the key of the first address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The first of them.
    Now,
    /// The address was used before.
    Used,
}

impl Keys {
    /// New keys, of 128 and 256 random bits.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let (mut first, mut cookie) = ([0; 16], [0; 32]);
        getrandom::fill(&mut first)?;
        getrandom::fill(&mut cookie)?;
        Ok(Self { first: hex::encode(first), cookie: hex::encode(cookie), used: AtomicBool::new(false) })
    }

    /// The path and query of the first address.
    pub(super) fn first_target(&self) -> String {
        format!("{FIRST}{}", self.first)
    }

    /// Whether a request for this path and query has the key of the first address.
    pub(super) fn is_first(&self, target: &str) -> bool {
        target.strip_prefix(FIRST).is_some_and(|key| is_equal(key, &self.first))
    }

    /// Uses the first address.
    pub(super) fn enter(&self) -> First {
        if self.used.swap(true, Ordering::SeqCst) { First::Used } else { First::Now }
    }

    /// Whether the first address was used.
    pub(super) fn are_used(&self) -> bool {
        self.used.load(Ordering::SeqCst)
    }

    /// The value of the cookie.
    pub(super) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Whether this is the value of the cookie.
    pub(super) fn is_cookie(&self, value: &str) -> bool {
        is_equal(value, &self.cookie)
    }
}

/// In a time that does not depend on where they differ.
fn is_equal(given: &str, key: &str) -> bool {
    given.as_bytes().ct_eq(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_works_once_and_the_keys_are_of_this_call() {
        let (keys, others) = (Keys::new().unwrap(), Keys::new().unwrap());
        assert!(keys.is_first(&keys.first_target()) && !keys.is_first(&others.first_target()));
        assert!(!keys.is_first("/?open=") && !keys.is_first("/") && !keys.is_first(&keys.first_target()[1..]));
        assert!(!keys.is_first(&format!("{}&to=/", keys.first_target())));
        assert_eq!([keys.enter(), keys.enter(), keys.enter()], [First::Now, First::Used, First::Used]);
        assert!(keys.is_cookie(keys.cookie()) && !keys.is_cookie(others.cookie()) && !keys.is_cookie(""));
        assert_eq!((keys.first.len(), keys.cookie.len()), (32, 64));
        assert_ne!(keys.cookie[..32], keys.first);
    }
}
