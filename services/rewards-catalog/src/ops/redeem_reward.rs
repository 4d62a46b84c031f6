//! Redeeming a reward.

use common::{
    auth::Caller,
    ids::RedemptionId,
    refusal::Fault,
    writer::{Answer, Key, Stamp},
};
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command,
    advance_redemption::{Decided, bring_to_rest, find_redemption},
    state::State,
};
use crate::{
    context::Context,
    domain::{self, Redemption},
    error::{Error, Failure},
};

/// Asks to begin a redemption.
pub struct RedeemReward {
    pub(super) reward: String,
    decided: Decided<Redemption>,
}

/// Redeems a reward: takes it from the stock, then sets the points aside, spends them and gives the code, step by step.
///
/// The request id is claimed together with the stock; what follows is repeated until the redemption is at rest, here or by
/// whoever finds it left alone. Repeating a request id waits for that too, and gets the first answer whatever came later.
pub async fn redeem_reward(cx: &Context, caller: &Caller, key: Key, reward: String) -> Result<Redemption, Failure> {
    let (decided, member_id) = (Decided::default(), key.member_id());
    let command = RedeemReward {
        reward,
        decided: decided.clone(),
    };
    let answer = cx.writer.call(key, Command::RedeemReward(command)).await?;
    let redemption_id = begun_by(&answer)?;
    let begun = match decided.take().transpose()? {
        Some(begun) if !answer.repeated => begun,
        _ => find_redemption(cx, caller, member_id, redemption_id).await?,
    };
    let ended = bring_to_rest(cx, caller, begun).await?;
    match ended.outcome() {
        Some(Ok(fulfilled)) => Ok(fulfilled),
        Some(Err(rejection)) => Err(Error::RedemptionRejected {
            reward: ended.reward,
            rejection,
        }
        .into()),
        None => Err(Fault::internal("a redemption at rest has no outcome").into()),
    }
}

pub(super) fn decide(state: &mut State, command: &RedeemReward, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let reward = &command.reward;
    let version = state
        .in_force(reward, stamp)
        .ok_or_else(|| Error::RewardNotFound { reward: reward.clone() })?;
    let facts = state
        .facts(&version.definition, stamp)
        .ok_or_else(|| Error::MemberNotFound {
            member_id: stamp.member_id(),
        })?;
    let redemption_id = RedemptionId::from(stamp.id_of_next(0));
    let redemption = domain::redeem(
        redemption_id,
        stamp.member_id(),
        &version.definition,
        version.version,
        &facts,
        stamp.now(),
    )
    .map_err(|obstacles| Error::RewardUnavailable {
        reward: reward.clone(),
        obstacles,
    })?;
    let answer = pb::RedeemRewardResponse {
        redemption: Some((&redemption).into()),
    };
    command.decided.set(Ok(redemption.clone()));
    state.put_redemption(redemption, stamp);
    Ok(answer.encode_to_vec())
}

/// Reads which redemption a request began: with this answer, or with the first that it got.
fn begun_by(answer: &Answer) -> Result<RedemptionId, Fault> {
    let begun: pb::RedeemRewardResponse = answer.decode()?;
    begun
        .redemption
        .unwrap_or_default()
        .redemption_id
        .parse()
        .map_err(Fault::internal)
}
