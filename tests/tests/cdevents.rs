//! `GET /v1/deployments/{id}/events?format=cdevents`: what is given out are valid CDEvents, true to
//! what was recorded.

#![expect(clippy::unwrap_used, reason = "panicking is how a test fails, in what tests share too")]

mod arbitrary;
mod read_back;
mod schemas;
mod trail;
