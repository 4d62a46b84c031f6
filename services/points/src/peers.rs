//! What the points service asks of others: it follows the member feed, and nothing else.

use common::{peers::Peer, process::Process};

use crate::NAME;

/// The services that it asks.
pub struct Peers {
    /// Whose feed tells of programs, clocks and members.
    pub member: Peer,
}

impl Peers {
    /// Finds them.
    pub fn of(process: &Process) -> anyhow::Result<Peers> {
        let key = process.key_of(NAME)?;
        Ok(Peers {
            member: process.peer(&key, "member", &["feeds.follow"])?,
        })
    }
}
