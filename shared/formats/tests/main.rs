//! What tools send, through the crate's public interface: one binary, so that it links once.

mod alarms;
mod custom;
mod custom_tools;
mod rules;
mod samples;
