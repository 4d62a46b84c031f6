//! Ports that stay ours while a server is down.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use crate::Problem;

/// Finds a port on 127.0.0.1 that nobody listens at.
///
/// It lies below the range from which systems take the ports of outgoing connections: a server that is stopped and
/// started again, as fault tests do, would otherwise now and then find its port taken by some client.
pub fn free() -> Result<u16, Problem> {
    let somewhere = RandomState::new().hash_one(std::process::id());
    (0..10_000)
        .map(|step| 20_000 + ((somewhere.wrapping_add(step)) % 10_000) as u16)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or(Problem::NoPort)
}
