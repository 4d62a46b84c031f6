//! `points.adjustment`: what was proposed; and `points.operator_day`: how much each person proposed and approved.

use std::collections::{BTreeMap, HashMap};

use common::{
    auth::ProgramScope,
    ids::{EntryId, ProgramId},
    points::Points,
    shard::Shard,
    writer::{Part, Writes},
};
use prost::Message as _;
use proto::points as pb;
use sqlx::{PgConnection, PgPool};

use super::members::MemberKey;

/// How many rows of a person are loaded: today, in whatever zone and in every wallet, is among them.
const DAYS: i64 = 256;
/// What the locks of people are called.
const LOCK: i32 = 0x6c6f_7961;

/// What one person did in a day of a program: the day as in 2026-01-31.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorDay {
    /// The program.
    pub program_id: ProgramId,
    /// Who.
    pub operator: String,
    /// In which wallet.
    pub wallet: String,
    /// When.
    pub day: String,
    /// What.
    pub act: i16,
}

/// How many points they have, and had when that was loaded; nothing when there was nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// When it was loaded.
    pub was: Option<Points>,
    /// Now.
    pub is: Points,
}

/// Adjustments that a batch concerns, as they are and whether they changed; and what those did who propose and approve.
#[derive(Debug, Default)]
pub struct Adjustments {
    known: HashMap<(MemberKey, EntryId), pb::Adjustment>,
    changed: BTreeMap<(MemberKey, EntryId), Saving>,
    used: BTreeMap<OperatorDay, Used>,
}

/// How an adjustment is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saving {
    Insert,
    Update,
}

impl Adjustments {
    /// Loads adjustments, and what some people did lately.
    pub async fn load(
        connection: &mut PgConnection,
        named: &[(MemberKey, EntryId)],
        operators: &[(ProgramId, String)],
    ) -> Result<Adjustments, sqlx::Error> {
        let mut loaded = Adjustments::default();
        if !named.is_empty() {
            let rows = sqlx::query!(
                r#"select found.program_id as "program_id!", found.member_id as "member_id!", found.adjustment_id as "adjustment_id!",
                          found.body as "body!"
                     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[]) as asked (of_shard, of_program, of_member, of_id)
                    cross join lateral (
                          select program_id, member_id, adjustment_id, body from points.adjustment
                           where shard = of_shard and program_id = of_program and member_id = of_member and adjustment_id = of_id
                           limit 1) as found"#,
                &named.iter().map(|((program, member), _)| Shard::of(*program, *member).get()).collect::<Vec<_>>(),
                &named.iter().map(|((program, _), _)| program.uuid()).collect::<Vec<_>>(),
                &named.iter().map(|((_, member), _)| member.uuid()).collect::<Vec<_>>(),
                &named.iter().map(|(_, id)| id.uuid()).collect::<Vec<_>>(),
            )
            .fetch_all(&mut *connection)
            .await?;
            for row in rows {
                let key = ((row.program_id.into(), row.member_id.into()), row.adjustment_id.into());
                loaded.known.insert(key, read(&row.body)?);
            }
        }
        for (program_id, operator) in operators {
            // They come in order, so that nobody waits for one who waits for them.
            let name = format!("{program_id} {operator}");
            sqlx::query!("select pg_advisory_xact_lock($1, hashtext($2))", LOCK, name)
                .execute(&mut *connection)
                .await?;
            let rows = sqlx::query!(
                r#"select wallet, day::text as "day!", act, points from points.operator_day
                    where program_id = $1 and operator = $2
                    order by day desc
                    limit $3"#,
                program_id.uuid(),
                operator,
                DAYS,
            )
            .fetch_all(&mut *connection)
            .await?;
            for row in rows {
                let day = OperatorDay {
                    program_id: *program_id,
                    operator: operator.clone(),
                    wallet: row.wallet,
                    day: row.day,
                    act: row.act,
                };
                let points = Points::new(row.points).unwrap_or(Points::MAX);
                let used = Used {
                    was: Some(points),
                    is: points,
                };
                loaded.used.insert(day, used);
            }
        }
        Ok(loaded)
    }

    /// Returns an adjustment of a member.
    pub fn get(&self, member: MemberKey, adjustment_id: EntryId) -> Option<&pb::Adjustment> {
        self.known.get(&(member, adjustment_id))
    }

    /// Keeps an adjustment that is new or changed.
    pub fn put(&mut self, member: MemberKey, adjustment_id: EntryId, adjustment: pb::Adjustment) {
        let key = (member, adjustment_id);
        let was_known = self.known.insert(key, adjustment).is_some();
        let saving = if was_known { Saving::Update } else { Saving::Insert };
        self.changed.entry(key).or_insert(saving);
    }

    /// Returns how many points somebody proposed or approved in a day.
    pub fn used(&self, day: &OperatorDay) -> Points {
        self.used.get(day).map_or(Points::ZERO, |used| used.is)
    }

    /// Counts points that somebody proposed or approved.
    pub fn count(&mut self, day: OperatorDay, points: Points) {
        let used = self.used.entry(day).or_default();
        used.is = used.is.saturating_add(points);
    }

    /// Saves what changed, if what people used is still what it was.
    pub fn save(&mut self, writes: &mut Writes) {
        for saving in [Saving::Insert, Saving::Update] {
            let rows: Vec<_> = self
                .changed
                .iter()
                .filter(|(_, how)| **how == saving)
                .map(|(key, _)| key)
                .collect();
            if rows.is_empty() {
                continue;
            }
            let sql = match saving {
                Saving::Insert => INSERT,
                Saving::Update => UPDATE,
            };
            let part = Part::new(sql)
                .column(
                    rows.iter()
                        .map(|((program, member), _)| Shard::of(*program, *member).get()),
                )
                .column(rows.iter().map(|((program, _), _)| program.uuid()))
                .column(rows.iter().map(|((_, member), _)| member.uuid()))
                .column(rows.iter().map(|(_, id)| id.uuid()))
                .column(rows.iter().map(|key| self.known[key].state as i16))
                .column(rows.iter().map(|key| self.known[key].encode_to_vec()));
            writes.add(part);
        }
        self.changed.clear();
        self.save_used(writes);
    }

    fn save_used(&mut self, writes: &mut Writes) {
        let used = std::mem::take(&mut self.used);
        let changed = |known: bool| {
            let of_kind = used.iter().filter(move |(_, used)| used.was.is_some() == known);
            of_kind
                .filter(|(_, used)| used.was != Some(used.is))
                .collect::<Vec<_>>()
        };
        for (known, sql) in [(false, INSERT_USED), (true, UPDATE_USED)] {
            let rows = changed(known);
            if rows.is_empty() {
                continue;
            }
            let count = rows.len();
            let part = Part::new(sql)
                .column(rows.iter().map(|(day, _)| day.program_id.uuid()))
                .column(rows.iter().map(|(day, _)| day.operator.clone()))
                .column(rows.iter().map(|(day, _)| day.wallet.clone()))
                .column(rows.iter().map(|(day, _)| day.day.clone()))
                .column(rows.iter().map(|(day, _)| day.act))
                .column(rows.iter().map(|(_, used)| used.is.get()))
                .column(rows.iter().map(|(_, used)| used.was.map_or(0, Points::get)));
            writes.add(part.must_return(count));
        }
    }
}

