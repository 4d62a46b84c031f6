//! `tier.member` and `tier.standing`: what members did, and where they stand.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    sync::Arc,
};

use common::{
    db::Db,
    ids::{MemberId, ProgramId},
    program::Program,
    shard::Shard,
    versions::Catalogue,
    writer::{Part, Writes},
    zone::Zone,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{LadderTerms, activity, grants, ladders_of};
use crate::domain::{Ladders, Member, MetricDeltas, Standing};

/// A member of a program.
pub type MemberKey = (ProgramId, MemberId);

/// The members that a batch concerns.
pub type Members = HashMap<MemberKey, MemberRecord>;

/// What is recorded of a member.
#[derive(Clone, Debug)]
pub struct MemberRecord {
    /// The member.
    pub member: Member,
    /// What they did while the program was not known here, and thus not on which of its days.
    pub early: Vec<MetricDeltas>,
    /// Up to which change of the program's ladders the member has been judged; -1 when they have not been.
    pub config_version: i64,
    /// When they must be judged again although they do nothing.
    pub due_at: Option<Timestamp>,
    stored: Option<Box<MemberRecord>>,
}

impl MemberRecord {
    /// Starts the record of somebody of whom nothing is known.
    pub fn unknown(program: Option<&Program>) -> MemberRecord {
        let member = Member::unknown(zone_of(program));
        MemberRecord {
            member,
            early: Vec::new(),
            config_version: -1,
            due_at: None,
            stored: None,
        }
    }

    /// Returns the record without what it was when it was loaded.
    pub fn into_new(self) -> MemberRecord {
        MemberRecord { stored: None, ..self }
    }

    /// Returns the record as it is loaded: what is stored is what it says.
    pub fn into_stored(self) -> MemberRecord {
        let record = self.into_new();
        MemberRecord {
            stored: Some(Box::new(record.clone())),
            ..record
        }
    }

    fn row(&self) -> (Option<Timestamp>, bool, i64, Option<Timestamp>) {
        (
            self.member.enrolled_at,
            self.member.closed,
            self.config_version,
            self.due_at,
        )
    }

    fn row_changed(&self) -> bool {
        self.stored.as_ref().is_none_or(|stored| {
            stored.row() != self.row()
                || stored.member.metrics != self.member.metrics
                || stored.early != self.early
                || stored.member.awaiting != self.member.awaiting
        })
    }

    fn standing_changed(&self, ladder: &str, standing: &Standing) -> bool {
        self.stored.as_ref().is_none_or(|stored| {
            stored.member.closed != self.member.closed || stored.member.standings.get(ladder) != Some(standing)
        })
    }
}

/// Nobody's days are summed while their program is unknown, so any zone does until then.
fn zone_of(program: Option<&Program>) -> Zone {
    program.map_or_else(
        || Zone::find("UTC").expect("every time zone database has it"),
        |program| program.zone.clone(),
    )
}

/// Loads members with their standings. One that is not known is left out.
pub async fn load_members(
    connection: &mut PgConnection,
    members: &BTreeSet<MemberKey>,
    programs: &HashMap<ProgramId, Program>,
) -> Result<Members, sqlx::Error> {
    if members.is_empty() {
        return Ok(Members::new());
    }
    let shards: Vec<i16> = members
        .iter()
        .map(|(program, member)| Shard::of(*program, *member).get())
        .collect();
    let program_ids: Vec<Uuid> = members.iter().map(|(program, _)| program.uuid()).collect();
    let member_ids: Vec<Uuid> = members.iter().map(|(_, member)| member.uuid()).collect();
    // The lateral limits pin an index probe for each member, however few rows the planner believes there are.
    let rows = sqlx::query!(
        r#"select known.program_id as "program_id!", known.member_id as "member_id!", known.enrolled_at as "enrolled_at?",
                  known.closed as "closed!", known.config_version as "config_version!", known.due_at as "due_at?",
                  known.activity as "activity!", standing.ladder as "ladder?", standing.level as "level?",
                  standing.since as "since?", standing.valid_until as "valid_until?",
                  standing.ladder_version as "ladder_version?", standing.grants as "grants?"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (of_shard, of_program, of_member)
            cross join lateral (
                  select program_id, member_id, enrolled_at, closed, config_version, due_at, activity from tier.member
                   where shard = of_shard and program_id = of_program and member_id = of_member
                   limit 1) as known
             left join lateral (
                  select ladder, level, since, valid_until, ladder_version, grants from tier.standing
                   where shard = of_shard and program_id = of_program and member_id = of_member
                   limit 1000) as standing on true"#,
        &shards,
        &program_ids as &[Uuid],
        &member_ids as &[Uuid],
    )
    .fetch_all(connection)
    .await?;
    let mut loaded = Members::with_capacity(members.len());
    for row in rows {
        let key = (ProgramId::from(row.program_id), MemberId::from(row.member_id));
        let record = match loaded.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let (metrics, early, awaiting) = activity::decode(zone_of(programs.get(&key.0)), &row.activity)
                    .ok_or_else(|| {
                        sqlx::Error::Decode("what is stored of a member's activity makes no sense".into())
                    })?;
                let enrolled_at = row.enrolled_at.map(|at| at.to_jiff());
                let member = Member {
                    enrolled_at,
                    closed: row.closed,
                    metrics,
                    standings: BTreeMap::new(),
                    awaiting,
                };
                let due_at = row.due_at.map(|at| at.to_jiff());
                new.insert(MemberRecord {
                    member,
                    early,
                    config_version: row.config_version,
                    due_at,
                    stored: None,
                })
            }
        };
        if let (Some(ladder), Some(level), Some(since), Some(ladder_version), Some(kept)) =
            (row.ladder, row.level, row.since, row.ladder_version, row.grants)
        {
            let valid_until = row.valid_until.map(|at| at.to_jiff());
            let grants = grants::decode(&kept).ok_or_else(|| {
                sqlx::Error::Decode("what is stored of the levels that were given makes no sense".into())
            })?;
            let standing = Standing {
                level,
                since: since.to_jiff(),
                valid_until,
                ladder_version,
                grants,
            };
            record.member.standings.insert(ladder, standing);
        }
    }
    Ok(loaded
        .into_iter()
        .map(|(key, record)| (key, record.into_stored()))
        .collect())
}

