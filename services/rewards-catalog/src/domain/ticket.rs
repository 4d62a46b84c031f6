//! Tickets: bought for points like a reward, and drawn once.
//!
//! A ticket is paid for by the same saga as a redemption. Where a redemption has one of a stock, a ticket is one of those that its lottery has sold: that counts from when it is
//! asked for, so that a deck never sells more tickets than it has cards.

use common::ids::{MemberId, RedemptionId, TicketId};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    eligibility::{MemberStatus, Obstacle, limit_reached, outside_window},
    lottery::Lottery,
    redemption::{Rejection, State},
    reward::Price,
    saga::Paid,
};

/// A ticket of a lottery.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ticket {
    /// The id, which also keys everything that the saga asks of the points service.
    pub ticket_id: TicketId,
    /// The member.
    pub member_id: MemberId,
    /// The lottery's code.
    pub lottery: String,
    /// Where it comes from.
    pub source: Source,
    /// What was agreed that it costs.
    pub price: Price,
    /// When it was asked for.
    pub bought_at: Timestamp,
    /// Where its payment stands.
    pub payment: State,
    /// What it drew.
    pub draw: Option<Draw>,
}

/// Where a ticket comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// It was bought for points.
    Purchase,
}

/// What a ticket drew.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draw {
    /// Its place among the draws of the lottery, from 1 on.
    pub draw_number: i64,
    /// How many numbers were rejected.
    pub draw_seq: u64,
    /// The prize on which the number fell, by its code.
    pub drawn: String,
    /// The prize that was given, by its code.
    pub prize: Option<String>,
    /// How many of each prize were left before.
    pub left_before: Vec<i64>,
    /// The redemption of what was won.
    pub redemption_id: Option<RedemptionId>,
    /// When it was drawn.
    pub drawn_at: Timestamp,
}

/// What is known of a member and a lottery when one asks for a ticket of the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TicketFacts {
    /// Where the member stands.
    pub member_status: MemberStatus,
    /// How many tickets of it the member has. Rejected ones do not count.
    pub tickets_of_member: u32,
    /// How many tickets of it are sold.
    pub tickets_sold: i64,
}

/// Begins to buy a ticket. Refuses when anything stands in the way, and names all of it.
pub fn buy(
    ticket_id: TicketId,
    member_id: MemberId,
    lottery: &Lottery,
    facts: &TicketFacts,
    now: Timestamp,
) -> Result<Ticket, Vec<Obstacle>> {
    let sold_out = lottery.tickets().is_some_and(|tickets| facts.tickets_sold >= tickets);
    let limit = lottery.tickets_per_member.map(|limit| limit.get());
    let obstacles = [
        (!facts.member_status.may_redeem()).then_some(Obstacle::MemberNotAllowed),
        outside_window(Some(lottery.opens_at), Some(lottery.closes_at), now),
        limit_reached(limit, facts.tickets_of_member),
        sold_out.then_some(Obstacle::OutOfStock),
    ];
    let obstacles: Vec<Obstacle> = obstacles.into_iter().flatten().collect();
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    Ok(Ticket {
        ticket_id,
        member_id,
        lottery: lottery.code.clone(),
        source: Source::Purchase,
        price: lottery.ticket_price.clone(),
        bought_at: now,
        payment: State::StockHeld,
        draw: None,
    })
}

impl Paid for Ticket {
    fn id(&self) -> Uuid {
        self.ticket_id.uuid()
    }

    fn member_id(&self) -> MemberId {
        self.member_id
    }

    fn price(&self) -> &Price {
        &self.price
    }

    fn asked_at(&self) -> Timestamp {
        self.bought_at
    }

    fn state(&self) -> &State {
        &self.payment
    }

    fn with(&self, payment: State) -> Ticket {
        Ticket {
            payment,
            ..self.clone()
        }
    }
}

impl Ticket {
    /// Tells whether it is one of those that are sold: paid for, or about to be.
    pub fn is_sold(&self) -> bool {
        !matches!(self.payment, State::Rejected { .. })
    }

    /// Tells whether it is paid for.
    pub fn is_issued(&self) -> bool {
        matches!(self.payment, State::Fulfilled { .. })
    }

    /// Returns what its buyer is answered, whatever came later: the ticket as it was issued, or why it was rejected. Nothing while it is being paid for.
    pub fn outcome(&self) -> Option<Result<Ticket, Rejection>> {
        match self.payment {
            State::Fulfilled { .. } => Some(Ok(Ticket {
                draw: None,
                ..self.clone()
            })),
            State::Rejected { rejection, .. } => Some(Err(rejection)),
            _ => None,
        }
    }

    /// Returns the name of where it stands, as the contract spells it.
    pub fn state_name(&self) -> &'static str {
        match (&self.payment, &self.draw) {
            (State::Rejected { .. }, _) => "REJECTED",
            (State::Fulfilled { .. }, None) => "ISSUED",
            (State::Fulfilled { .. }, Some(draw)) if draw.redemption_id.is_some() => "WON",
            (State::Fulfilled { .. }, Some(_)) => "LOST",
            _ => "PENDING",
        }
    }
}
