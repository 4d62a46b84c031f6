//! `campaign.message`: the messages that campaigns give, and what became of them.

use std::collections::{BTreeMap, HashMap};

use common::{
    auth::ProgramScope,
    ids::ActivityId,
    shard::Shard,
    writer::{Part, Writes},
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::campaign as pb;
use sqlx::{PgConnection, PgPool};

use super::{
    MemberKey, MessageKey, StoredMessage, channel_to_wire,
    message_rows::{ClaimedMessage, MessageOutcome, Row, read, stored},
    unreadable,
};
use crate::domain::{LimitPeriod, MessagePolicy, MessageState};

/// A message that is meant.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// For whom.
    pub member: MemberKey,
    /// The activity that gives it.
    pub activity_id: ActivityId,
    /// By which template it is written.
    pub template: String,
    /// In which version.
    pub template_version: i32,
    /// Pending, or cancelled already.
    pub state: MessageState,
    /// The time of the activity.
    pub intended_at: Timestamp,
    /// By when it is to be delivered.
    pub deadline_at: Option<Timestamp>,
}

/// What a batch does to a message that is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChangedMessage {
    /// It is not to be sent, if it is not.
    Cancelled,
    /// It was given up and is to be sent after all.
    Replayed,
}

/// The class of the advisory locks under which members' messages are counted, one for each shard.
const COUNTING: i32 = 0x006d_7367;

/// Stores messages that are meant.
pub fn insert_messages(messages: &BTreeMap<MessageKey, NewMessage>, writes: &mut Writes) {
    if messages.is_empty() {
        return;
    }
    let (keys, new) = (|| messages.keys(), || messages.values());
    let part = Part::new(
        "insert into campaign.message (shard, seq, campaign, grant_at, program_id, member_id, activity_id, template, template_version, state, intended_at, deadline_at)
         select * from unnest($1::smallint[], $2::bigint[], $3::text[], $4::smallint[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::integer[], $10::smallint[],
                              $11::timestamptz[], $12::timestamptz[])",
    );
    writes.add(
        part.column(keys().map(|key| key.shard.get()))
            .column(keys().map(|key| key.seq))
            .column(keys().map(|key| key.campaign.clone()))
            .column(keys().map(|key| key.grant_at))
            .column(new().map(|new| new.member.program_id.uuid()))
            .column(new().map(|new| new.member.member_id.uuid()))
            .column(new().map(|new| new.activity_id.uuid()))
            .column(new().map(|new| new.template.clone()))
            .column(new().map(|new| new.template_version))
            .column(new().map(|new| stored(new.state)))
            .column(new().map(|new| new.intended_at.to_sqlx()))
            .column(new().map(|new| new.deadline_at.map(|at| at.to_sqlx()))),
    );
}

/// Cancels messages that are not sent, and lets others be tried again. One that is being tried is cancelled too: it stays so unless the receiver has taken it.
pub fn change_messages(changed: &BTreeMap<MessageKey, ChangedMessage>, writes: &mut Writes) {
    if changed.is_empty() {
        return;
    }
    let part = Part::new(
        "update campaign.message as message
            set state = changed.state,
                reason = null,
                counted_on = null,
                uncounted = case when changed.state = $6 then message.attempts else message.uncounted end,
                retry_at = clock_timestamp()
           from unnest($1::smallint[], $2::bigint[], $3::text[], $4::smallint[], $5::smallint[]) as changed (shard, seq, campaign, grant_at, state)
          where message.shard = changed.shard and message.seq = changed.seq and message.campaign = changed.campaign
            and message.grant_at = changed.grant_at
            and (message.state = $7 or (message.state = $6 and changed.state <> $6))",
    );
    let state = |changed: &ChangedMessage| match changed {
        ChangedMessage::Cancelled => stored(MessageState::Cancelled),
        ChangedMessage::Replayed => stored(MessageState::Pending),
    };
    writes.add(
        part.column(changed.keys().map(|key| key.shard.get()))
            .column(changed.keys().map(|key| key.seq))
            .column(changed.keys().map(|key| key.campaign.clone()))
            .column(changed.keys().map(|key| key.grant_at))
            .column(changed.values().map(state))
            .bind(stored(MessageState::Pending))
            .bind(stored(MessageState::Dead)),
    );
}

/// Loads messages.
pub async fn load_messages(
    connection: &mut PgConnection,
    keys: &[MessageKey],
) -> Result<HashMap<MessageKey, StoredMessage>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select message.shard, message.seq, message.campaign, message.grant_at, message.program_id, message.member_id, message.activity_id,
                  message.template, message.template_version, message.state, message.reason, message.intended_at as "intended_at: jiff_sqlx::Timestamp",
                  message.deadline_at as "deadline_at: jiff_sqlx::Timestamp", message.attempts, message.uncounted, message.channel,
                  message.sent_at as "sent_at: jiff_sqlx::Timestamp"
             from unnest($1::smallint[], $2::bigint[], $3::text[], $4::smallint[]) as asked (shard, seq, campaign, grant_at)
             join campaign.message using (shard, seq, campaign, grant_at)"#,
        &keys.iter().map(|key| key.shard.get()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.seq).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.campaign.clone()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.grant_at).collect::<Vec<_>>(),
    );
    rows.fetch_all(connection).await?.into_iter().map(read).collect()
}

