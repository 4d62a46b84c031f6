//! `member.identifier`: who an identifier belongs to.
//!
//! An identifier belongs to one member of a program at most, on whatever shard that member is. A batch therefore claims the identifiers that
//! its calls want before anything is decided: a claim is a row, so two batches that want the same one wait for each other, and the
//! second sees what the first decided. Claims that nobody is given are taken back before the commit. Claims are made in one
//! order, after the shards are locked, so that batches cannot wait in a circle.

use std::collections::BTreeMap;

use common::{
    auth::ProgramScope,
    db::Db,
    ids::{MemberId, ProgramId},
    writer::{Part, Writes},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{domain::IdentifierKind, vault::BlindIndex};

/// An identifier, as it is stored.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct IdentifierKey {
    /// The program.
    pub program_id: ProgramId,
    /// What it is.
    pub kind: IdentifierKind,
    /// What it is found by.
    pub index: BlindIndex,
}

/// The identifiers that a batch concerns, and who has them.
#[derive(Debug, Default)]
pub struct Identifiers(BTreeMap<IdentifierKey, Owners>);

/// Who has an identifier: by its row, and after the decisions so far.
#[derive(Clone, Copy, Debug)]
struct Owners {
    stored: MemberId,
    now: Option<MemberId>,
}

#[derive(Default)]
struct Columns {
    program_ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    indexes: Vec<Vec<u8>>,
}

/// Finds the member that has an identifier.
pub async fn find_owner(
    db: &Db,
    scope: ProgramScope,
    kind: IdentifierKind,
    index: BlindIndex,
) -> Result<Option<MemberId>, sqlx::Error> {
    db.run(move |pool| async move {
        let owner = sqlx::query_scalar!(
            "select member_id from member.identifier where program_id = $1 and kind = $2 and blind_index = $3",
            scope.id().uuid(),
            kind.field(),
            index.as_bytes(),
        );
        Ok(owner.fetch_optional(&pool).await?.map(MemberId::from))
    })
    .await
}

impl Identifiers {
    /// Claims what is free among the wanted identifiers, each for the member that wants it first, and learns who has the others.
    pub async fn claim(
        tx: &mut PgConnection,
        wanted: impl IntoIterator<Item = (IdentifierKey, MemberId)>,
    ) -> Result<Identifiers, sqlx::Error> {
        let mut missing: BTreeMap<IdentifierKey, MemberId> = BTreeMap::new();
        for (key, member_id) in wanted {
            missing.entry(key).or_insert(member_id);
        }
        let mut identifiers = Identifiers::default();
        while !missing.is_empty() {
            for (key, stored) in insert(tx, &missing).await? {
                identifiers.0.insert(key, Owners { stored, now: None });
                missing.remove(&key);
            }
            // What was not free belongs to someone; what was given back in between is claimed in the next round.
            for (key, stored) in find(tx, &missing).await? {
                identifiers.0.insert(
                    key,
                    Owners {
                        stored,
                        now: Some(stored),
                    },
                );
                missing.remove(&key);
            }
        }
        Ok(identifiers)
    }

    /// Tells whether a member may have an identifier that was claimed: it is free, or the member's already.
    pub fn is_free_for(&self, key: &IdentifierKey, member_id: MemberId) -> bool {
        self.0
            .get(key)
            .is_some_and(|owners| owners.now.is_none_or(|owner| owner == member_id))
    }

    /// Gives an identifier that was claimed to a member.
    pub fn give(&mut self, key: IdentifierKey, member_id: MemberId) {
        if let Some(owners) = self.0.get_mut(&key) {
            owners.now = Some(member_id);
        }
    }

    /// Takes an identifier back from the member that has it, so that the next may have it.
    pub fn take_back(&mut self, key: IdentifierKey, member_id: MemberId) {
        self.0
            .entry(key)
            .or_insert(Owners {
                stored: member_id,
                now: None,
            })
            .now = None;
    }

    /// Saves who has what now.
    pub fn save(&self, writes: &mut Writes) {
        let given = self
            .0
            .iter()
            .filter_map(|(key, owners)| Some((key, owners.now.filter(|now| *now != owners.stored)?)));
        let given: BTreeMap<IdentifierKey, MemberId> = given.map(|(key, owner)| (*key, owner)).collect();
        let free: Vec<&IdentifierKey> = self
            .0
            .iter()
            .filter(|(_, owners)| owners.now.is_none())
            .map(|(key, _)| key)
            .collect();
        if !given.is_empty() {
            update(&given, writes);
        }
        if !free.is_empty() {
            delete(free.into_iter().collect(), writes);
        }
    }
}

