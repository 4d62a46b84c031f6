//! `campaign.referral`, `campaign.referral_move`, `campaign.referral_order` and `campaign.referral_mark`, as the shard writer loads and saves them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::writer::{Part, Writes};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    MemberKey, OrderKey, ReferralMove,
    members::columns,
    referral_rows::{Row, read, reasons_to_stored, state_to_stored},
};
use crate::domain::{Referral, ReferralOrder};

/// Loads the referrals of some friends.
pub async fn load_referrals(
    connection: &mut PgConnection,
    keys: &[MemberKey],
) -> Result<HashMap<MemberKey, Referral>, sqlx::Error> {
    let (shards, program_ids, member_ids) = columns(keys.iter());
    let rows = sqlx::query_as!(
        Row,
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", referral.referrer, referral.invite_code, referral.state, referral.reasons,
                  referral.bound_at as "bound_at: jiff_sqlx::Timestamp", referral.changed_at as "changed_at: jiff_sqlx::Timestamp",
                  referral.gives_up_at as "gives_up_at: jiff_sqlx::Timestamp", referral.order_id, referral.reported
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)
            cross join lateral (
                  select referrer, invite_code, state, reasons, bound_at, changed_at, gives_up_at, order_id, reported from campaign.referral
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 1) as referral"#,
        &shards,
        &program_ids,
        &member_ids,
    );
    rows.fetch_all(connection).await?.into_iter().map(read).collect()
}

/// Loads the orders of some friends that may qualify their referrals.
pub async fn load_referral_orders(
    connection: &mut PgConnection,
    keys: &[MemberKey],
) -> Result<BTreeMap<OrderKey, ReferralOrder>, sqlx::Error> {
    let (shards, program_ids, member_ids) = columns(keys.iter());
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", referral_order.order_id,
                  referral_order.ordered_at as "ordered_at: jiff_sqlx::Timestamp", referral_order.due_at as "due_at: jiff_sqlx::Timestamp", referral_order.waits
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)
            cross join lateral (
                  select order_id, ordered_at, due_at, waits from campaign.referral_order
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 10000) as referral_order"#,
        &shards,
        &program_ids,
        &member_ids,
    );
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let member = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        let order = ReferralOrder {
            ordered_at: row.ordered_at.to_jiff(),
            due_at: row.due_at.to_jiff(),
            waits: row.waits,
        };
        let order_id = row.order_id;
        (OrderKey { member, order_id }, order)
    });
    Ok(rows.collect())
}

/// Saves referrals, each as it stands now.
pub fn save_referrals(referrals: &[(MemberKey, &Referral)], writes: &mut Writes) {
    if referrals.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(referrals.iter().map(|(key, _)| key));
    let of = || referrals.iter().map(|(_, referral)| *referral);
    let part = Part::new(
        "insert into campaign.referral (shard, program_id, member_id, referrer, invite_code, state, reasons, bound_at, changed_at, gives_up_at, order_id, reported)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::smallint[], $7::integer[], $8::timestamptz[], $9::timestamptz[],
                              $10::timestamptz[], $11::text[], $12::bigint[])
         on conflict (shard, program_id, member_id) do update
         set referrer = excluded.referrer, invite_code = excluded.invite_code, state = excluded.state, reasons = excluded.reasons, bound_at = excluded.bound_at,
             changed_at = excluded.changed_at, gives_up_at = excluded.gives_up_at, order_id = excluded.order_id, reported = excluded.reported",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(of().map(|referral| referral.referrer.uuid()))
            .column(of().map(|referral| referral.invite_code.clone()))
            .column(of().map(|referral| state_to_stored(referral.state)))
            .column(of().map(|referral| reasons_to_stored(&referral.reasons)))
            .column(of().map(|referral| referral.bound_at.to_sqlx()))
            .column(of().map(|referral| referral.changed_at.to_sqlx()))
            .column(of().map(|referral| referral.gives_up_at.map(|at| at.to_sqlx())))
            .column(of().map(|referral| referral.order_id.clone()))
            .column(of().map(|referral| referral.reported)),
    );
}

/// Stores what happened to referrals.
pub fn insert_referral_moves(moves: &[ReferralMove], writes: &mut Writes) {
    if moves.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(moves.iter().map(|moved| &moved.member));
    let part = Part::new(
        "insert into campaign.referral_move (shard, program_id, member_id, seq, referrer, state, reasons, at, order_id, reviewed_by, comment)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::smallint[], $7::integer[], $8::timestamptz[], $9::text[], $10::text[],
                              $11::text[])",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(moves.iter().map(|moved| moved.seq))
            .column(moves.iter().map(|moved| moved.referrer.uuid()))
            .column(moves.iter().map(|moved| state_to_stored(moved.state)))
            .column(moves.iter().map(|moved| reasons_to_stored(&moved.reasons)))
            .column(moves.iter().map(|moved| moved.at.to_sqlx()))
            .column(moves.iter().map(|moved| moved.order_id.clone()))
            .column(moves.iter().map(|moved| moved.reviewed_by.clone()))
            .column(moves.iter().map(|moved| moved.comment.clone())),
    );
}

/// Saves orders that may qualify referrals, and takes off those that do not.
pub fn save_referral_orders(saved: &[(&OrderKey, ReferralOrder)], dropped: &[&OrderKey], writes: &mut Writes) {
    if !saved.is_empty() {
        let (shards, program_ids, member_ids) = columns(saved.iter().map(|(key, _)| &key.member));
        let part = Part::new(
            "insert into campaign.referral_order (shard, program_id, member_id, order_id, ordered_at, due_at, waits)
             select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::boolean[])
             on conflict (shard, program_id, member_id, order_id) do update
             set due_at = excluded.due_at, waits = excluded.waits",
        );
        writes.add(
            part.bind(shards)
                .bind(program_ids)
                .bind(member_ids)
                .column(saved.iter().map(|(key, _)| key.order_id.clone()))
                .column(saved.iter().map(|(_, order)| order.ordered_at.to_sqlx()))
                .column(saved.iter().map(|(_, order)| order.due_at.to_sqlx()))
                .column(saved.iter().map(|(_, order)| order.waits)),
        );
    }
    if !dropped.is_empty() {
        let (shards, program_ids, member_ids) = columns(dropped.iter().map(|key| &key.member));
        let part = Part::new(
            "delete from campaign.referral_order as referral_order
              using unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[]) as dropped (shard, program_id, member_id, order_id)
              where referral_order.shard = dropped.shard and referral_order.program_id = dropped.program_id
                and referral_order.member_id = dropped.member_id and referral_order.order_id = dropped.order_id",
        );
        writes.add(
            part.bind(shards)
                .bind(program_ids)
                .bind(member_ids)
                .column(dropped.iter().map(|key| key.order_id.clone())),
        );
    }
}

/// Keeps marks of members.
pub fn insert_marks(marks: &BTreeSet<(MemberKey, Uuid)>, writes: &mut Writes) {
    if marks.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(marks.iter().map(|(key, _)| key));
    let part = Part::new(
        "insert into campaign.referral_mark (shard, program_id, member_id, mark)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[])
         on conflict (shard, program_id, member_id, mark) do nothing",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(marks.iter().map(|(_, mark)| *mark)),
    );
}
