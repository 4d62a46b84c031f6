use std::collections::BTreeSet;

use futures::future::join_all;
use harness::{Suite, refusal};
use proto::rewards_catalog::{self as pb, OddsMode, RedemptionState, TicketState, rewards_catalog_event::Event};
use tonic::Code;
use uuid::Uuid;

use crate::{
    raffle::{CLOSES, Raffle, chance, deck, draw_request, lottery},
    shop::{Shop, mug},
};

#[tokio::test]
async fn a_prize_is_a_redemption_that_costs_nothing_and_comes_with_a_code() {
    let raffle = Raffle::deck(1, 0).await;
    let ticket = raffle.buy("t-1").await;
    let drawn = raffle.draw(&ticket).await;
    let (won, redemption) = (drawn.ticket.unwrap(), drawn.redemption.unwrap());
    let draw = won.draw.clone().unwrap();
    assert_eq!(
        (won.state(), draw.prize.as_str(), draw.draw_number),
        (TicketState::Won, "mug", 1)
    );
    assert_eq!(
        (&draw.left_before, &draw.redemption_id),
        (&vec![1], &redemption.redemption_id)
    );
    assert_eq!(
        (redemption.state(), redemption.price.clone()),
        (RedemptionState::Fulfilled, None)
    );
    assert_eq!(
        (redemption.reward.as_str(), &redemption.ticket_id),
        ("mug", &ticket.ticket_id)
    );
    assert_eq!(redemption.fulfilment_code.len(), 23);
    assert_eq!(raffle.shop.list().await, std::slice::from_ref(&redemption));
    assert_eq!(
        (raffle.shop.points().await, raffle.shop.stock("mug").await),
        ((240, 0), 19)
    );
    let refused = refusal(raffle.shop.try_cancel("c-1", &redemption.redemption_id).await);
    assert_eq!(
        refused.reason, "NOT_CANCELLABLE",
        "what cost nothing does not come back"
    );
    let told = raffle.shop.told().await;
    assert!(
        told.iter()
            .any(|event| matches!(event, Event::TicketDrawn(drawn) if drawn.ticket.as_ref() == Some(&won)))
    );
}

#[tokio::test]
async fn what_was_won_does_not_count_as_one_of_those_that_a_member_may_have() {
    let raffle = Raffle::deck(1, 0).await;
    let eligibility = pb::Eligibility {
        per_member_limit: 1,
        ..pb::Eligibility::default()
    };
    raffle
        .shop
        .publish(pb::Reward {
            eligibility: Some(eligibility),
            ..mug()
        })
        .await;
    let ticket = raffle.buy("t-1").await;
    raffle.draw(&ticket).await;
    raffle.shop.redeem("r-1", "mug").await;
    let refused = refusal(raffle.shop.try_redeem("r-2", "mug").await);
    assert_eq!(refused.metadata["unavailable"], "LIMIT_REACHED");
}

#[tokio::test]
async fn a_ticket_is_drawn_once_whoever_asks_and_two_replicas_at_once_tell_the_same() {
    // A suite of its own: the others of this crate have one replica.
    let suite = Suite::start(&[]);
    let other = suite.replica(&[]);
    let shop = Shop::of(suite.program().await).await;
    let raffle = Raffle::at(shop).await.with(deck(5, 5)).await;
    let elsewhere = raffle.shop.program.at(other.channel()).lotteries();
    let mut tickets = Vec::new();
    for number in 0..4 {
        tickets.push(raffle.buy(&format!("t-{number}")).await);
    }
    for ticket in &tickets {
        let asked = (0..4).map(|number| {
            let request = draw_request(ticket, &format!("{}-{number}", ticket.ticket_id));
            let mut client = if number % 2 == 0 {
                raffle.client()
            } else {
                elsewhere.clone()
            };
            async move { client.draw_ticket(request).await.unwrap().into_inner() }
        });
        let told = join_all(asked).await;
        assert!(told.iter().all(|answer| *answer == told[0]));
        assert_eq!(raffle.draw(ticket).await, told[0]);
    }
    let standing = raffle.standing().await;
    let won = raffle.shop.list().await.len() as i64;
    assert_eq!((standing.tickets_drawn, standing.left.iter().sum::<i64>()), (4, 6));
    assert_eq!(standing.left, [5 - won, 5 - (4 - won)]);
}

