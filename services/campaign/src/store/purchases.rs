//! `campaign.purchase`: the orders of members. What an order is, and what of it is kept, its receipts say.

use std::{collections::HashMap, sync::Arc};

use common::{
    ids::ActivityId,
    time,
    writer::{Part, Writes},
};
use prost::Message as _;
use proto::campaign as pb;
use sqlx::PgConnection;

use super::{MemberKey, OrderNumbers, ProgramRules, activity_from_wire, decision_from_wire, unreadable};
use crate::domain::{Activity, Facts, Kept, Occasion, Order, credits, stand};

/// Whose order it is.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OrderKey {
    /// The member.
    pub member: MemberKey,
    /// The order number.
    pub order_id: String,
}

/// An order that is looked for.
#[derive(Clone)]
pub struct WantedOrder {
    /// Whose it is.
    pub key: OrderKey,
    /// Whether it is looked into, or only for.
    pub whole: bool,
}

/// An order that is recorded.
#[derive(Clone, Debug)]
pub struct KnownOrder {
    /// The activity of the purchase.
    pub activity_id: ActivityId,
    /// Where its receipt is.
    pub purchase_seq: i64,
    /// The order, where it was looked into and its receipts make sense by the rules that are known.
    pub order: Option<Order>,
}

/// What is stored of an order.
pub struct SavedOrder {
    /// Whether it must not be stored yet.
    pub is_new: bool,
    /// Whose it is.
    pub key: OrderKey,
    /// The activity of the purchase.
    pub activity_id: ActivityId,
    /// Where its receipt is.
    pub purchase_seq: i64,
    /// Where the receipt of the latest activity about it is.
    pub latest_seq: i64,
}

/// Finds orders, and looks into those that are wanted whole.
pub async fn load_orders(
    connection: &mut PgConnection,
    wanted: &[WantedOrder],
    rules: impl Fn(&MemberKey) -> ProgramRules,
) -> Result<HashMap<OrderKey, KnownOrder>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", asked.order_id as "order_id!",
                  purchase.activity_id, purchase.purchase_seq, bought.answer as "bought?", latest.answer as "latest?"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::boolean[])
                  as asked (shard, program_id, member_id, order_id, whole)
            cross join lateral (
                  select activity_id, purchase_seq, latest_seq from campaign.purchase
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                     and order_id = asked.order_id
                   limit 1) as purchase
             left join lateral (
                  select answer from campaign.journal
                   where asked.whole and shard = asked.shard and seq = purchase.purchase_seq
                   limit 1) as bought on true
             left join lateral (
                  select answer from campaign.journal
                   where asked.whole and shard = asked.shard and seq = purchase.latest_seq
                   limit 1) as latest on true"#,
        &wanted
            .iter()
            .map(|wanted| wanted.key.member.shard().get())
            .collect::<Vec<_>>(),
        &wanted
            .iter()
            .map(|wanted| wanted.key.member.program_id.uuid())
            .collect::<Vec<_>>(),
        &wanted
            .iter()
            .map(|wanted| wanted.key.member.member_id.uuid())
            .collect::<Vec<_>>(),
        &wanted
            .iter()
            .map(|wanted| wanted.key.order_id.clone())
            .collect::<Vec<_>>(),
        &wanted.iter().map(|wanted| wanted.whole).collect::<Vec<_>>(),
    );
    let mut orders = HashMap::new();
    for row in rows.fetch_all(connection).await? {
        let member = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        let receipts = row.bought.zip(row.latest);
        let receipts = receipts.and_then(|(bought, latest)| decoded(&bought).zip(decoded(&latest)));
        let order = receipts.and_then(|(bought, latest)| order_of(bought, &latest, &rules(&member)));
        let known = KnownOrder {
            activity_id: row.activity_id.into(),
            purchase_seq: row.purchase_seq,
            order,
        };
        orders.insert(
            OrderKey {
                member,
                order_id: row.order_id,
            },
            known,
        );
    }
    Ok(orders)
}

