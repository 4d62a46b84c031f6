//! Drawing a ticket.

use common::{
    ids::{MemberId, ProgramId, RedemptionId, TicketId},
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command,
    state::{State, lottery_key, member_key},
};
use crate::{
    context::Context,
    domain::{self, Draw, Drawn, Ticket},
    error::{Error, Failure},
    store::{TicketKey, lottery::StoredLottery},
};

/// Asks to draw a ticket.
pub struct DrawTicket {
    pub(super) ticket_id: TicketId,
}

/// Draws a ticket, once: what is left of the prizes, the ticket and the redemption of what it wins change together. Whoever asks again is told what it drew.
pub async fn draw_ticket(cx: &Context, key: Key, ticket_id: TicketId) -> Result<pb::DrawTicketResponse, Failure> {
    let answer = cx
        .writer
        .call(key, Command::DrawTicket(DrawTicket { ticket_id }))
        .await?;
    Ok(answer.decode()?)
}

/// Draws a ticket for which nobody has asked.
pub async fn draw_by_itself(
    cx: &Context,
    (program_id, member_id): (ProgramId, MemberId),
    ticket_id: TicketId,
) -> Result<(), Failure> {
    let key = Key::of_worker(program_id, member_id);
    cx.writer
        .call(key, Command::DrawTicket(DrawTicket { ticket_id }))
        .await?;
    Ok(())
}

pub(super) fn decide(state: &mut State, command: &DrawTicket, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let ticket_id = command.ticket_id;
    let key = TicketKey {
        member: member_key(stamp),
        ticket_id,
    };
    let ticket = state
        .lotteries
        .ticket(&key)
        .ok_or(Error::TicketNotFound { ticket_id })?;
    if !ticket.is_issued() {
        return Err(Error::TicketNotIssued {
            ticket_id,
            state: ticket.state_name(),
        });
    }
    let ticket = match ticket.draw {
        Some(_) => ticket.clone(),
        None => draw(state, ticket.clone(), stamp),
    };
    let answer = pb::DrawTicketResponse {
        ticket: Some((&ticket).into()),
        redemption: None,
    };
    Ok(answer.encode_to_vec())
}

fn draw(state: &mut State, ticket: Ticket, stamp: &mut Stamp<'_>) -> Ticket {
    let key = lottery_key(&ticket.lottery, stamp);
    let standing = state
        .lotteries
        .standing(&key)
        .expect("a ticket is loaded with its lottery")
        .clone();
    let seed = state.lotteries.seed(&key).expect("a draw is loaded with its seed");
    let left = &standing.prizes_left;
    let drawn = domain::draw(&standing.lottery, seed, standing.lottery_id, ticket.ticket_id, left)
        .expect("no more tickets are sold than there are cards");
    let redemption_id = give(state, &ticket, &standing, &drawn, stamp);
    let code = |prize: usize| standing.lottery.prizes[prize].code.clone();
    let draw = Draw {
        draw_number: standing.tickets_drawn + 1,
        draw_seq: drawn.number.draw_seq,
        drawn: code(drawn.drawn),
        prize: drawn.prize.map(code),
        left_before: left.clone(),
        redemption_id,
        drawn_at: stamp.now(),
    };
    let ticket = Ticket {
        draw: Some(draw),
        ..ticket
    };
    let prizes_left = drawn.left;
    state.lotteries.put(
        key,
        StoredLottery {
            prizes_left,
            ..standing
        },
    );
    state.lotteries.put_ticket(ticket.clone(), stamp);
    ticket
}

/// Gives the reward of the prize, if it has one.
fn give(
    state: &mut State,
    ticket: &Ticket,
    standing: &StoredLottery,
    drawn: &Drawn,
    stamp: &mut Stamp<'_>,
) -> Option<RedemptionId> {
    let reward = standing.lottery.prizes[drawn.prize?].reward.as_ref()?;
    let in_force = state.in_force(reward, stamp);
    let version = in_force.or_else(|| state.versions(stamp)?.latest(reward).cloned());
    let version = version.expect("a prize is a reward, and none is ever deleted");
    let redemption_id = RedemptionId::from(stamp.id_of_next(0));
    let reward = (&version.definition, version.version);
    let redemption = domain::give(redemption_id, ticket.member_id, reward, ticket.ticket_id, stamp.now());
    state.put_redemption(redemption, stamp);
    Some(redemption_id)
}
