//! Going on with the payment of a ticket, step by step, until it is at rest.

use common::{
    auth::Caller,
    ids::{MemberId, TicketId},
    refusal::Fault,
    writer::{Key, Stamp},
};

use super::{
    Command,
    advance_redemption::{Change, Decided, MOST_STEPS},
    state::{State, member_key},
};
use crate::{
    context::Context,
    domain::{self, Ticket, next_step},
    error::{Error, Failure},
    store::{self, TicketKey},
};

/// Asks to go on with the payment of a ticket.
pub struct AdvanceTicket {
    pub(super) ticket_id: TicketId,
    change: Change,
    decided: Decided<Ticket>,
}

/// Does what the payment of a ticket has left to do. The work goes on when whoever asked for it has gone away.
pub async fn bring_ticket_to_rest(cx: &Context, caller: &Caller, ticket: Ticket) -> Result<Ticket, Failure> {
    let (cx, caller) = (cx.clone(), caller.clone());
    let work = tokio::spawn(async move { take_steps(&cx, &caller, ticket).await });
    work.await.unwrap_or_else(|panic| Err(Fault::internal(panic).into()))
}

async fn take_steps(cx: &Context, caller: &Caller, mut ticket: Ticket) -> Result<Ticket, Failure> {
    for _ in 0..MOST_STEPS {
        let Some(step) = next_step(&ticket) else {
            return Ok(ticket);
        };
        let news = cx.peers.take_step(caller, &ticket, step).await?;
        ticket = advance(cx, caller, &ticket, Change::News(news)).await?;
    }
    Err(Fault::internal(format!("ticket {} does not come to rest", ticket.ticket_id)).into())
}

/// Rejects a ticket that has waited too long for the points service, if it has.
pub async fn give_ticket_up(cx: &Context, caller: &Caller, ticket: &Ticket) -> Result<Ticket, Failure> {
    advance(cx, caller, ticket, Change::GiveUp).await
}

/// Finds a ticket of a member.
pub async fn find_ticket(
    cx: &Context,
    caller: &Caller,
    member_id: MemberId,
    ticket_id: TicketId,
) -> Result<Ticket, Failure> {
    let found = store::ticket::find(&cx.db, caller.program(), member_id, ticket_id).await?;
    Ok(found.ok_or(Error::TicketNotFound { ticket_id })?)
}

async fn advance(cx: &Context, caller: &Caller, ticket: &Ticket, change: Change) -> Result<Ticket, Failure> {
    let decided = Decided::default();
    let key = Key::of_worker(caller.program().id(), ticket.member_id);
    let command = AdvanceTicket {
        ticket_id: ticket.ticket_id,
        change,
        decided: decided.clone(),
    };
    cx.writer.call(key, Command::AdvanceTicket(command)).await?;
    decided
        .take()
        .ok_or_else(|| Fault::internal("what the service does by itself is always decided"))?
}

pub(super) fn decide(state: &mut State, command: &AdvanceTicket, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let ticket_id = command.ticket_id;
    let key = TicketKey {
        member: member_key(stamp),
        ticket_id,
    };
    let ticket = state
        .lotteries
        .ticket(&key)
        .ok_or(Error::TicketNotFound { ticket_id })?;
    let advanced = match command.change {
        Change::News(news) => domain::advance(ticket, news),
        Change::GiveUp => Ok(domain::give_up(ticket, stamp.now()).unwrap_or_else(|| ticket.clone())),
    };
    command.decided.set(advanced.clone());
    if let Ok(advanced) = advanced {
        state.lotteries.put_ticket(advanced, stamp);
    }
    Ok(Vec::new())
}
