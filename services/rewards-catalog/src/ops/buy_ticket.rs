//! Buying a ticket.

use common::{
    auth::Caller,
    ids::TicketId,
    refusal::Fault,
    writer::{Answer, Key, Stamp},
};
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command,
    advance_redemption::Decided,
    advance_ticket::{bring_ticket_to_rest, find_ticket},
    state::{State, lottery_key, member_key},
};
use crate::{
    context::Context,
    domain::{self, Ticket},
    error::{Error, Failure},
};

/// Asks to begin to buy a ticket.
pub struct BuyTicket {
    pub(super) lottery: String,
    decided: Decided<Ticket>,
}

/// Buys a ticket: counts it as sold, then sets the points aside and spends them, step by step.
///
/// The request id is claimed together with the place among the tickets; what follows is repeated until the payment is at rest, here or by whoever finds it left
/// alone. Repeating a request id waits for that too, and gets the first answer whatever came later.
pub async fn buy_ticket(cx: &Context, caller: &Caller, key: Key, lottery: String) -> Result<Ticket, Failure> {
    let (decided, member_id) = (Decided::default(), key.member_id());
    let command = BuyTicket {
        lottery,
        decided: decided.clone(),
    };
    let answer = cx.writer.call(key, Command::BuyTicket(command)).await?;
    let ticket_id = begun_by(&answer)?;
    let begun = match decided.take().transpose()? {
        Some(begun) if !answer.repeated => begun,
        _ => find_ticket(cx, caller, member_id, ticket_id).await?,
    };
    let ended = bring_ticket_to_rest(cx, caller, begun).await?;
    match ended.outcome() {
        Some(Ok(issued)) => Ok(issued),
        Some(Err(rejection)) => Err(Error::TicketRejected {
            lottery: ended.lottery,
            rejection,
        }
        .into()),
        None => Err(Fault::internal("a ticket at rest has no outcome").into()),
    }
}

pub(super) fn decide(state: &mut State, command: &BuyTicket, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let lottery = &command.lottery;
    let standing = state.lotteries.standing(&lottery_key(lottery, stamp));
    let standing = standing.ok_or_else(|| Error::LotteryNotFound {
        lottery: lottery.clone(),
    })?;
    let status = *state
        .statuses
        .get(&member_key(stamp))
        .ok_or_else(|| Error::MemberNotFound {
            member_id: stamp.member_id(),
        })?;
    let facts = state.lotteries.facts(status, standing, stamp);
    let ticket_id = TicketId::from(stamp.id_of_next(0));
    let ticket =
        domain::buy(ticket_id, stamp.member_id(), &standing.lottery, &facts, stamp.now()).map_err(|obstacles| {
            Error::TicketUnavailable {
                lottery: lottery.clone(),
                obstacles,
            }
        })?;
    let answer = pb::BuyTicketResponse {
        ticket: Some((&ticket).into()),
    };
    command.decided.set(Ok(ticket.clone()));
    state.lotteries.put_ticket(ticket, stamp);
    Ok(answer.encode_to_vec())
}

/// Reads which ticket a request asked for: with this answer, or with the first that it got.
fn begun_by(answer: &Answer) -> Result<TicketId, Fault> {
    let begun: pb::BuyTicketResponse = answer.decode()?;
    begun
        .ticket
        .unwrap_or_default()
        .ticket_id
        .parse()
        .map_err(Fault::internal)
}