/// Lists messages of a program in a state, after a place: shard by shard, the latest activities of each first.
pub async fn list_messages(
    pool: &PgPool,
    program: ProgramScope,
    state: MessageState,
    after: Option<&MessageKey>,
    limit: i64,
) -> Result<Vec<(MessageKey, StoredMessage)>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select shard, seq, campaign, grant_at, program_id, member_id, activity_id, template, template_version, state, reason,
                  intended_at as "intended_at: jiff_sqlx::Timestamp", deadline_at as "deadline_at: jiff_sqlx::Timestamp", attempts, uncounted, channel,
                  sent_at as "sent_at: jiff_sqlx::Timestamp"
             from campaign.message
            where program_id = $1 and state = $2 and (shard, seq, campaign, grant_at) < ($3::smallint, $4::bigint, $5::text, $6::smallint)
            order by shard desc, seq desc, campaign desc, grant_at desc
            limit $7"#,
        program.id().uuid(),
        stored(state),
        after.map_or(i16::MAX, |key| key.shard.get()),
        after.map_or(i64::MAX, |key| key.seq),
        after.map_or("", |key| &key.campaign),
        after.map_or(0, |key| key.grant_at),
        limit,
    );
    rows.fetch_all(pool).await?.into_iter().map(read).collect()
}

/// Takes messages that are to be sent, of each program at most so many, for a time in which nobody else takes them.
pub async fn claim_messages(pool: &PgPool, hold_millis: i64, limit: i64) -> Result<Vec<ClaimedMessage>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let rows = sqlx::query!(
        // now() and no clock that ticks, or there is no index to look at. The programs are gone through in an order that is drawn, so that none waits for another for ever.
        r#"with due as materialized (
                select of_program.shard, of_program.seq, of_program.campaign, of_program.grant_at
                  from (select program_id from campaign.program order by random()) as program
                 cross join lateral (
                       select shard, seq, campaign, grant_at
                         from campaign.message
                        where program_id = program.program_id and state = 1 and retry_at <= now()
                        order by retry_at
                        limit $2
                          for update skip locked) as of_program
                 limit $2)
           update campaign.message as message
              set attempts = message.attempts + 1, retry_at = clock_timestamp() + $1::bigint * interval '1 millisecond'
             from due
             join campaign.journal as journal on journal.shard = due.shard and journal.seq = due.seq
            where message.shard = due.shard and message.seq = due.seq and message.campaign = due.campaign and message.grant_at = due.grant_at
        returning message.shard, message.seq, message.campaign, message.grant_at, message.program_id, message.member_id, message.activity_id, message.template,
                  message.template_version, message.state, message.reason, message.intended_at as "intended_at: jiff_sqlx::Timestamp",
                  message.deadline_at as "deadline_at: jiff_sqlx::Timestamp", message.attempts, message.uncounted, message.channel,
                  message.sent_at as "sent_at: jiff_sqlx::Timestamp", journal.answer as "answer!", clock_timestamp() as "at!: jiff_sqlx::Timestamp""#,
        hold_millis,
        limit,
    );
    let rows = rows.fetch_all(&mut *tx).await?;
    tx.commit().await?;
    let claimed = rows.into_iter().map(|row| {
        let recorded = pb::RecordActivityResponse::decode(row.answer.as_slice()).ok();
        let activity = recorded.and_then(|recorded| recorded.activity);
        let (held_by, at) = (row.attempts, row.at.to_jiff());
        let (key, message) = read(Row {
            shard: row.shard,
            seq: row.seq,
            campaign: row.campaign,
            grant_at: row.grant_at,
            program_id: row.program_id,
            member_id: row.member_id,
            activity_id: row.activity_id,
            template: row.template,
            template_version: row.template_version,
            state: row.state,
            reason: row.reason,
            intended_at: row.intended_at,
            deadline_at: row.deadline_at,
            attempts: row.attempts,
            uncounted: row.uncounted,
            channel: row.channel,
            sent_at: row.sent_at,
        })?;
        Ok(ClaimedMessage {
            key,
            message,
            held_by,
            activity: activity.ok_or_else(|| unreadable("activity"))?,
            at,
        })
    });
    claimed.collect()
}

