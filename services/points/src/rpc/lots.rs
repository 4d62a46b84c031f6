//! Which lots points are of: the lots that a member has, and those whose points an entry moved.

use common::{
    auth::Caller,
    ids::{EntryId, MemberId},
    parse::id,
    points::Points,
    refusal::{Fault, Violations},
};
use proto::points as pb;
use tonic::Status;

use super::{
    fields::wallet,
    get_balance::{find_program, found},
};
use crate::{
    context::Context,
    domain::{self, Numbers, Portion, WalletCode},
    error::Error,
    store::{self, Lot, portion_to_wire},
};

/// Asks for a member's lots.
pub struct ListLots {
    member_id: MemberId,
    wallet: WalletCode,
}

impl TryFrom<pb::ListLotsRequest> for ListLots {
    type Error = Violations;

    fn try_from(wire: pb::ListLotsRequest) -> Result<ListLots, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        violations.finish(
            member_id
                .zip(wallet)
                .map(|(member_id, wallet)| ListLots { member_id, wallet }),
        )
    }
}

/// Lists the lots of a member that hold something, as they are at this instant.
pub async fn list_lots(cx: &Context, caller: &Caller, asked: ListLots) -> Result<pb::ListLotsResponse, Status> {
    let ListLots { member_id, wallet } = asked;
    let program = find_program(cx, caller, member_id).await?;
    let read = cx
        .balances
        .read_account(&program, member_id, &wallet)
        .await
        .map_err(Fault::from)?;
    let mut account = found(read, member_id, &wallet)?;
    let until_seq = account.last_seq;
    domain::foresee(&mut account, program.now_for_reading());
    let lying = account.open.as_slice();
    let held: Vec<Portion> = account.holds.iter().flat_map(|hold| hold.portions.clone()).collect();
    let numbers: Vec<Numbers> = lying.iter().chain(&held).map(|portion| portion.numbers).collect();
    let member = (program.program_id, member_id);
    let lots = cx.db.run(move |pool| async move {
        store::find_lots(&mut *pool.acquire().await?, member, &wallet, &numbers, until_seq).await
    });
    let lots = lots.await.map_err(Fault::from)?;
    Ok(pb::ListLotsResponse {
        lots: lots_of(&lots, lying, &held),
    })
}

/// Returns lots with what lies in the account and in its holds, those that lapse first coming first. Points of one lot that have other dates than
/// the rest are listed by themselves.
fn lots_of(lots: &[Lot], lying: &[Portion], held: &[Portion]) -> Vec<pb::Lot> {
    let mut listed: Vec<(Portion, &Lot, Points, Points)> = Vec::new();
    let shares = lying.iter().map(|portion| (portion, false));
    for (portion, is_held) in shares.chain(held.iter().map(|portion| (portion, true))) {
        for (share, lot) in shares_of(portion, lots) {
            let same = |(other, of, ..): &&mut (Portion, &Lot, Points, Points)| {
                of.numbers == lot.numbers && other.of(share.numbers) == share
            };
            let (lies, holds) = if is_held {
                (Points::ZERO, share.points())
            } else {
                (share.points(), Points::ZERO)
            };
            match listed.iter_mut().find(same) {
                Some((_, _, there, held)) => (*there, *held) = (plus(*there, lies), plus(*held, holds)),
                None => listed.push((share, lot, lies, holds)),
            }
        }
    }
    listed.sort_by_key(|(share, lot, ..)| (share.expires_at.is_none(), share.expires_at, lot.numbers.first));
    let lot = |(share, lot, lies, held): (Portion, &Lot, Points, Points)| pb::Lot {
        lot_id: lot.earning.entry_id.clone(),
        points: lies.get(),
        held_points: held.get(),
        earned_at: lot.earning.occurred_at,
        activates_at: portion_to_wire(&share).activates_at,
        expires_at: portion_to_wire(&share).expires_at,
    };
    listed.into_iter().map(lot).collect()
}

fn plus(one: Points, other: Points) -> Points {
    one.checked_add(other).unwrap_or(Points::MAX)
}

/// Asks where the points of an entry come from.
pub struct ExplainEntry {
    entry_id: EntryId,
}

impl TryFrom<pb::ExplainEntryRequest> for ExplainEntry {
    type Error = Violations;

    fn try_from(wire: pb::ExplainEntryRequest) -> Result<ExplainEntry, Violations> {
        let mut violations = Violations::default();
        let entry_id = id(&mut violations, "entry_id", &wire.entry_id);
        violations.finish(entry_id.map(|entry_id| ExplainEntry { entry_id }))
    }
}

/// Returns an entry with the lots whose points it moved.
pub async fn explain_entry(
    cx: &Context,
    caller: &Caller,
    asked: ExplainEntry,
) -> Result<pb::ExplainEntryResponse, Status> {
    let (scope, entry_id) = (caller.program(), asked.entry_id);
    let read = cx
        .db
        .run(move |pool| async move { store::explain_entry(&pool, scope, entry_id).await });
    let explained = read
        .await
        .map_err(Fault::from)?
        .ok_or(Error::EntryNotFound { entry_id })?;
    let portions = explained.portions.iter();
    let shares = portions.flat_map(|portion| shares_of(portion, &explained.lots));
    Ok(pb::ExplainEntryResponse {
        lots: shares.map(|(share, lot)| share_to_wire(&share, lot)).collect(),
        entry: Some(explained.entry),
    })
}

/// Parts a portion into what is of which lot.
fn shares_of<'a>(portion: &Portion, lots: &'a [Lot]) -> impl Iterator<Item = (Portion, &'a Lot)> {
    let portion = portion.clone();
    let shares = lots
        .iter()
        .map(move |lot| (portion.of(portion.numbers.common(lot.numbers)), lot));
    shares.filter(|(share, _)| !share.points().is_zero())
}

fn share_to_wire(share: &Portion, lot: &Lot) -> pb::LotShare {
    pb::LotShare {
        lot_id: lot.earning.entry_id.clone(),
        portion: Some(portion_to_wire(share)),
        lot_points: lot.earning.points,
        earned_at: lot.earning.occurred_at,
        reference: lot.earning.reference.clone(),
        request_id: lot.earning.request_id.clone(),
    }
}
