//! The limit of open files: each connection is one.

/// What the store, the log and connections that are turned away need.
const SPARE: u64 = 96;

/// The fewest connections: with fewer there is no use in starting.
const FEWEST: usize = 8;

/// Raises the soft limit of open files as far as the hard one allows, and answers how many of `wanted` connections
/// there can be.
#[must_use]
pub fn most_connections(wanted: usize) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(%error, "the limit of open files can't be raised");
        rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(256, |(soft, _)| soft)
    });
    let connections = within(limit, wanted);
    if connections < wanted {
        tracing::warn!(limit, connections, "the limit of open files allows fewer connections");
    }
    connections
}

fn within(limit: u64, wanted: usize) -> usize {
    let room = usize::try_from(limit.saturating_sub(SPARE)).unwrap_or(usize::MAX);
    wanted.min(room.max(FEWEST))
}
