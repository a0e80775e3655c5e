//! What the adapters to AWS share: the configuration of the SDK's clients, made once, before the first
//! invocation ([`clients`]), who vouches for AWS ([`authorities`]), what a failed call means ([`failure`]), and calls
//! to whoever is not AWS ([`http`]). It names no service.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod authorities;
pub mod clients;
pub mod failure;
pub mod http;