/// Finds a member for reading, together with the ladders of the program.
pub async fn find_member(
    db: &Db,
    ladders: &Arc<Catalogue<LadderTerms>>,
    program: &Program,
    member_id: MemberId,
) -> Result<Option<(Member, Ladders)>, sqlx::Error> {
    let (ladders, program) = (ladders.clone(), program.clone());
    db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        let versions = ladders.of_program(&mut connection, &program).await?;
        let key = (program.program_id, member_id);
        let programs = HashMap::from([(program.program_id, program)]);
        let mut members = load_members(&mut connection, &BTreeSet::from([key]), &programs).await?;
        let member = members
            .remove(&key)
            .map(|record| record.member)
            .filter(|member| member.enrolled_at.is_some());
        Ok(member.map(|member| (member, ladders_of(&versions))))
    })
    .await
}

/// Saves the members who changed.
pub fn save_members(members: &Members, writes: &mut Writes) {
    let (mut known, mut new, mut standings) = (MemberRows::default(), MemberRows::default(), StandingRows::default());
    for (key, record) in members {
        if record.row_changed() {
            let rows = if record.stored.is_some() { &mut known } else { &mut new };
            rows.push(*key, record);
        }
        for (ladder, standing) in &record.member.standings {
            if record.standing_changed(ladder, standing) {
                standings.push(*key, ladder, standing, record.member.closed);
            }
        }
    }
    known.write(UPDATE, writes);
    new.write(INSERT, writes);
    standings.write(writes);
}

/// Rows of `tier.member`, column by column.
#[derive(Default)]
struct MemberRows {
    shards: Vec<i16>,
    programs: Vec<Uuid>,
    members: Vec<Uuid>,
    enrolled_at: Vec<Option<jiff_sqlx::Timestamp>>,
    closed: Vec<bool>,
    config_versions: Vec<i64>,
    due_at: Vec<Option<jiff_sqlx::Timestamp>>,
    activities: Vec<Vec<u8>>,
}

