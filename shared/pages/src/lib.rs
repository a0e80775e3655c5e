//! The web pages: answers of the API as HTML, complete without JavaScript. It does no I/O and has no clock.
//!
//! A page is a function of what was asked, what the API answers, and the time. Everything that it shows is escaped by
//! the template engine; links are made in one place, [`address`].

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod address;
pub mod asked;
pub mod assets;
pub mod bad;
mod chart;
pub mod compare;
pub mod deployment;
pub mod deployments;
pub mod drift;
pub mod entry;
pub mod environment;
mod fields;
pub mod format;
pub mod forms;
mod frame;
pub mod headers;
pub mod incidents;
pub mod live;
pub mod metrics;
pub mod overview;
pub mod problem;
pub mod rejected;
pub mod release;
pub mod releases;
pub mod route;
pub mod search;
pub mod served;
pub mod service;
pub mod settings;
pub mod suspects;
mod symbol;
mod way;
mod words;

pub use asked::{Asked, SignedIn};
pub use format::Format;
pub use frame::Page;
pub use route::Route;
