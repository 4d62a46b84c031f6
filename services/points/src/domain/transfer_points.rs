//! Points that go from one member to another: they leave one account, and come into the other as a lot of their own.

use common::{
    ids::{EntryId, MemberId},
    points::Points,
};

use super::{
    account::Account,
    amounts::sum,
    due::apply_due,
    entry::{EntryDraft, EntryKind},
    portions::Portion,
    refusal::Refusal,
    spend_points::{check_available, take_available},
    stamp::Stamp,
    wallet::{TransferPolicy, Wallet},
};

/// Asks to give points to another member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferOut {
    /// To whom.
    pub to: MemberId,
    /// How many; nothing for all that is available.
    pub points: Option<Points>,
}

/// Says that points came from another member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferIn {
    /// From whom.
    pub from: MemberId,
    /// The entry by which they left.
    pub left_by: EntryId,
    /// The points, as they were there.
    pub portions: Vec<Portion>,
}

/// Takes points out for another member: those that lapse first go first.
pub(super) fn transfer_out(
    account: &mut Account,
    wallet: &Wallet,
    command: &TransferOut,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    check_transfers(wallet)?;
    let points = command.points.unwrap_or(account.amounts().available);
    if points.is_zero() {
        return Err(Refusal::InsufficientPoints {
            available: Points::ZERO,
            asked: points,
        });
    }
    check_available(account, wallet, points)?;
    let draft = account.open_entry(EntryKind::TransferOut, points, stamp);
    let portions = take_available(account, points);
    Ok(vec![account.close_entry(EntryDraft {
        portions,
        other_member: Some(command.to),
        ..draft
    })])
}

/// Takes points in that came from another member, with their dates or with new ones, as the wallet says. A debt is settled first.
pub(super) fn transfer_in(
    account: &mut Account,
    wallet: &Wallet,
    command: &TransferIn,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let points = sum(command.portions.iter().map(Portion::points));
    account.check_room(points)?;
    let room = wallet.caps.balance.map(|cap| {
        cap.saturating_sub(account.amounts().total())
            .saturating_add(account.debt)
    });
    if room.is_some_and(|room| points > room) {
        return Err(Refusal::CapReached {
            wallet: account.wallet.clone(),
        });
    }
    let draft = account.open_entry(EntryKind::TransferIn, points, stamp);
    let resets = wallet.lives_on() || wallet.transfer == TransferPolicy::ResetDates;
    let (mut portions, mut debt_points) = (Vec::new(), Points::ZERO);
    for came in &command.portions {
        let portion = Portion {
            numbers: account.issue(came.points()),
            waits: None,
            expires_at: if resets {
                // To be given points is no activity: they join those that live on.
                let others = account
                    .slides_until
                    .filter(|until| *until > stamp.now && wallet.lives_on());
                others.or_else(|| wallet.expiry.expires_at(stamp.now, &wallet.zone))
            } else {
                came.expires_at
            },
        };
        debt_points = debt_points.saturating_add(account.settle_debt(&portion));
        portions.push(portion);
    }
    let came = account.close_entry(EntryDraft {
        portions,
        debt_points,
        related_entry_id: Some(command.left_by),
        other_member: Some(command.from),
        ..draft
    });
    let mut drafts = vec![came];
    drafts.extend(apply_due(account, stamp));
    Ok(drafts)
}

/// Refuses where members may not give points to one another.
fn check_transfers(wallet: &Wallet) -> Result<(), Refusal> {
    match wallet.transfer {
        TransferPolicy::KeepDates | TransferPolicy::ResetDates => Ok(()),
        TransferPolicy::Forbid => Err(Refusal::TransfersForbidden {
            wallet: wallet.code.clone(),
        }),
    }
}
