//! `campaign.member` and `campaign.member_level`: what is known of members.

use std::collections::HashMap;

use common::{
    auth::ProgramScope,
    ids::{MemberId, ProgramId},
    ratio::Ratio,
    shard::Shard,
    writer::{Part, Writes},
};
use jiff_sqlx::ToSqlx as _;
use proto::member as pb;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::unreadable;
use crate::domain::{Member, MemberLevel, MemberStatus};

/// Whose record it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MemberKey {
    /// The program.
    pub program_id: ProgramId,
    /// The member.
    pub member_id: MemberId,
}

/// A level that a member entered.
pub struct ChangedLevel {
    /// Who.
    pub key: MemberKey,
    /// Which.
    pub level: MemberLevel,
}

impl MemberKey {
    /// Returns the shard of the member's records.
    pub fn shard(&self) -> Shard {
        Shard::of(self.program_id, self.member_id)
    }
}

/// Loads what is known of some members. One that is not known has no status.
pub async fn load_members(
    connection: &mut PgConnection,
    keys: &[MemberKey],
) -> Result<HashMap<MemberKey, Member>, sqlx::Error> {
    let (shards, program_ids, member_ids) = columns(keys.iter());
    // The lateral limits pin an index probe for each key: a plain join may be planned as a scan.
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", member.status as "status?",
                  member.purchases as "purchases?", member.enrolled_at as "enrolled_at?: jiff_sqlx::Timestamp",
                  member.birthday_on as "birthday_on?: jiff_sqlx::Date", member.was_prospect as "was_prospect?", member.referral_open as "referral_open?", level.ladder as "ladder?", level.level as "level?",
                  level.factor_num as "factor_num?", level.factor_den as "factor_den?"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)
             left join lateral (
                  select status, purchases, enrolled_at, birthday_on, was_prospect, referral_open from campaign.member
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 1) as member on true
             left join lateral (
                  select ladder, level, factor_num, factor_den from campaign.member_level
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 1000) as level on true"#,
        &shards,
        &program_ids,
        &member_ids,
    );
    let mut members: HashMap<MemberKey, Member> = HashMap::with_capacity(keys.len());
    for row in rows.fetch_all(connection).await? {
        let key = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        let member = members.entry(key).or_default();
        member.status = row.status.map(status_from_number).transpose()?;
        member.purchases = row.purchases.unwrap_or(0);
        member.enrolled_at = row.enrolled_at.map(jiff_sqlx::Timestamp::to_jiff);
        member.birthday_on = row.birthday_on.map(jiff_sqlx::Date::to_jiff);
        member.was_prospect = row.was_prospect.unwrap_or(false);
        member.referral_open = row.referral_open.unwrap_or(false);
        if let (Some(ladder), Some(level), Some(num), Some(den)) =
            (row.ladder, row.level, row.factor_num, row.factor_den)
        {
            let accrual_factor = Ratio::new(num, den).ok_or_else(|| unreadable("factor of a level"))?;
            member.enter(MemberLevel {
                ladder,
                level,
                accrual_factor,
            });
        }
    }
    Ok(members)
}

/// Tells whether a member is known.
pub async fn member_is_known(pool: &PgPool, program: ProgramScope, member_id: MemberId) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select exists (
                  select from campaign.member
                   where shard = $1 and program_id = $2 and member_id = $3) as "found!""#,
        Shard::of(program.id(), member_id).get(),
        program.id().uuid(),
        member_id.uuid(),
    );
    found.fetch_one(pool).await
}

/// Saves the status, the number of purchases, the enrolment, the birthday, whether they were prospects and whether a referral is open of some members, each as it stands now.
pub fn save_members(members: &[(MemberKey, MemberStatus, &Member)], writes: &mut Writes) {
    if members.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(members.iter().map(|(key, ..)| key));
    let part = Part::new(
        "insert into campaign.member (shard, program_id, member_id, status, purchases, enrolled_at, birthday_on, was_prospect, referral_open)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::smallint[], $5::bigint[], $6::timestamptz[], $7::date[], $8::bool[], $9::bool[])
         on conflict (shard, program_id, member_id) do update
         set status = excluded.status, purchases = excluded.purchases, enrolled_at = excluded.enrolled_at,
             birthday_on = excluded.birthday_on, was_prospect = excluded.was_prospect, referral_open = excluded.referral_open",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(members.iter().map(|(_, status, _)| status_to_number(*status)))
            .column(members.iter().map(|(.., member)| member.purchases))
            .column(
                members
                    .iter()
                    .map(|(.., member)| member.enrolled_at.map(|at| at.to_sqlx())),
            )
            .column(
                members
                    .iter()
                    .map(|(.., member)| member.birthday_on.map(|on| on.to_sqlx())),
            )
            .column(members.iter().map(|(.., member)| member.was_prospect))
            .column(members.iter().map(|(.., member)| member.referral_open)),
    );
}

/// Saves levels that members entered, at most one for each member and ladder.
pub fn save_levels(changed: &[ChangedLevel], writes: &mut Writes) {
    if changed.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(changed.iter().map(|changed| &changed.key));
    let part = |part: fn(Ratio) -> Option<i64>| -> Vec<i64> {
        changed
            .iter()
            .map(|changed| part(changed.level.accrual_factor).expect("it was read from two such numbers"))
            .collect()
    };
    let levels = Part::new(
        "insert into campaign.member_level (shard, program_id, member_id, ladder, level, factor_num, factor_den)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
         on conflict (shard, program_id, member_id, ladder) do update
         set level = excluded.level, factor_num = excluded.factor_num, factor_den = excluded.factor_den",
    );
    writes.add(
        levels
            .bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(changed.iter().map(|changed| changed.level.ladder.clone()))
            .column(changed.iter().map(|changed| changed.level.level.clone()))
            .bind(part(Ratio::num))
            .bind(part(Ratio::den)),
    );
}

/// Reads a status.
pub fn status_from_wire(status: pb::MemberStatus) -> Option<MemberStatus> {
    match status {
        pb::MemberStatus::Unspecified => None,
        pb::MemberStatus::Prospect => Some(MemberStatus::Prospect),
        pb::MemberStatus::Registered => Some(MemberStatus::Registered),
        pb::MemberStatus::Activated => Some(MemberStatus::Activated),
        pb::MemberStatus::Frozen => Some(MemberStatus::Frozen),
        pb::MemberStatus::Closed => Some(MemberStatus::Closed),
    }
}

fn status_from_number(number: i16) -> Result<MemberStatus, sqlx::Error> {
    let status = pb::MemberStatus::try_from(i32::from(number))
        .ok()
        .and_then(status_from_wire);
    status.ok_or_else(|| unreadable("status of a member"))
}

fn status_to_number(status: MemberStatus) -> i16 {
    let status = match status {
        MemberStatus::Prospect => pb::MemberStatus::Prospect,
        MemberStatus::Registered => pb::MemberStatus::Registered,
        MemberStatus::Activated => pb::MemberStatus::Activated,
        MemberStatus::Frozen => pb::MemberStatus::Frozen,
        MemberStatus::Closed => pb::MemberStatus::Closed,
    };
    status as i16
}

pub(super) fn columns<'a>(keys: impl Iterator<Item = &'a MemberKey>) -> (Vec<i16>, Vec<Uuid>, Vec<Uuid>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        columns.0.push(key.shard().get());
        columns.1.push(key.program_id.uuid());
        columns.2.push(key.member_id.uuid());
    }
    columns
}
