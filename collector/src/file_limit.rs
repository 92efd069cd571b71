//! How much this process may have open at once, connections above all.

/// What is left to the database, the log, and commands beside them.
const RESERVED: u64 = 256;

/// The most connections at once, whatever the system lets us have: each holds some 20 kB, all together what a collector
/// may need under full load. Proxies in front keep a few
/// hundred; a crowd that comes without one waits a moment in the kernel's queue beyond this, and is not turned away.
const CONNECTIONS_MAX: u64 = 11_000;

/// Has the system let us open as much as it ever would (most begin with 1,024 files), and tells how many connections we
/// may have. One more, and nothing else could be opened either: neither a file of the database nor the next connection.
#[must_use]
pub fn connections() -> usize {
    let connections = raised().map_or(CONNECTIONS_MAX, |files| files.saturating_sub(RESERVED).max(RESERVED));
    usize::try_from(connections.min(CONNECTIONS_MAX)).unwrap_or(usize::MAX)
}

/// How many files we may open, after asking for as many as may be asked for; none if there is no such limit.
#[cfg(unix)]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        // Some systems name a limit that they do not grant.
        Err(_) => current,
    }
}

#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}
