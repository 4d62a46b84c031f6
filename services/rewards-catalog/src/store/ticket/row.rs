//! A row of `rewards.ticket`.

use common::points::Points;
use jiff_sqlx::Timestamp;
use prost::Message as _;
use proto::rewards_catalog as pb;
use uuid::Uuid;

use super::{Columns, StoredTicket, TicketKey, member_key, nonsense};
use crate::domain::{Draw, Price, Source, Ticket};

/// A row as it is read.
pub(super) struct Row {
    pub(super) program_id: Uuid,
    pub(super) member_id: Uuid,
    pub(super) ticket_id: Uuid,
    pub(super) seq: i64,
    pub(super) lottery: String,
    pub(super) source: i16,
    pub(super) wallet: String,
    pub(super) points: i64,
    pub(super) bought_at: Timestamp,
    pub(super) state: i16,
    pub(super) hold_id: Option<Uuid>,
    pub(super) capture_entry_id: Option<Uuid>,
    pub(super) rejection: Option<i16>,
    pub(super) missing_points: Option<i64>,
    pub(super) draw: Option<Vec<u8>>,
    pub(super) changed_at: Timestamp,
}

impl Row {
    pub(super) fn key(&self) -> TicketKey {
        TicketKey {
            member: member_key(self.program_id, self.member_id),
            ticket_id: self.ticket_id.into(),
        }
    }

    pub(super) fn read(self) -> Result<StoredTicket, sqlx::Error> {
        let payment = Columns {
            state: self.state,
            hold_id: self.hold_id,
            capture_entry_id: self.capture_entry_id,
            rejection: self.rejection,
            missing_points: self.missing_points,
            ..Columns::default()
        };
        let source = pb::TicketSource::try_from(i32::from(self.source)).unwrap_or_default();
        let price = Price {
            wallet: self.wallet,
            points: Points::new(self.points).ok_or_else(|| nonsense("price"))?,
        };
        let ticket = Ticket {
            ticket_id: self.ticket_id.into(),
            member_id: self.member_id.into(),
            lottery: self.lottery,
            source: Source::try_from(source).map_err(|()| nonsense("source"))?,
            price,
            bought_at: self.bought_at.to_jiff(),
            payment: payment.read().ok_or_else(|| nonsense("payment"))?,
            draw: self.draw.as_deref().map(read_draw).transpose()?,
        };
        Ok(StoredTicket {
            ticket,
            seq: self.seq,
            changed_at: self.changed_at.to_jiff(),
        })
    }
}

fn read_draw(bytes: &[u8]) -> Result<Draw, sqlx::Error> {
    let wire = pb::Draw::decode(bytes).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Draw::try_from(wire).map_err(|()| nonsense("draw"))
}
