//! `points.top_up`: what members paid in advance, and what came with it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use common::{
    auth::ProgramScope,
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use prost::Message as _;
use proto::points as pb;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::members::{MemberKey, find_member};
use crate::domain::WalletCode;

/// The payments that a batch concerns.
#[derive(Debug, Default)]
pub struct TopUps {
    /// Those that were credited, of those that are asked for.
    credited: HashSet<(ProgramId, String)>,
    /// Those of members who are paid out, with gifts of which nothing is settled; and those that are new.
    known: BTreeMap<(MemberKey, String), Known>,
}

#[derive(Debug)]
struct Known {
    top_up: pb::TopUp,
    saving: Saving,
}

/// How a top-up is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saving {
    Not,
    /// With the place of its entry.
    Insert(i64),
    Update,
}

impl TopUps {
    /// Loads which payments were credited, and what came with the payments of some members.
    pub async fn load(
        connection: &mut PgConnection,
        payments: &BTreeSet<(ProgramId, String)>,
        members: &BTreeSet<MemberKey>,
    ) -> Result<TopUps, sqlx::Error> {
        let mut loaded = TopUps::default();
        if !payments.is_empty() {
            let asked = payments.iter().map(|(program, id)| (program.uuid(), id.clone()));
            let (programs, ids): (Vec<Uuid>, Vec<String>) = asked.unzip();
            let rows = sqlx::query!(
                r#"select known.program_id as "program_id!", known.payment_id as "payment_id!"
                     from unnest($1::uuid[], $2::text[]) as asked (of_program, of_id)
                    cross join lateral (
                          select program_id, payment_id from points.top_up
                           where program_id = of_program and payment_id = of_id
                           limit 1) as known"#,
                &programs,
                &ids,
            )
            .fetch_all(&mut *connection)
            .await?;
            let credited = rows.into_iter().map(|row| (row.program_id.into(), row.payment_id));
            loaded.credited = credited.collect();
        }
        for (program_id, member_id) in members {
            let rows = sqlx::query!(
                "select payment_id, body from points.top_up
                  where shard = $1 and program_id = $2 and member_id = $3 and has_gifts",
                Shard::of(*program_id, *member_id).get(),
                program_id.uuid(),
                member_id.uuid(),
            )
            .fetch_all(&mut *connection)
            .await?;
            for row in rows {
                let known = Known {
                    top_up: read(&row.body)?,
                    saving: Saving::Not,
                };
                loaded.known.insert(((*program_id, *member_id), row.payment_id), known);
            }
        }
        Ok(loaded)
    }

    /// Tells whether a payment was credited.
    pub fn is_credited(&self, program_id: ProgramId, payment_id: &str) -> bool {
        self.credited.contains(&(program_id, payment_id.to_owned()))
    }

    /// Keeps what a member paid in, by the entry at a place.
    pub fn put(&mut self, member: MemberKey, seq: i64, top_up: pb::TopUp) {
        let payment_id = top_up.payment_id.clone();
        self.credited.insert((member.0, payment_id.clone()));
        let saving = Saving::Insert(seq);
        self.known.insert((member, payment_id), Known { top_up, saving });
    }

    /// Returns the gifts that came with a member's top-ups of a wallet and of which nothing is settled.
    pub fn gifts(&self, member: MemberKey, wallet: &WalletCode) -> impl Iterator<Item = &pb::Gift> {
        let theirs = self
            .known
            .iter()
            .filter(move |((of, _), known)| *of == member && known.is_of(wallet));
        theirs
            .flat_map(|(_, known)| &known.top_up.gifts)
            .filter(|gift| is_given(gift))
    }

    /// Settles what becomes of those gifts.
    pub fn settle_gifts(
        &mut self,
        member: MemberKey,
        wallet: &WalletCode,
        settle: impl Fn(&pb::Gift) -> pb::GiftState,
    ) {
        let theirs = self
            .known
            .iter_mut()
            .filter(|((of, _), known)| *of == member && known.is_of(wallet));
        for (_, known) in theirs {
            for gift in known.top_up.gifts.iter_mut().filter(|gift| is_given(gift)) {
                gift.state = settle(gift).into();
                if known.saving == Saving::Not {
                    known.saving = Saving::Update;
                }
            }
        }
    }

    /// Says what to write of what changed.
    pub fn save(&self, writes: &mut Writes) {
        let new = || {
            self.known.iter().filter_map(|(key, known)| match known.saving {
                Saving::Insert(seq) => Some((key, &known.top_up, seq)),
                Saving::Update | Saving::Not => None,
            })
        };
        let changed = || self.known.iter().filter(|(_, known)| known.saving == Saving::Update);
        if new().next().is_some() {
            let part = Part::new(
                "insert into points.top_up (program_id, payment_id, shard, member_id, seq, has_gifts, body)
                 select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::uuid[], $5::bigint[], $6::boolean[], $7::bytea[])",
            );
            let part = part
                .column(new().map(|(((program, _), _), ..)| program.uuid()))
                .column(new().map(|((_, payment_id), ..)| payment_id.clone()))
                .column(new().map(|(((program, member), _), ..)| Shard::of(*program, *member).get()))
                .column(new().map(|(((_, member), _), ..)| member.uuid()))
                .column(new().map(|(.., seq)| seq))
                .column(new().map(|(_, top_up, _)| top_up.gifts.iter().any(is_given)))
                .column(new().map(|(_, top_up, _)| top_up.encode_to_vec()));
            writes.add(part);
        }
        if changed().next().is_some() {
            let part = Part::new(
                "update points.top_up as top_up set has_gifts = false, body = changed.body
                   from unnest($1::uuid[], $2::text[], $3::bytea[]) as changed (program_id, payment_id, body)
                  where top_up.program_id = changed.program_id and top_up.payment_id = changed.payment_id",
            );
            let part = part
                .column(changed().map(|(((program, _), _), _)| program.uuid()))
                .column(changed().map(|((_, payment_id), _)| payment_id.clone()))
                .column(changed().map(|(_, known)| known.top_up.encode_to_vec()));
            writes.add(part);
        }
    }
}

impl Known {
    fn is_of(&self, wallet: &WalletCode) -> bool {
        self.top_up.wallet == wallet.as_str()
    }
}

/// A page of top-ups, and before which place the next begins; nothing on the last.
pub type TopUpPage = (Vec<pb::TopUp>, Option<i64>);

/// Lists what a member paid in before a place, the newest first; nothing when the program has no such member.
pub async fn list_top_ups(
    pool: &PgPool,
    scope: ProgramScope,
    member_id: MemberId,
    before: Option<i64>,
    limit: i64,
) -> Result<Option<TopUpPage>, sqlx::Error> {
    if !find_member(pool, scope, member_id).await? {
        return Ok(None);
    }
    let mut rows = sqlx::query!(
        "select seq, body from points.top_up
          where shard = $1 and program_id = $2 and member_id = $3 and seq < $4
          order by seq desc
          limit $5",
        Shard::of(scope.id(), member_id).get(),
        scope.id().uuid(),
        member_id.uuid(),
        before.unwrap_or(i64::MAX),
        limit + 1,
    )
    .fetch_all(pool)
    .await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.seq);
    let top_ups = rows.iter().map(|row| read(&row.body));
    Ok(Some((top_ups.collect::<Result<_, _>>()?, next)))
}

fn is_given(gift: &pb::Gift) -> bool {
    gift.state() == pb::GiftState::Given
}

fn read(body: &[u8]) -> Result<pb::TopUp, sqlx::Error> {
    pb::TopUp::decode(body).map_err(|error| sqlx::Error::Decode(error.into()))
}
