//! Where a member's rows are.

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
};
use uuid::Uuid;

/// Where a member's rows are: the key that all of them share.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    shard: Shard,
    program_id: ProgramId,
    member_id: MemberId,
}

/// The columns of some places, as statements take them.
#[derive(Default)]
pub(super) struct PlaceColumns {
    pub(super) shards: Vec<i16>,
    pub(super) program_ids: Vec<Uuid>,
    pub(super) member_ids: Vec<Uuid>,
}

impl Place {
    /// Returns where the rows of a member are.
    pub fn of(program_id: ProgramId, member_id: MemberId) -> Place {
        Place {
            shard: Shard::of(program_id, member_id),
            program_id,
            member_id,
        }
    }

    /// Returns the place of a row that was read.
    pub(super) fn read(program_id: Uuid, member_id: Uuid) -> Place {
        Place::of(program_id.into(), member_id.into())
    }

    /// Returns the shard.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Returns the program.
    pub fn program_id(&self) -> ProgramId {
        self.program_id
    }

    /// Returns the member.
    pub fn member_id(&self) -> MemberId {
        self.member_id
    }
}

impl<'a> FromIterator<&'a Place> for PlaceColumns {
    fn from_iter<I: IntoIterator<Item = &'a Place>>(places: I) -> Self {
        let mut columns = PlaceColumns::default();
        for place in places {
            columns.shards.push(place.shard.get());
            columns.program_ids.push(place.program_id.uuid());
            columns.member_ids.push(place.member_id.uuid());
        }
        columns
    }
}
