//! How far the history is published.
