//! What every RPC and worker of the service needs.

use std::sync::Arc;

use common::{db::Db, writer::Writer};

use crate::{ops::Membership, peers::Consequences, vault::Vault};

/// What every RPC and worker needs. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The records.
    pub db: Db,
    /// The one way to change them.
    pub writer: Writer<Membership>,
    /// Personal data.
    pub vault: Arc<Vault>,
    /// What changes bring about elsewhere.
    pub consequences: Consequences,
}
