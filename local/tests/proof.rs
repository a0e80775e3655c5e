//! What was changed in a file, removed from it or put into it is found; and nothing is found where nothing was.

mod accepted;
mod anchored;
mod damages;
mod histories;
mod python;
mod replayed;
mod tampered;
mod untampered;