impl MemberRows {
    fn push(&mut self, (program_id, member_id): MemberKey, record: &MemberRecord) {
        self.shards.push(Shard::of(program_id, member_id).get());
        self.programs.push(program_id.uuid());
        self.members.push(member_id.uuid());
        self.enrolled_at.push(record.member.enrolled_at.map(|at| at.to_sqlx()));
        self.closed.push(record.member.closed);
        self.config_versions.push(record.config_version);
        self.due_at.push(record.due_at.map(|at| at.to_sqlx()));
        self.activities.push(activity::encode(
            &record.member.metrics,
            &record.early,
            &record.member.awaiting,
        ));
    }

    fn write(self, sql: &'static str, writes: &mut Writes) {
        if self.shards.is_empty() {
            return;
        }
        let part = Part::new(sql)
            .bind(self.shards)
            .bind(self.programs)
            .bind(self.members)
            .bind(self.enrolled_at)
            .bind(self.closed)
            .bind(self.config_versions)
            .bind(self.due_at)
            .bind(self.activities);
        writes.add(part);
    }
}

const UPDATE: &str = "
    update tier.member as member
       set enrolled_at = moved.enrolled_at, closed = moved.closed, config_version = moved.config_version,
           due_at = moved.due_at, activity = moved.activity
      from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::bigint[],
                  $7::timestamptz[], $8::bytea[])
           as moved (shard, program_id, member_id, enrolled_at, closed, config_version, due_at, activity)
     where member.shard = moved.shard and member.program_id = moved.program_id
       and member.member_id = moved.member_id";

const INSERT: &str = "
    insert into tier.member (shard, program_id, member_id, enrolled_at, closed, config_version, due_at, activity)
    select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::bigint[],
                         $7::timestamptz[], $8::bytea[])";

/// Rows of `tier.standing`, column by column.
#[derive(Default)]
struct StandingRows {
    shards: Vec<i16>,
    programs: Vec<Uuid>,
    members: Vec<Uuid>,
    ladders: Vec<String>,
    levels: Vec<String>,
    since: Vec<jiff_sqlx::Timestamp>,
    valid_until: Vec<Option<jiff_sqlx::Timestamp>>,
    ladder_versions: Vec<i32>,
    grants: Vec<Vec<u8>>,
    stand_on: Vec<String>,
    closed: Vec<bool>,
}

impl StandingRows {
    fn push(&mut self, (program_id, member_id): MemberKey, ladder: &str, standing: &Standing, closed: bool) {
        self.shards.push(Shard::of(program_id, member_id).get());
        self.programs.push(program_id.uuid());
        self.members.push(member_id.uuid());
        self.ladders.push(ladder.to_owned());
        self.levels.push(standing.level.clone());
        self.since.push(standing.since.to_sqlx());
        self.valid_until.push(standing.valid_until.map(|at| at.to_sqlx()));
        self.ladder_versions.push(standing.ladder_version);
        self.grants.push(grants::encode(&standing.grants));
        self.stand_on.push(standing.stands_on().to_owned());
        self.closed.push(closed);
    }

    fn write(self, writes: &mut Writes) {
        if self.shards.is_empty() {
            return;
        }
        let part = Part::new(
            "insert into tier.standing
                    (shard, program_id, member_id, ladder, level, since, valid_until, ladder_version, grants, stands_on, closed)
             select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[],
                                  $7::timestamptz[], $8::integer[], $9::bytea[], $10::text[], $11::boolean[])
             on conflict (shard, program_id, member_id, ladder) do update
             set level = excluded.level, since = excluded.since, valid_until = excluded.valid_until,
                 ladder_version = excluded.ladder_version, grants = excluded.grants,
                 stands_on = excluded.stands_on, closed = excluded.closed",
        );
        writes.add(
            part.bind(self.shards)
                .bind(self.programs)
                .bind(self.members)
                .bind(self.ladders)
                .bind(self.levels)
                .bind(self.since)
                .bind(self.valid_until)
                .bind(self.ladder_versions)
                .bind(self.grants)
                .bind(self.stand_on)
                .bind(self.closed),
        );
    }
}
