use futures::future::join_all;
use harness::{refusal, suite};
use proto::rewards_catalog::{self as pb, OddsMode, TicketSource, TicketState, rewards_catalog_event::Event};
use tonic::Code;
use uuid::Uuid;

use crate::{
    raffle::{CLOSES, Raffle, card, lottery},
    shop::price,
};

#[tokio::test]
async fn a_ticket_is_paid_for_and_told() {
    let raffle = Raffle::deck(1, 9).await;
    let ticket = raffle.buy("t-1").await;
    assert_eq!(
        (ticket.state(), ticket.source()),
        (TicketState::Issued, TicketSource::Purchase)
    );
    assert_eq!((ticket.price.clone(), ticket.draw.clone()), (Some(price(10)), None));
    assert!(!ticket.capture_entry_id.is_empty());
    assert_eq!(raffle.shop.points().await, (240, 0));
    let standing = raffle.standing().await;
    assert_eq!((standing.tickets_sold, standing.tickets_drawn), (1, 0));
    let told = raffle.shop.told().await.into_iter().filter_map(|event| match event {
        Event::TicketIssued(issued) => issued.ticket,
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [ticket]);
}

#[tokio::test]
async fn one_request_id_buys_one_ticket_however_often_and_however_many_at_once() {
    let raffle = Raffle::deck(1, 9).await;
    let tickets = join_all((0..8).map(|_| raffle.buy("t-1"))).await;
    assert!(tickets.iter().all(|ticket| *ticket == tickets[0]));
    raffle.draw(&tickets[0]).await;
    assert_eq!(
        raffle.buy("t-1").await,
        tickets[0],
        "the first answer, though it is drawn now"
    );
    assert_eq!(
        (raffle.shop.points().await, raffle.tickets().await.len()),
        ((240, 0), 1)
    );
    let other = pb::BuyTicketRequest {
        request_id: "t-1".to_owned(),
        member_id: raffle.shop.member_id.clone(),
        lottery: "another".to_owned(),
    };
    assert_eq!(
        refusal(raffle.client().buy_ticket(other).await).reason,
        "REQUEST_ID_REUSED"
    );
}

/// What a process leaves behind that dies after the first or the second commit; what it asked of the points service has taken effect or not.
#[tokio::test]
async fn whoever_asks_again_after_a_crash_gets_the_one_ticket_that_was_paid_for() {
    let crashes = [
        "update rewards.ticket set state = 1, hold_id = null, capture_entry_id = null, at_rest = false where ticket_id = $1",
        "update rewards.ticket set state = 2, capture_entry_id = null, at_rest = false where ticket_id = $1",
    ];
    for crash in crashes {
        let raffle = Raffle::deck(1, 9).await;
        let ticket = raffle.buy("t-1").await;
        let ticket_id: Uuid = ticket.ticket_id.parse().unwrap();
        let mut database = suite().database().await;
        let done = sqlx::query(crash).bind(ticket_id).execute(&mut database).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
        let refused = refusal(raffle.try_draw(&ticket, "early").await);
        assert_eq!(
            (
                refused.code,
                refused.reason.as_str(),
                refused.metadata["state"].as_str()
            ),
            (Code::FailedPrecondition, "TICKET_NOT_ISSUED", "PENDING")
        );
        assert_eq!(raffle.buy("t-1").await, ticket);
        assert_eq!(
            (raffle.shop.points().await, raffle.standing().await.tickets_sold),
            ((240, 0), 1)
        );
    }
}

#[tokio::test]
async fn the_worker_finishes_a_purchase_that_a_crash_left_behind() {
    let raffle = Raffle::deck(1, 9).await;
    let ticket = raffle.buy("t-1").await;
    let ticket_id: Uuid = ticket.ticket_id.parse().unwrap();
    let crash = "update rewards.ticket set state = 2, capture_entry_id = null, at_rest = false, changed_at = now() - interval '1 hour'
                  where ticket_id = $1";
    let mut database = suite().database().await;
    sqlx::query(crash).bind(ticket_id).execute(&mut database).await.unwrap();
    while raffle.tickets().await != [ticket.clone()] {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(raffle.shop.points().await, (240, 0));
}

#[tokio::test]
async fn too_few_points_reject_the_ticket_and_somebody_else_may_have_it() {
    let raffle = Raffle::deck(1, 0).await;
    let poor = raffle.shop.customer(9).await;
    for _ in 0..2 {
        let refused = refusal(raffle.try_buy(&poor, "t-1").await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::FailedPrecondition, "TICKET_UNAVAILABLE")
        );
        assert_eq!(
            (
                refused.metadata["unavailable"].as_str(),
                refused.metadata["missing_points"].as_str()
            ),
            ("INSUFFICIENT_POINTS", "1")
        );
    }
    assert_eq!(raffle.standing().await.tickets_sold, 0);
    raffle.buy("t-1").await;
    let refused = refusal(raffle.try_buy(&poor, "t-2").await);
    assert_eq!(refused.metadata["unavailable"], "OUT_OF_STOCK", "the only card is sold");
}

#[tokio::test]
async fn a_member_has_no_more_tickets_than_the_limit_when_everything_comes_at_once() {
    let deck = lottery(OddsMode::Deck, vec![card("mug", "mug", 20)]);
    let raffle = Raffle::of(pb::Lottery {
        tickets_per_member: 2,
        ..deck
    })
    .await;
    let requests: Vec<String> = (0..8).map(|number| format!("t-{number}")).collect();
    let member_id = &raffle.shop.member_id;
    let answers = join_all(requests.iter().map(|request_id| raffle.try_buy(member_id, request_id))).await;
    let (bought, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((bought.len(), raffle.shop.points().await), (2, (230, 0)));
    for answer in refused {
        let refused = refusal(answer);
        assert_eq!(
            (
                refused.metadata["unavailable"].as_str(),
                refused.metadata["limit"].as_str()
            ),
            ("LIMIT_REACHED", "2")
        );
    }
}

#[tokio::test]
async fn tickets_are_sold_from_when_it_opens_until_it_closes_to_members_who_may() {
    let raffle = Raffle::without_lottery().await;
    let opens = "2026-01-10T00:00:00Z";
    let deck = lottery(OddsMode::Deck, vec![card("mug", "mug", 20)]);
    raffle
        .publish(pb::Lottery {
            opens_at: Some(harness::at(opens)),
            ..deck
        })
        .await;
    let refused = refusal(raffle.try_buy(&raffle.shop.member_id, "t-1").await);
    assert_eq!(
        (
            refused.metadata["unavailable"].as_str(),
            refused.metadata["opens_at"].as_str()
        ),
        ("OUTSIDE_WINDOW", opens)
    );
    raffle.shop.program.advance_to(opens).await;
    raffle.buy("t-1").await;
    raffle.shop.freeze().await;
    let refused = refusal(raffle.try_buy(&raffle.shop.member_id, "t-2").await);
    assert_eq!(refused.metadata["unavailable"], "MEMBER_NOT_ALLOWED");
    let other = raffle.shop.customer(100).await;
    raffle.shop.program.advance_to(CLOSES).await;
    let refused = refusal(raffle.try_buy(&other, "t-1").await);
    assert_eq!(refused.metadata["unavailable"], "OUTSIDE_WINDOW");
    assert!(!refused.metadata.contains_key("opens_at"), "it is over");
}

#[tokio::test]
async fn a_ticket_needs_a_lottery_and_a_member_who_exist() {
    let raffle = Raffle::deck(1, 9).await;
    let stranger = Uuid::now_v7().to_string();
    assert_eq!(
        refusal(raffle.try_buy(&stranger, "t-1").await).reason,
        "MEMBER_NOT_FOUND"
    );
    let request = pb::BuyTicketRequest {
        request_id: "t-1".to_owned(),
        member_id: raffle.shop.member_id.clone(),
        lottery: "another".to_owned(),
    };
    let refused = refusal(raffle.client().buy_ticket(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "LOTTERY_NOT_FOUND")
    );
}
