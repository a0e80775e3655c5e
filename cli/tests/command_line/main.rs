//! The real binary against a real server, end to end: what it prints, and its exit codes.

mod access;
mod active;
mod called;
mod completions;
mod config;
mod documented;
mod exit_codes;
mod history;
mod hostile;
mod live;
mod metrics;
mod network;
mod piped;
mod record;
mod server;
mod status;
mod verify;
mod watch;
