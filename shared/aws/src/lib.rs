//! What the adapters to AWS share: the configuration of the SDK's clients, made once, before the first
//! invocation ([`clients`]), and what a failed call means ([`failure`]). It names no service.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod clients;
pub mod failure;