/// Every buyer is another member, so they are on many shards.
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_buyers_at_once_ten_have_a_ticket_and_together_they_draw_what_was_printed() {
    let raffle = Raffle::deck(4, 6).await;
    let members = join_all((0..40).map(|_| raffle.shop.customer(10))).await;
    let bought = join_all(members.iter().map(|member_id| raffle.try_buy(member_id, "t-1"))).await;
    let (bought, refused): (Vec<_>, Vec<_>) = bought.into_iter().partition(Result::is_ok);
    assert_eq!(bought.len(), 10);
    for answer in refused {
        assert_eq!(refusal(answer).metadata["unavailable"], "OUT_OF_STOCK");
    }
    let tickets: Vec<pb::Ticket> = bought
        .into_iter()
        .map(|answer| answer.unwrap().into_inner().ticket.unwrap())
        .collect();
    let drawn = join_all(tickets.iter().map(|ticket| raffle.draw(ticket))).await;
    let draws: Vec<pb::Draw> = drawn
        .iter()
        .map(|drawn| drawn.ticket.clone().unwrap().draw.unwrap())
        .collect();
    let of = |prize: &str| draws.iter().filter(|draw| draw.prize == prize).count();
    assert_eq!((of("mug"), of("blank")), (4, 6));
    let numbers: BTreeSet<i64> = draws.iter().map(|draw| draw.draw_number).collect();
    assert_eq!(numbers, (1..=10).collect());
    let codes: BTreeSet<_> = drawn
        .into_iter()
        .filter_map(|drawn| Some(drawn.redemption?.fulfilment_code))
        .collect();
    assert_eq!(codes.len(), 4);
    assert_eq!(
        (raffle.standing().await.left, raffle.shop.stock("mug").await),
        (vec![0, 0], 16)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_is_left_the_published_fallback_is_given_and_then_nothing() {
    let prizes = vec![
        pb::Prize {
            fallback: "small".to_owned(),
            ..chance("large", "mug", 2, 1)
        },
        chance("small", "mug", 3, 0),
    ];
    let raffle = Raffle::of(lottery(OddsMode::FixedOdds, prizes)).await;
    let tickets = join_all((0..8).map(|_| async {
        let member_id = raffle.shop.customer(10).await;
        let bought = raffle.try_buy(&member_id, "t-1").await;
        bought.unwrap().into_inner().ticket.unwrap()
    }))
    .await;
    let drawn = join_all(tickets.iter().map(|ticket| raffle.draw(ticket))).await;
    let mut draws: Vec<pb::Draw> = drawn
        .into_iter()
        .map(|drawn| drawn.ticket.unwrap().draw.unwrap())
        .collect();
    draws.sort_by_key(|draw| draw.draw_number);
    let given: Vec<&str> = draws.iter().map(|draw| draw.prize.as_str()).collect();
    assert_eq!(given, ["large", "large", "small", "small", "small", "", "", ""]);
    assert!(draws.iter().all(|draw| draw.drawn == "large"));
}

#[tokio::test]
async fn tickets_that_nobody_draws_are_drawn_when_the_lottery_has_closed() {
    let raffle = Raffle::deck(2, 2).await;
    for number in 0..2 {
        raffle.buy(&format!("t-{number}")).await;
    }
    raffle.shop.program.advance_to(CLOSES).await;
    while raffle.standing().await.tickets_drawn < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let states: Vec<TicketState> = raffle.tickets().await.iter().map(pb::Ticket::state).collect();
    let won = states.iter().filter(|state| **state == TicketState::Won).count();
    assert_eq!(raffle.shop.list().await.len(), won);
    assert!(
        states
            .iter()
            .all(|state| matches!(state, TicketState::Won | TicketState::Lost))
    );
}

#[tokio::test]
async fn only_a_ticket_of_ones_own_that_is_paid_for_can_be_drawn() {
    let raffle = Raffle::deck(5, 5).await;
    let ticket = raffle.buy("t-1").await;
    let of_another = pb::Ticket {
        member_id: raffle.shop.program.enrolled().await,
        ..ticket.clone()
    };
    let unknown = pb::Ticket {
        ticket_id: Uuid::now_v7().to_string(),
        ..ticket
    };
    for ticket in [of_another, unknown] {
        let refused = refusal(raffle.try_draw(&ticket, "d-1").await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "TICKET_NOT_FOUND")
        );
        assert_eq!(refused.metadata["ticket_id"], ticket.ticket_id);
    }
    let poor = raffle.shop.program.enrolled().await;
    raffle.try_buy(&poor, "t-1").await.unwrap_err();
    let request = pb::ListTicketsRequest {
        member_id: poor,
        ..pb::ListTicketsRequest::default()
    };
    let rejected = raffle
        .client()
        .list_tickets(request)
        .await
        .unwrap()
        .into_inner()
        .tickets;
    let refused = refusal(raffle.try_draw(&rejected[0], "d-1").await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["state"].as_str()),
        ("TICKET_NOT_ISSUED", "REJECTED")
    );
}
