//! Tickets and what they drew, as they travel.

use common::time;
use proto::rewards_catalog::{self as pb, TicketSource, TicketState, UnavailableReason};

use crate::domain::{Draw, Source, State, Ticket};

impl From<&Ticket> for pb::Ticket {
    fn from(ticket: &Ticket) -> pb::Ticket {
        let rejection = match ticket.payment {
            State::Rejected { rejection, .. } => rejection.into(),
            _ => UnavailableReason::Unspecified,
        };
        let capture_entry_id = match ticket.payment {
            State::Fulfilled { spending } => spending.capture_entry_id.to_string(),
            _ => String::new(),
        };
        pb::Ticket {
            ticket_id: ticket.ticket_id.to_string(),
            member_id: ticket.member_id.to_string(),
            lottery: ticket.lottery.clone(),
            source: TicketSource::from(ticket.source).into(),
            price: Some((&ticket.price).into()),
            state: state(ticket).into(),
            rejection: rejection.into(),
            capture_entry_id,
            bought_at: Some(time::to_wire(ticket.bought_at)),
            draw: ticket.draw.as_ref().map(Into::into),
        }
    }
}

fn state(ticket: &Ticket) -> TicketState {
    let name = format!("TICKET_STATE_{}", ticket.state_name());
    TicketState::from_str_name(&name).expect("the domain spells states as the contract does")
}

impl From<Source> for TicketSource {
    fn from(source: Source) -> TicketSource {
        match source {
            Source::Purchase => TicketSource::Purchase,
        }
    }
}

impl TryFrom<TicketSource> for Source {
    type Error = ();

    fn try_from(wire: TicketSource) -> Result<Source, ()> {
        match wire {
            TicketSource::Unspecified => Err(()),
            TicketSource::Purchase => Ok(Source::Purchase),
        }
    }
}

impl From<&Draw> for pb::Draw {
    fn from(draw: &Draw) -> pb::Draw {
        pb::Draw {
            draw_number: draw.draw_number,
            draw_seq: i64::try_from(draw.draw_seq).unwrap_or(i64::MAX),
            drawn: draw.drawn.clone(),
            prize: draw.prize.clone().unwrap_or_default(),
            left_before: draw.left_before.clone(),
            redemption_id: draw.redemption_id.map(|id| id.to_string()).unwrap_or_default(),
            drawn_at: Some(time::to_wire(draw.drawn_at)),
        }
    }
}

impl TryFrom<pb::Draw> for Draw {
    type Error = ();

    fn try_from(wire: pb::Draw) -> Result<Draw, ()> {
        let redemption_id = match wire.redemption_id.as_str() {
            "" => None,
            text => Some(text.parse().map_err(drop)?),
        };
        Ok(Draw {
            draw_number: wire.draw_number,
            draw_seq: u64::try_from(wire.draw_seq).map_err(drop)?,
            drawn: wire.drawn,
            prize: Some(wire.prize).filter(|prize| !prize.is_empty()),
            left_before: wire.left_before,
            redemption_id,
            drawn_at: wire.drawn_at.and_then(time::from_wire).ok_or(())?,
        })
    }
}
