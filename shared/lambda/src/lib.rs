//! What both Lambda functions set up around their work: API Gateway's requests and answers
//! (`gateway`, a feature of the same name), settings from environment variables ([`settings`]), and log lines ([`logs`]); the clock, and chance. No SDK.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[cfg(feature = "gateway")]
pub mod gateway;
pub mod logs;
pub mod settings;

/// The current time: the only place where the functions read the clock.
#[must_use]
pub fn now() -> domain::Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the edge: everything else takes time as an argument")]
    let now = chrono::Utc::now();
    now.into()
}

/// A new id, of the operating system's randomness: 32 hexadecimal digits.
///
/// # Errors
/// When the system has none.
pub fn random_id() -> Result<String, getrandom::Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(format!("{:032x}", u128::from_be_bytes(random)))
}
