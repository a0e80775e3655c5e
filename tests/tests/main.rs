//! End to end: the real handlers over the embedded DynamoDB, the real binaries, and the templates.
//!
//! One binary holds all of it, for each links the AWS SDK and SQLite. `cargo test -p tests cost::` runs
//! one module. Tests share the process: what is set for a whole process needs [`tests::alone`].

#![recursion_limit = "256"]

mod aws_services;
mod bad_input;
mod binaries;
mod bounds;
mod cdevents;
mod concurrency;
mod cost;
mod crashes;
mod damaged;
mod layout;
mod openapi;
mod order;
mod port;
mod promises;
mod real_payloads;
mod rules;
mod samples;
mod template;
mod told_by_tools;
mod walls;
