//! The rules through their public interface: one binary, so that it links once.

mod delivery;
mod event_fields;
mod figures;
mod fold;
mod verification;