/// Gives a message its place among those that a policy caps, unless the member has had as many on that day and in its week. One that has a place keeps it.
///
/// The members of a shard are counted one after another, whoever counts, so that two messages cannot both be the last.
pub async fn take_place(
    pool: &PgPool,
    claimed: &ClaimedMessage,
    policy: &MessagePolicy,
    day: Date,
) -> Result<bool, sqlx::Error> {
    let (key, member) = (&claimed.key, claimed.message.member);
    let mut tx = pool.begin().await?;
    lock_counting(&mut tx, key.shard).await?;
    let counted = sqlx::query!(
        r#"select count(*) filter (where counted_on = $5 and not is_it) as "on_day!", count(*) filter (where not is_it) as "in_week!",
                  coalesce(bool_or(is_it and counted_on = $5), false) as "has_place!"
             from (select counted_on, seq = $6 and campaign = $7 and grant_at = $8 as is_it from campaign.message
                    where shard = $1 and program_id = $2 and member_id = $3 and counted_on >= $4) as counted"#,
        key.shard.get(),
        member.program_id.uuid(),
        member.member_id.uuid(),
        LimitPeriod::Week.start(day).to_sqlx() as _,
        day.to_sqlx() as _,
        key.seq,
        &key.campaign,
        key.grant_at,
    );
    let counted = counted.fetch_one(&mut *tx).await?;
    if !counted.has_place && !policy.allows(counted.on_day, counted.in_week) {
        return Ok(false);
    }
    let placed = sqlx::query!(
        "update campaign.message
            set counted_on = $6
          where shard = $1 and seq = $2 and campaign = $3 and grant_at = $4 and attempts = $5 and state = 1",
        key.shard.get(),
        key.seq,
        &key.campaign,
        key.grant_at,
        claimed.held_by,
        day.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    // What was cancelled, or is somebody else's by now, takes no place and is not sent.
    Ok(placed.rows_affected() > 0)
}

async fn lock_counting(connection: &mut PgConnection, shard: Shard) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1, $2)", COUNTING, i32::from(shard.get()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps what came of an attempt, unless the message is no longer this process's: then somebody else tried it. Tells how many milliseconds ago it was meant. What was cancelled meanwhile
/// stays so, unless the receiver has taken it.
pub async fn settle_message(
    pool: &PgPool,
    claimed: &ClaimedMessage,
    outcome: &MessageOutcome,
) -> Result<Option<i64>, sqlx::Error> {
    let key = &claimed.key;
    let (state, is_sent) = (outcome.state(), matches!(outcome, MessageOutcome::Sent(_)));
    let (uncounted, in_millis) = match outcome {
        MessageOutcome::Wait { for_millis, .. } => (1, *for_millis),
        MessageOutcome::Retry { after_millis, .. } => (0, *after_millis),
        _ => (0, 0),
    };
    let keeps_place = is_sent || state == MessageState::Pending;
    let mut tx = pool.begin().await?;
    let settled = sqlx::query_scalar!(
        r#"update campaign.message
              set state = $6, reason = $7, channel = coalesce($8, channel), uncounted = uncounted + $9,
                  retry_at = clock_timestamp() + $10::bigint * interval '1 millisecond',
                  sent_at = case when $11 then clock_timestamp() end,
                  counted_on = case when $12 then counted_on end
            where shard = $1 and seq = $2 and campaign = $3 and grant_at = $4 and attempts = $5 and (state = 1 or (state = $13 and $11))
        returning (extract(epoch from clock_timestamp() - recorded_at) * 1000)::bigint as "millis!""#,
        key.shard.get(),
        key.seq,
        &key.campaign,
        key.grant_at,
        claimed.held_by,
        stored(state),
        outcome.reason(),
        outcome.channel().map(|channel| channel_to_wire(channel) as i16),
        uncounted,
        in_millis,
        is_sent,
        keeps_place,
        stored(MessageState::Cancelled),
    );
    let settled = settled.fetch_optional(&mut *tx).await?;
    tx.commit().await?;
    Ok(settled)
}