async fn insert(
    tx: &mut PgConnection,
    wanted: &BTreeMap<IdentifierKey, MemberId>,
) -> Result<Vec<(IdentifierKey, MemberId)>, sqlx::Error> {
    let columns: Columns = wanted.keys().collect();
    let member_ids: Vec<Uuid> = wanted.values().map(|member_id| member_id.uuid()).collect();
    let rows = sqlx::query!(
        "insert into member.identifier (program_id, kind, blind_index, member_id)
         select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[]) as wanted (program_id, kind, blind_index, member_id)
          order by program_id, kind, blind_index
         on conflict on constraint identifier_pkey do nothing
         returning program_id, kind, blind_index, member_id",
        &columns.program_ids,
        &columns.kinds as &[&str],
        &columns.indexes,
        &member_ids,
    );
    let rows = rows.fetch_all(tx).await?;
    rows.into_iter()
        .map(|row| Ok((read(row.program_id, &row.kind, row.blind_index)?, row.member_id.into())))
        .collect()
}

async fn find(
    tx: &mut PgConnection,
    wanted: &BTreeMap<IdentifierKey, MemberId>,
) -> Result<Vec<(IdentifierKey, MemberId)>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let columns: Columns = wanted.keys().collect();
    let rows = sqlx::query!(
        "select identifier.program_id, identifier.kind, identifier.blind_index, identifier.member_id
           from unnest($1::uuid[], $2::text[], $3::bytea[]) as wanted (program_id, kind, blind_index)
           join member.identifier using (program_id, kind, blind_index)",
        &columns.program_ids,
        &columns.kinds as &[&str],
        &columns.indexes,
    );
    let rows = rows.fetch_all(tx).await?;
    rows.into_iter()
        .map(|row| Ok((read(row.program_id, &row.kind, row.blind_index)?, row.member_id.into())))
        .collect()
}

fn update(given: &BTreeMap<IdentifierKey, MemberId>, writes: &mut Writes) {
    let columns: Columns = given.keys().collect();
    let part = Part::new(
        "update member.identifier
            set member_id = given.member_id
           from unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[]) as given (program_id, kind, blind_index, member_id)
          where identifier.program_id = given.program_id and identifier.kind = given.kind
            and identifier.blind_index = given.blind_index",
    );
    writes.add(
        part.bind(columns.program_ids)
            .bind(columns.kinds)
            .bind(columns.indexes)
            .column(given.values().map(|member_id| member_id.uuid())),
    );
}

fn delete(free: Columns, writes: &mut Writes) {
    let part = Part::new(
        "delete from member.identifier
          using unnest($1::uuid[], $2::text[], $3::bytea[]) as free (program_id, kind, blind_index)
          where identifier.program_id = free.program_id and identifier.kind = free.kind
            and identifier.blind_index = free.blind_index",
    );
    writes.add(part.bind(free.program_ids).bind(free.kinds).bind(free.indexes));
}

fn read(program_id: Uuid, kind: &str, index: Vec<u8>) -> Result<IdentifierKey, sqlx::Error> {
    let kind = IdentifierKind::ALL.into_iter().find(|known| known.field() == kind);
    let index = <[u8; BlindIndex::LEN]>::try_from(index).ok().map(BlindIndex::new);
    match (kind, index) {
        (Some(kind), Some(index)) => Ok(IdentifierKey {
            program_id: program_id.into(),
            kind,
            index,
        }),
        _ => Err(sqlx::Error::Decode("an identifier is stored as none can be".into())),
    }
}

impl<'a> FromIterator<&'a IdentifierKey> for Columns {
    fn from_iter<I: IntoIterator<Item = &'a IdentifierKey>>(keys: I) -> Self {
        let mut columns = Columns::default();
        for key in keys {
            columns.program_ids.push(key.program_id.uuid());
            columns.kinds.push(key.kind.field());
            columns.indexes.push(key.index.as_bytes().to_vec());
        }
        columns
    }
}
