//! End-to-end tests over the real handlers and the real binaries: what they share.
