//! `TransferPoints`: points leave one account, arrive in the other, and come back where they are not let in.
//!
//! Each step is a change of one member, on one shard, with a key of its own, and each answer is remembered: done again after a crash, by whomever, a step
//! does nothing and says the same. Between leaving and arriving the points are in neither account. No two members are ever locked together, so crossing
//! transfers cannot wait for one another.

use common::{
    auth::ProgramScope,
    canary,
    ids::{EntryId, MemberId},
    points::Points,
    refusal::Fault,
    writer::Key,
};
use prost::{Message, Name};
use proto::points as pb;
use tonic::Status;

use super::{Command, Desk, ReceiveTransfer, ReturnTransfer, method, receive_transfer::Received};
use crate::{
    context::Context,
    domain::{self, TransferOut, WalletCode},
    error::Error,
    store,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 13;

/// Asks to give points of a member to another.
#[derive(Clone, Debug)]
pub struct TransferPoints {
    /// The wallet.
    pub wallet: WalletCode,
    /// To whom.
    pub to: MemberId,
    /// How many; nothing for all that is available.
    pub points: Option<Points>,
    /// What it is about.
    pub reference: String,
}

/// Takes the points out.
pub fn transfer_points(desk: &mut Desk<'_, '_>, command: &TransferPoints) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let wallet = desk.points_wallet(&command.wallet, desk.now())?;
    let transfer = TransferOut {
        to: command.to,
        points: command.points,
    };
    let posted = desk.post(&wallet, &domain::Command::TransferOut(transfer), &command.reference)?;
    desk.note_transfer(&posted);
    let response = pb::TransferPointsResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
        received_entry: None,
    };
    Ok(response.encode_to_vec())
}

/// Gives points of a member to another, and answers when they have arrived.
pub async fn transfer(
    cx: &Context,
    scope: ProgramScope,
    key: Key,
    command: TransferPoints,
) -> Result<pb::TransferPointsResponse, Status> {
    let to = command.to;
    let known = cx
        .db
        .run(move |pool| async move { store::find_member(&pool, scope, to).await });
    if !known.await.map_err(Fault::from)? {
        return Err(Error::AccountNotFound { member_id: to }.into());
    }
    let left = cx.writer.call(key, Command::TransferPoints(command)).await?;
    let left: pb::TransferPointsResponse = left.decode()?;
    let entry = left
        .entry
        .clone()
        .ok_or_else(|| Fault::internal("the answer lacks its entry"))?;
    let received = bring_to_rest(cx, scope, entry).await??;
    Ok(pb::TransferPointsResponse {
        received_entry: Some(received),
        ..left
    })
}

/// Brings points to rest that left by an entry: in the other account or, where they are not let in, back where they came from; then why is told. Whatever
/// else fails is to be asked again: the points have left.
pub async fn bring_to_rest(
    cx: &Context,
    scope: ProgramScope,
    left_by: pb::Entry,
) -> Result<Result<pb::Entry, Error>, Fault> {
    let nonsense = || Fault::internal("the entry of a transfer makes no sense");
    let not_yet = |_| Fault::unavailable("the points have left and did not arrive yet");
    let entry_id: EntryId = left_by.entry_id.parse().map_err(Fault::internal)?;
    let from: MemberId = left_by.member_id.parse().map_err(Fault::internal)?;
    let to: MemberId = left_by.other_member_id.parse().map_err(Fault::internal)?;
    let portions = left_by.portions.iter().map(store::portion_from_wire);
    let receive = ReceiveTransfer {
        wallet: WalletCode::new(&left_by.wallet).ok_or_else(nonsense)?,
        transfer: domain::TransferIn {
            from,
            left_by: entry_id,
            portions: portions.collect::<Option<_>>().ok_or_else(nonsense)?,
        },
        reference: left_by.reference,
    };
    let step = Step {
        from: left_by.member_id,
        to: left_by.other_member_id,
        points: left_by.points,
    };
    let arrives_as = canary::spoil("retry-with-new-key", left_by.entry_id.clone(), || {
        EntryId::new().to_string()
    });
    let key = Key::of_member(scope, to, method::RECEIVE_TRANSFER, &arrives_as, &step);
    let received = cx.writer.enqueue(key, Command::ReceiveTransfer(receive)).await;
    let received: Received = received.answer().await.map_err(not_yet)?.decode()?;
    if received.entry.is_none() {
        let key = Key::of_member(scope, from, method::RETURN_TRANSFER, &left_by.entry_id, &step);
        let back = Command::ReturnTransfer(ReturnTransfer { entry_id });
        let back = cx.writer.enqueue(key, back).await;
        back.answer().await.map_err(not_yet)?;
    }
    // Whoever does not get to this does no harm: the worker finds all of it done.
    let db = cx.db.clone();
    tokio::spawn(async move {
        let forgotten = db.run(move |pool| async move { store::forget_transfer(&pool, entry_id).await });
        if let Err(error) = forgotten.await {
            tracing::debug!(%error, "a transfer that is done is looked at once more");
        }
    });
    Ok(received.entry.ok_or(Error::TransferDeclined {
        member_id: to,
        because: received.declined_because,
    }))
}

/// What the steps after the first are about, for their keys: the same for ever, whatever entries carry by then.
#[derive(Clone, PartialEq, Message)]
struct Step {
    #[prost(string, tag = "1")]
    from: String,
    #[prost(string, tag = "2")]
    to: String,
    #[prost(int64, tag = "3")]
    points: i64,
}

impl Name for Step {
    const NAME: &'static str = "TransferStep";
    const PACKAGE: &'static str = "loyalty.points.internal";
}
