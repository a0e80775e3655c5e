//! The real binary with a real server, end to end: output and exit codes.

#![recursion_limit = "256"]

mod access;
mod active;
mod address;
mod answers;
mod bisect;
mod called;
mod compare;
mod completions;
mod config;
mod cost;
mod documented;
mod drift;
mod exit_codes;
mod fuzzed;
mod gate;
mod history;
mod hostile;
mod https;
mod live;
mod metrics;
mod names;
mod network;
mod observe;
mod open;
mod opened;
mod piped;
mod record;
mod release;
mod retries;
mod server;
mod settings;
mod signature;
mod status;
mod terminal;
mod verify;
mod watch;
mod wire;
