//! What the tier service asks of others: it follows the feeds of member and campaign, and nothing else.

use common::{peers::Peer, process::Process};

use crate::NAME;

/// The services that it asks.
pub struct Peers {
    /// Whose feed tells of programs, clocks and members.
    pub member: Peer,
    /// Whose feed tells what members do.
    pub campaign: Peer,
}

impl Peers {
    /// Finds them.
    pub fn of(process: &Process) -> anyhow::Result<Peers> {
        let key = process.key_of(NAME)?;
        Ok(Peers {
            member: process.peer(&key, "member", &["feeds.follow"])?,
            campaign: process.peer(&key, "campaign", &["feeds.follow"])?,
        })
    }
}
