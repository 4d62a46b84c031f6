//! `campaign.draft` and `campaign.draft_change`: drafts of campaigns as they stand, and what was done with them.

use std::collections::{BTreeMap, HashMap};

use common::{
    auth::ProgramScope,
    ids::ProgramId,
    writer::{Part, Writes},
};
use prost::Message as _;
use proto::campaign as pb;
use sqlx::{PgConnection, PgPool};

use super::unreadable;

/// Names a draft.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DraftKey {
    /// The program.
    pub program_id: ProgramId,
    /// The draft's name.
    pub draft: String,
}

/// A draft as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDraft {
    /// The draft as it stands, with its campaign.
    pub wire: pb::Draft,
    /// How often something was done with it.
    pub changes: i32,
}

/// A draft, for somebody who looks at it.
pub struct FoundDraft {
    /// The draft as it stands.
    pub draft: pb::Draft,
    /// Its campaign as of the revision that was asked for.
    pub campaign: Option<pb::Campaign>,
    /// What was done with it.
    pub changes: Vec<pb::DraftChange>,
}

/// Something that was done with a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDraftChange {
    /// With which.
    pub key: DraftKey,
    /// What.
    pub change: pb::DraftChange,
    /// The draft, where this made a revision.
    pub made: Option<pb::Draft>,
}

/// Loads drafts.
pub async fn load_drafts(
    connection: &mut PgConnection,
    keys: &[DraftKey],
) -> Result<HashMap<DraftKey, StoredDraft>, sqlx::Error> {
    let rows = sqlx::query!(
        "select draft.program_id, draft.draft, draft.changes, draft.definition
           from unnest($1::uuid[], $2::text[]) as asked (program_id, name)
           join campaign.draft as draft on draft.program_id = asked.program_id and draft.draft = asked.name",
        &keys.iter().map(|key| key.program_id.uuid()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.draft.clone()).collect::<Vec<_>>(),
    );
    let rows = rows.fetch_all(connection).await?.into_iter();
    rows.map(|row| {
        let key = DraftKey {
            program_id: row.program_id.into(),
            draft: row.draft,
        };
        let stored = StoredDraft {
            wire: draft(&row.definition)?,
            changes: row.changes,
        };
        Ok((key, stored))
    })
    .collect()
}

/// Stores drafts as they stand.
pub fn save_drafts(drafts: &BTreeMap<DraftKey, StoredDraft>, writes: &mut Writes) {
    if drafts.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.draft (program_id, draft, state, changes, definition)
         select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::integer[], $5::bytea[])
             on conflict (program_id, draft)
             do update set state = excluded.state, changes = excluded.changes, definition = excluded.definition",
    );
    writes.add(
        part.column(drafts.keys().map(|key| key.program_id.uuid()))
            .column(drafts.keys().map(|key| key.draft.clone()))
            .column(drafts.values().map(|stored| stored.wire.state as i16))
            .column(drafts.values().map(|stored| stored.changes))
            .column(drafts.values().map(|stored| stored.wire.encode_to_vec())),
    );
}

/// Stores what was done with drafts.
pub fn insert_draft_changes(changes: &[NewDraftChange], writes: &mut Writes) {
    if changes.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.draft_change (program_id, draft, number, change, revision, definition)
         select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::bytea[], $5::integer[], $6::bytea[])",
    );
    let made = |new: &NewDraftChange| new.made.as_ref().map(|made| made.revision);
    writes.add(
        part.column(changes.iter().map(|new| new.key.program_id.uuid()))
            .column(changes.iter().map(|new| new.key.draft.clone()))
            .column(changes.iter().map(|new| new.change.number))
            .column(changes.iter().map(|new| new.change.encode_to_vec()))
            .column(changes.iter().map(made))
            .column(
                changes
                    .iter()
                    .map(|new| new.made.as_ref().map(pb::Draft::encode_to_vec)),
            ),
    );
}

/// Finds a draft as it stands, with what was done with it, the first first, and its campaign as of a revision or the latest.
pub async fn find_draft(
    pool: &PgPool,
    program: ProgramScope,
    name: &str,
    revision: Option<i32>,
) -> Result<Option<FoundDraft>, sqlx::Error> {
    let key = DraftKey {
        program_id: program.id(),
        draft: name.to_owned(),
    };
    let mut connection = pool.acquire().await?;
    let mut found = load_drafts(&mut connection, std::slice::from_ref(&key)).await?;
    drop(connection);
    let Some(StoredDraft { wire, changes: known }) = found.remove(&key) else {
        return Ok(None);
    };
    let campaign = match revision {
        None => wire.campaign.clone(),
        Some(revision) => match find_revision(pool, program, name, revision).await? {
            None => return Ok(None),
            Some(saved) => saved.campaign,
        },
    };
    let mut changes = list_draft_changes(pool, program, name).await?;
    // What was done since the draft was read would tell another story than the draft.
    changes.retain(|change| change.number <= known);
    Ok(Some(FoundDraft {
        draft: wire,
        campaign,
        changes,
    }))
}

/// Finds a draft as it was saved under a revision.
pub async fn find_revision(
    pool: &PgPool,
    program: ProgramScope,
    name: &str,
    revision: i32,
) -> Result<Option<pb::Draft>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select definition as "definition!"
             from campaign.draft_change
            where program_id = $1 and draft = $2 and revision = $3 and revision is not null"#,
        program.id().uuid(),
        name,
        revision,
    );
    let found = found.fetch_optional(pool).await?;
    found.map(|definition| draft(&definition)).transpose()
}

async fn list_draft_changes(
    pool: &PgPool,
    program: ProgramScope,
    name: &str,
) -> Result<Vec<pb::DraftChange>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select change from campaign.draft_change where program_id = $1 and draft = $2 order by number",
        program.id().uuid(),
        name,
    );
    let rows = rows.fetch_all(pool).await?.into_iter();
    rows.map(|change| pb::DraftChange::decode(change.as_slice()).map_err(|_| unreadable("change of a draft")))
        .collect()
}

/// Lists drafts of a program by name, behind one, in a state or in any.
pub async fn list_drafts(
    pool: &PgPool,
    program: ProgramScope,
    state: Option<pb::DraftState>,
    after: &str,
    limit: i64,
) -> Result<Vec<pb::Draft>, sqlx::Error> {
    let found = match state {
        Some(state) => {
            sqlx::query_scalar!(
                "select definition from campaign.draft where program_id = $1 and state = $2 and draft > $3 order by draft limit $4",
                program.id().uuid(),
                state as i16,
                after,
                limit,
            )
            .fetch_all(pool)
            .await?
        }
        None => {
            sqlx::query_scalar!(
                "select definition from campaign.draft where program_id = $1 and draft > $2 order by draft limit $3",
                program.id().uuid(),
                after,
                limit,
            )
            .fetch_all(pool)
            .await?
        }
    };
    found.iter().map(|definition| draft(definition)).collect()
}

fn draft(stored: &[u8]) -> Result<pb::Draft, sqlx::Error> {
    pb::Draft::decode(stored).map_err(|_| unreadable("draft"))
}
