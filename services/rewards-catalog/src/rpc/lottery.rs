//! Lotteries as they travel.

use std::num::NonZero;

use common::{parse, refusal::Violations, time};
use proto::rewards_catalog as pb;

use crate::domain::{LotteryDefinition, OddsMode, Price, Prize};

impl TryFrom<pb::Lottery> for LotteryDefinition {
    type Error = Violations;

    fn try_from(wire: pb::Lottery) -> Result<LotteryDefinition, Violations> {
        let mut violations = Violations::default();
        let ticket_price = Price::try_from(wire.ticket_price.clone().unwrap_or_default());
        let ticket_price = violations.within("ticket_price", ticket_price);
        let opens_at = parse::business_time(&mut violations, "opens_at", wire.opens_at.as_ref());
        let closes_at = parse::business_time(&mut violations, "closes_at", wire.closes_at.as_ref());
        let tickets = u32::try_from(wire.tickets_per_member).map_err(|_| "is negative");
        let tickets = violations.take("tickets_per_member", tickets);
        let odds_mode = violations.take("odds_mode", OddsMode::try_from(wire.odds_mode()));
        let read = (|| {
            Some(LotteryDefinition {
                code: wire.code,
                display_name: wire.display_name,
                description: wire.description,
                ticket_price: ticket_price?,
                opens_at: time::to_micros(opens_at?),
                closes_at: time::to_micros(closes_at?),
                tickets_per_member: NonZero::new(tickets?),
                odds_mode: odds_mode?,
                prizes: wire.prizes.into_iter().map(Prize::from).collect(),
            })
        })();
        violations.finish(read)
    }
}

impl From<pb::Prize> for Prize {
    fn from(wire: pb::Prize) -> Prize {
        let named = |code: String| Some(code).filter(|code| !code.is_empty());
        Prize {
            code: wire.code,
            reward: named(wire.reward),
            quantity: wire.quantity,
            weight: wire.weight,
            fallback: named(wire.fallback),
            worth_minor_units: wire.worth_minor_units,
        }
    }
}

impl TryFrom<pb::OddsMode> for OddsMode {
    type Error = &'static str;

    fn try_from(wire: pb::OddsMode) -> Result<OddsMode, &'static str> {
        match wire {
            pb::OddsMode::Unspecified => Err("must say how a ticket comes to its prize"),
            pb::OddsMode::FixedOdds => Ok(OddsMode::FixedOdds),
            pb::OddsMode::Deck => Ok(OddsMode::Deck),
        }
    }
}

impl From<&LotteryDefinition> for pb::Lottery {
    fn from(lottery: &LotteryDefinition) -> pb::Lottery {
        let odds_mode = match lottery.odds_mode {
            OddsMode::FixedOdds => pb::OddsMode::FixedOdds,
            OddsMode::Deck => pb::OddsMode::Deck,
        };
        pb::Lottery {
            code: lottery.code.clone(),
            display_name: lottery.display_name.clone(),
            description: lottery.description.clone(),
            ticket_price: Some((&lottery.ticket_price).into()),
            opens_at: Some(time::to_wire(lottery.opens_at)),
            closes_at: Some(time::to_wire(lottery.closes_at)),
            tickets_per_member: lottery
                .tickets_per_member
                .map_or(0, |tickets| i32::try_from(tickets.get()).unwrap_or(i32::MAX)),
            odds_mode: odds_mode.into(),
            prizes: lottery.prizes.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Prize> for pb::Prize {
    fn from(prize: &Prize) -> pb::Prize {
        pb::Prize {
            code: prize.code.clone(),
            reward: prize.reward.clone().unwrap_or_default(),
            quantity: prize.quantity,
            weight: prize.weight,
            fallback: prize.fallback.clone().unwrap_or_default(),
            worth_minor_units: prize.worth_minor_units,
        }
    }
}
