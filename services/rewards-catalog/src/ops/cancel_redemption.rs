//! Cancelling a redemption.

use common::{
    auth::Caller,
    ids::RedemptionId,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command,
    advance_redemption::{Decided, bring_to_rest, find_redemption},
    state::{State, member_key},
};
use crate::{
    context::Context,
    domain::{self, Initiator, Redemption},
    error::{Error, Failure},
    store::RedemptionKey,
};

/// Asks to begin to cancel a redemption.
pub struct CancelRedemption {
    pub(super) redemption_id: RedemptionId,
    initiator: Initiator,
    decided: Decided<Redemption>,
}

/// Cancels a fulfilled redemption of a refundable reward: the points go back to the lots they came from, the reward to the stock.
pub async fn cancel_redemption(
    cx: &Context,
    caller: &Caller,
    key: Key,
    redemption_id: RedemptionId,
    initiator: Initiator,
) -> Result<Redemption, Failure> {
    let (decided, member_id) = (Decided::default(), key.member_id());
    let command = CancelRedemption {
        redemption_id,
        initiator,
        decided: decided.clone(),
    };
    let answer = cx.writer.call(key, Command::CancelRedemption(command)).await?;
    let cancelling = match decided.take().transpose()? {
        Some(cancelling) if !answer.repeated => cancelling,
        _ => find_redemption(cx, caller, member_id, redemption_id).await?,
    };
    bring_to_rest(cx, caller, cancelling).await
}

pub(super) fn decide(state: &mut State, command: &CancelRedemption, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let redemption_id = command.redemption_id;
    let key = RedemptionKey {
        member: member_key(stamp),
        redemption_id,
    };
    let redemption = state
        .redemption(&key)
        .ok_or(Error::RedemptionNotFound { redemption_id })?;
    let cancelling = domain::cancel(redemption, command.initiator, stamp.now())?;
    let answer = pb::CancelRedemptionResponse {
        redemption: Some((&cancelling).into()),
    };
    command.decided.set(Ok(cancelling.clone()));
    state.put_redemption(cancelling, stamp);
    Ok(answer.encode_to_vec())
}