/// Reads which order numbers members may have.
pub async fn load_order_numbers(
    connection: &mut PgConnection,
    members: &[MemberKey],
) -> Result<HashMap<MemberKey, OrderNumbers>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!",
                  array (
                      select order_id from campaign.purchase
                       where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                       limit $4) as "order_ids!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)"#,
        &members.iter().map(|member| member.shard().get()).collect::<Vec<_>>(),
        &members
            .iter()
            .map(|member| member.program_id.uuid())
            .collect::<Vec<_>>(),
        &members.iter().map(|member| member.member_id.uuid()).collect::<Vec<_>>(),
        // One more than is told from others, so that too many are seen to be.
        OrderNumbers::MOST as i64 + 1,
    );
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let member = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        (member, OrderNumbers::of(row.order_ids.iter().map(String::as_str)))
    });
    Ok(rows.collect())
}

impl KnownOrder {
    /// Returns the order that was looked into, or says that it cannot be read.
    pub fn looked_into(&self) -> Result<&Order, sqlx::Error> {
        let order = self.order.as_ref();
        order.ok_or_else(|| unreadable(format!("receipt of activity {}", self.activity_id)))
    }
}

fn decoded(answer: &[u8]) -> Option<pb::Activity> {
    pb::RecordActivityResponse::decode(answer).ok()?.activity
}

/// Reads an order back from its receipts: that of the purchase, and that of the latest activity about it.
pub fn order_of(bought: pb::Activity, latest: &pb::Activity, rules: &ProgramRules) -> Option<Order> {
    let input = bought.input?;
    let Activity::Purchase(purchase) = activity_from_wire(input.activity.as_ref()?).ok()? else {
        return None;
    };
    let mut decision = decision_from_wire(&bought.decision?)?;
    let activity_id = bought.activity_id.parse().ok()?;
    let latest = decision_from_wire(latest.decision.as_ref()?)?;
    let (kept, standing, given) = match latest.returned {
        None => (
            Kept::everything(&purchase),
            credits(activity_id, &decision.awards),
            stand(activity_id, &decision.given),
        ),
        Some(returned) => {
            let kept = returned
                .kept
                .iter()
                .map(|line| (line.line_id.as_str(), line.money.gross_minor_units));
            (
                Kept::of_lines(&purchase, kept)?,
                returned.standing,
                returned.standing_given,
            )
        }
    };
    Some(Order {
        activity_id,
        occasion: Occasion {
            occurred_at: time::from_wire(input.occurred_at?)?,
            channel: input.channel,
            store: input.store,
        },
        purchase,
        rules: Arc::new(rules.of_decision(&decision)?),
        standing,
        given,
        bought: decision.charges,
        charges: latest.charges,
        money: std::mem::take(&mut decision.facts.budgets),
        facts: Facts {
            budgets: latest.facts.budgets,
            ..decision.facts
        },
        kept,
    })
}

/// Saves orders that are new, or about which something new is recorded.
pub fn save_orders(orders: &[SavedOrder], writes: &mut Writes) {
    let of = |is_new: bool| orders.iter().filter(move |order| order.is_new == is_new);
    if of(true).next().is_some() {
        let part = Part::new(
            "insert into campaign.purchase (shard, program_id, member_id, order_id, activity_id, purchase_seq, latest_seq)
             select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::bigint[])",
        );
        let part = keyed(part, of(true))
            .column(of(true).map(|order| order.activity_id.uuid()))
            .column(of(true).map(|order| order.purchase_seq));
        writes.add(part.column(of(true).map(|order| order.latest_seq)));
    }
    if of(false).next().is_some() {
        let part = Part::new(
            "update campaign.purchase as purchase
                set latest_seq = moved.latest_seq
               from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[])
                    as moved (shard, program_id, member_id, order_id, latest_seq)
              where purchase.shard = moved.shard and purchase.program_id = moved.program_id
                and purchase.member_id = moved.member_id and purchase.order_id = moved.order_id",
        );
        writes.add(keyed(part, of(false)).column(of(false).map(|order| order.latest_seq)));
    }
}

fn keyed<'a>(part: Part, orders: impl Iterator<Item = &'a SavedOrder> + Clone) -> Part {
    let keys = || orders.clone().map(|order| &order.key);
    part.column(keys().map(|key| key.member.shard().get()))
        .column(keys().map(|key| key.member.program_id.uuid()))
        .column(keys().map(|key| key.member.member_id.uuid()))
        .column(keys().map(|key| key.order_id.clone()))
}
