//! A shop with a lottery, and short words for what is asked of it.

use std::time::Duration;

use harness::{Client, at, refusal};
use proto::rewards_catalog::{self as pb, lottery_service_client::LotteryServiceClient};
use uuid::Uuid;

use crate::shop::{Answer, Shop, mug, price};

/// When the lottery of the tests opens and closes; the program's clock stands at the former.
pub const OPENS: &str = "2026-01-01T05:00:00Z";
pub const CLOSES: &str = "2026-02-01T05:00:00Z";

/// A shop with twenty mugs, and a lottery in which tickets are 10 points. Its member has 250.
pub struct Raffle {
    pub shop: Shop,
}

impl Raffle {
    /// Opens a shop whose lottery is a deck, with blanks if there are any.
    pub async fn deck(mugs: i64, blanks: i64) -> Raffle {
        Raffle::of(deck(mugs, blanks)).await
    }

    /// Opens a shop with a lottery.
    pub async fn of(lottery: pb::Lottery) -> Raffle {
        Raffle::without_lottery().await.with(lottery).await
    }

    pub async fn with(self, lottery: pb::Lottery) -> Raffle {
        self.publish(lottery).await;
        self
    }

    pub async fn without_lottery() -> Raffle {
        Raffle::at(Shop::empty().await).await
    }

    /// Puts twenty mugs into a shop.
    pub async fn at(shop: Shop) -> Raffle {
        shop.publish(mug()).await;
        shop.stock_up("mug", 20).await;
        Raffle { shop }
    }

    pub fn client(&self) -> LotteryServiceClient<Client> {
        self.shop.program.lotteries()
    }

    pub async fn try_publish(&self, request_id: &str, lottery: pb::Lottery) -> Answer<pb::PublishLotteryResponse> {
        let request = pb::PublishLotteryRequest {
            request_id: request_id.to_owned(),
            lottery: Some(lottery),
        };
        self.client().publish_lottery(request).await
    }

    pub async fn publish(&self, lottery: pb::Lottery) -> pb::LotteryStanding {
        let answer = self.try_publish(&Uuid::now_v7().to_string(), lottery).await;
        answer
            .expect("a lottery can be published")
            .into_inner()
            .standing
            .expect("the answer has it")
    }

    pub async fn standing(&self) -> pb::LotteryStanding {
        let request = pb::GetLotteryRequest {
            lottery: "draw".to_owned(),
        };
        let found = self.client().get_lottery(request).await.expect("the lottery is there");
        found.into_inner().standing.expect("the answer has it")
    }

    pub async fn try_buy(&self, member_id: &str, request_id: &str) -> Answer<pb::BuyTicketResponse> {
        let request = pb::BuyTicketRequest {
            request_id: request_id.to_owned(),
            member_id: member_id.to_owned(),
            lottery: "draw".to_owned(),
        };
        self.client().buy_ticket(request).await
    }

    pub async fn buy(&self, request_id: &str) -> pb::Ticket {
        let answer = self.try_buy(&self.shop.member_id, request_id).await;
        answer
            .expect("a ticket can be bought")
            .into_inner()
            .ticket
            .expect("the answer has it")
    }

    pub async fn try_draw(&self, ticket: &pb::Ticket, request_id: &str) -> Answer<pb::DrawTicketResponse> {
        self.client().draw_ticket(draw_request(ticket, request_id)).await
    }

    pub async fn draw(&self, ticket: &pb::Ticket) -> pb::DrawTicketResponse {
        let answer = self.try_draw(ticket, &format!("draw-{}", ticket.ticket_id)).await;
        answer.expect("a ticket can be drawn").into_inner()
    }

    pub async fn try_reveal(&self, request_id: &str) -> Answer<pb::RevealSeedResponse> {
        let request = pb::RevealSeedRequest {
            request_id: request_id.to_owned(),
            lottery: "draw".to_owned(),
        };
        self.client().reveal_seed(request).await
    }

    /// Closes the lottery, waits until its tickets are drawn, and reveals its seed.
    pub async fn close_and_reveal(&self) -> pb::LotteryStanding {
        self.shop.program.advance_to(CLOSES).await;
        for _ in 0..600 {
            match self.try_reveal("reveal").await {
                Ok(revealed) => return revealed.into_inner().standing.unwrap(),
                refused => assert_eq!(refusal(refused).reason, "TICKETS_NOT_DRAWN"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the tickets are drawn by themselves");
    }

    pub async fn try_verify(&self, ticket: &pb::Ticket) -> Answer<pb::VerifyDrawResponse> {
        let request = pb::VerifyDrawRequest {
            member_id: ticket.member_id.clone(),
            ticket_id: ticket.ticket_id.clone(),
        };
        self.client().verify_draw(request).await
    }

    /// Lists the tickets of the member, the newest first.
    pub async fn tickets(&self) -> Vec<pb::Ticket> {
        let request = pb::ListTicketsRequest {
            member_id: self.shop.member_id.clone(),
            ..pb::ListTicketsRequest::default()
        };
        self.client().list_tickets(request).await.unwrap().into_inner().tickets
    }
}

pub fn draw_request(ticket: &pb::Ticket, request_id: &str) -> pb::DrawTicketRequest {
    pb::DrawTicketRequest {
        request_id: request_id.to_owned(),
        member_id: ticket.member_id.clone(),
        ticket_id: ticket.ticket_id.clone(),
    }
}

/// Makes a lottery that is a deck.
pub fn deck(mugs: i64, blanks: i64) -> pb::Lottery {
    let mut cards = vec![card("mug", "mug", mugs)];
    cards.extend((blanks > 0).then(|| card("blank", "", blanks)));
    lottery(pb::OddsMode::Deck, cards)
}

/// Makes a lottery for January, tickets at 10 points.
pub fn lottery(odds_mode: pb::OddsMode, prizes: Vec<pb::Prize>) -> pb::Lottery {
    pb::Lottery {
        code: "draw".to_owned(),
        display_name: "Draw".to_owned(),
        ticket_price: Some(price(10)),
        opens_at: Some(at(OPENS)),
        closes_at: Some(at(CLOSES)),
        odds_mode: odds_mode.into(),
        prizes,
        ..pb::Lottery::default()
    }
}

/// Makes a prize of a deck; a blank where there is no reward.
pub fn card(code: &str, reward: &str, quantity: i64) -> pb::Prize {
    pb::Prize {
        code: code.to_owned(),
        reward: reward.to_owned(),
        quantity,
        ..pb::Prize::default()
    }
}

/// Makes a prize with a weight; a blank where there is no reward.
pub fn chance(code: &str, reward: &str, quantity: i64, weight: i64) -> pb::Prize {
    pb::Prize {
        weight,
        ..card(code, reward, quantity)
    }
}
