//! End to end: the real handlers over the embedded DynamoDB, the real binaries, and the templates.
//!
//! All of them are one binary, because each binary links the AWS SDK and SQLite. To run one module:
//! `cargo test --workspace --test end_to_end -- cost::`. The tests share a process. A test that sets
//! something for the whole process uses [`tests::alone`].

#![recursion_limit = "256"]

mod aws_services;
mod bad_input;
mod batches;
mod binaries;
mod bounds;
mod cdevents;
mod concurrency;
mod cost;
mod crashes;
mod damaged;
mod deployment_then;
mod drift;
mod gate;
mod health;
mod kept;
mod layout;
mod login;
mod model;
mod names;
mod oidc;
mod openapi;
mod order;
mod pages;
mod port;
mod promises;
mod real_payloads;
mod rebuild_in_aws;
mod release;
mod releases;
mod reported_by_tools;
mod reports;
mod rules;
mod samples;
mod settings;
mod stages;
mod suspects;
mod template;
mod trust;
mod verified;
mod walls;
mod witness;
