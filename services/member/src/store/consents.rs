//! `member.consent`: what members said to being written to. Nothing is ever changed there.

use common::{
    db::Db,
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Place, place::PlaceColumns};
use crate::domain::{Consent, ContactChannel, ContactPurpose};

/// What a member said, and when.
#[derive(Clone, Debug)]
pub struct ToldConsent {
    /// Who.
    pub place: Place,
    /// Where in the journal it is: what was said last has the highest.
    pub seq: i64,
    /// What.
    pub consent: Consent,
    /// When, by the program's clock.
    pub told_at: Timestamp,
}

/// As they are stored, which are the numbers of the contract.
const CHANNELS: [(i16, ContactChannel); 4] = [
    (1, ContactChannel::Email),
    (2, ContactChannel::Sms),
    (3, ContactChannel::Push),
    (4, ContactChannel::Wechat),
];
const PURPOSES: [(i16, ContactPurpose); 2] = [(1, ContactPurpose::Marketing), (2, ContactPurpose::Service)];

struct Row {
    program_id: Uuid,
    member_id: Uuid,
    seq: i64,
    channel: i16,
    purpose: i16,
    granted: bool,
    source: String,
    told_at: jiff_sqlx::Timestamp,
}

/// Stores what members said.
pub fn insert_consents(told: &[ToldConsent], writes: &mut Writes) {
    if told.is_empty() {
        return;
    }
    let columns: PlaceColumns = told.iter().map(|told| &told.place).collect();
    let part = Part::new(
        "insert into member.consent (shard, program_id, member_id, seq, channel, purpose, granted, source, told_at)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::smallint[], $6::smallint[], $7::boolean[], $8::text[],
                              $9::timestamptz[])",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.program_ids)
            .bind(columns.member_ids)
            .column(told.iter().map(|told| told.seq))
            .column(told.iter().map(|told| stored(&CHANNELS, told.consent.channel)))
            .column(told.iter().map(|told| stored(&PURPOSES, told.consent.purpose)))
            .column(told.iter().map(|told| told.consent.granted))
            .column(told.iter().map(|told| told.consent.source.clone()))
            .column(told.iter().map(|told| told.told_at.to_sqlx())),
    );
}

/// Lists what a member said, the latest first.
pub async fn list_consents(db: &Db, place: Place, limit: i64) -> Result<Vec<ToldConsent>, sqlx::Error> {
    db.run(move |pool| async move {
        let rows = sqlx::query_as!(
            Row,
            r#"select program_id, member_id, seq, channel, purpose, granted, source, told_at as "told_at: jiff_sqlx::Timestamp"
                 from member.consent
                where shard = $1 and program_id = $2 and member_id = $3
                order by seq desc, channel, purpose
                limit $4"#,
            place.shard().get(),
            place.program_id().uuid(),
            place.member_id().uuid(),
            limit,
        );
        rows.fetch_all(&pool).await?.into_iter().map(read).collect()
    })
    .await
}

/// Finds what members said last, each about a channel and a purpose; nothing where they said nothing.
pub(super) async fn find_said_last(
    connection: &mut PgConnection,
    asked: &[(Place, ContactChannel, ContactPurpose)],
) -> Result<Vec<Option<bool>>, sqlx::Error> {
    let columns: PlaceColumns = asked.iter().map(|(place, ..)| place).collect();
    let channels: Vec<i16> = asked
        .iter()
        .map(|(_, channel, _)| stored(&CHANNELS, *channel))
        .collect();
    let purposes: Vec<i16> = asked.iter().map(|(.., purpose)| stored(&PURPOSES, *purpose)).collect();
    let rows = sqlx::query!(
        r#"select asked.place as "place!", said.granted as "granted!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[])
                  with ordinality as asked (shard, program_id, member_id, channel, purpose, place)
            cross join lateral (
                  select granted from member.consent
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                     and channel = asked.channel and purpose = asked.purpose
                   order by seq desc
                   limit 1) as said"#,
        &columns.shards,
        &columns.program_ids,
        &columns.member_ids,
        &channels,
        &purposes,
    );
    let mut said = vec![None; asked.len()];
    for row in rows.fetch_all(connection).await? {
        // Places are counted from 1.
        if let Some(said) = usize::try_from(row.place - 1).ok().and_then(|at| said.get_mut(at)) {
            *said = Some(row.granted);
        }
    }
    Ok(said)
}

fn stored<T: Copy + PartialEq>(words: &[(i16, T)], of: T) -> i16 {
    let found = words.iter().find(|(_, known)| *known == of);
    found.map_or(0, |(number, _)| *number)
}

fn read(row: Row) -> Result<ToldConsent, sqlx::Error> {
    let channel = CHANNELS.iter().find(|(number, _)| *number == row.channel);
    let purpose = PURPOSES.iter().find(|(number, _)| *number == row.purpose);
    let (Some((_, channel)), Some((_, purpose))) = (channel, purpose) else {
        return Err(sqlx::Error::Decode("a consent is stored as none can be".into()));
    };
    Ok(ToldConsent {
        place: Place::read(row.program_id, row.member_id),
        seq: row.seq,
        consent: Consent {
            channel: *channel,
            purpose: *purpose,
            granted: row.granted,
            source: row.source,
        },
        told_at: row.told_at.to_jiff(),
    })
}