const INSERT: &str = "
    insert into points.adjustment (shard, program_id, member_id, adjustment_id, state, body)
    select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::bytea[])";

const UPDATE: &str = "
    update points.adjustment as adjustment
       set state = moved.state, body = moved.body
      from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::bytea[])
           as moved (shard, program_id, member_id, adjustment_id, state, body)
     where adjustment.shard = moved.shard and adjustment.program_id = moved.program_id
       and adjustment.member_id = moved.member_id and adjustment.adjustment_id = moved.adjustment_id";

const INSERT_USED: &str = "
    insert into points.operator_day (program_id, operator, wallet, day, act, points)
    select program_id, operator, wallet, day::date, act, points
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bigint[])
           as moved (program_id, operator, wallet, day, act, points, was)
        on conflict do nothing
    returning operator";

const UPDATE_USED: &str = "
    update points.operator_day as used
       set points = moved.points
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bigint[])
           as moved (program_id, operator, wallet, day, act, points, was)
     where used.program_id = moved.program_id and used.operator = moved.operator and used.wallet = moved.wallet
       and used.day = moved.day::date and used.act = moved.act and used.points = moved.was
    returning used.operator";

/// Lists adjustments of the program before one, the newest first.
pub async fn list_adjustments(
    pool: &PgPool,
    scope: ProgramScope,
    state: pb::AdjustmentState,
    before: Option<EntryId>,
    limit: i64,
) -> Result<Vec<pb::Adjustment>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select body from points.adjustment
          where program_id = $1 and ($2::smallint = 0 or state = $2) and ($3::uuid is null or adjustment_id < $3)
          order by adjustment_id desc
          limit $4",
        scope.id().uuid(),
        state as i16,
        before.map(|id| id.uuid()),
        limit,
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(|body| read(body)).collect()
}

fn read(body: &[u8]) -> Result<pb::Adjustment, sqlx::Error> {
    pb::Adjustment::decode(body).map_err(|error| sqlx::Error::Decode(error.into()))
}
