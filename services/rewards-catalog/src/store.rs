//! The tables of the service. Loads and saves are set-wise: one statement for all that a batch concerns.

pub mod level;
pub mod lottery;
pub mod member;
pub mod redemption;
mod reward;
pub mod standing;
pub mod stock;
pub mod ticket;

use common::{
    auth::ProgramScope,
    ids::{MemberId, ProgramId, RedemptionId, TicketId},
    shard::Shard,
};
use uuid::Uuid;

/// Names a member.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MemberKey {
    pub program_id: ProgramId,
    pub member_id: MemberId,
}

/// Names a redemption.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RedemptionKey {
    pub member: MemberKey,
    pub redemption_id: RedemptionId,
}

/// Names a ticket.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TicketKey {
    pub member: MemberKey,
    pub ticket_id: TicketId,
}

/// Names a lottery. The order is the one in which lotteries are locked, which is before stocks.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LotteryKey {
    pub program_id: ProgramId,
    pub lottery: String,
}

/// Names the stock of a reward. The order is the one in which stocks are locked.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StockKey {
    pub program_id: ProgramId,
    pub reward: String,
}

impl MemberKey {
    /// Names a member of the caller's program.
    pub fn new(scope: ProgramScope, member_id: MemberId) -> MemberKey {
        MemberKey {
            program_id: scope.id(),
            member_id,
        }
    }

    fn shard(&self) -> i16 {
        Shard::of(self.program_id, self.member_id).get()
    }
}

/// The columns that name members, as arrays.
struct MemberColumns {
    shards: Vec<i16>,
    programs: Vec<Uuid>,
    members: Vec<Uuid>,
}

impl MemberColumns {
    fn of<'a>(keys: impl Iterator<Item = &'a MemberKey> + Clone) -> MemberColumns {
        MemberColumns {
            shards: keys.clone().map(MemberKey::shard).collect(),
            programs: keys.clone().map(|key| key.program_id.uuid()).collect(),
            members: keys.map(|key| key.member_id.uuid()).collect(),
        }
    }
}

fn member_key(program_id: Uuid, member_id: Uuid) -> MemberKey {
    MemberKey {
        program_id: program_id.into(),
        member_id: member_id.into(),
    }
}

/// Says that a row holds what the constraints of its table do not allow.
fn nonsense(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a stored {what} makes no sense").into())
}
