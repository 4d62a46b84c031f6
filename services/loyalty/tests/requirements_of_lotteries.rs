//! The rows of the requirements about draws, as program files, played like those about rewards.

use futures::{StreamExt as _, stream};
use loyalty::demo::clients::{Transport, persist};
use proto::rewards_catalog::{
    BuyTicketRequest, DrawTicketRequest, DrawTicketResponse, GetLotteryRequest, GetRedemptionRequest, LotteryStanding,
    LotteryState, RedemptionState, RevealSeedRequest, Ticket, TicketState, VerifyDrawRequest,
    lottery_service_client::LotteryServiceClient,
};
use tonic::Status;

use crate::{
    calls::{available, enrol_as},
    played::Played,
};

fn lotteries(played: &Played) -> LotteryServiceClient<Transport> {
    LotteryServiceClient::new(played.clients.transport(0))
}

async fn buys(played: &Played, member: &str, lottery: &str, request_id: &str) -> Result<Ticket, Status> {
    let request = BuyTicketRequest {
        request_id: request_id.to_owned(),
        member_id: member.to_owned(),
        lottery: lottery.to_owned(),
    };
    let bought = persist(|| {
        let (mut client, request) = (lotteries(played), request.clone());
        async move { client.buy_ticket(request).await }
    });
    Ok(bought.await?.ticket.expect("the answer has it"))
}

/// Buys a ticket that is not to be had, and returns the reason as the contract names it.
async fn is_refused(played: &Played, member: &str, lottery: &str) -> String {
    let refused = buys(played, member, lottery, "refused").await;
    harness::refusal::<()>(Err(refused.unwrap_err())).metadata["unavailable"].clone()
}

async fn draws(played: &Played, ticket: &Ticket) -> DrawTicketResponse {
    let request = DrawTicketRequest {
        request_id: format!("draw-{}", ticket.ticket_id),
        member_id: ticket.member_id.clone(),
        ticket_id: ticket.ticket_id.clone(),
    };
    lotteries(played).draw_ticket(request).await.unwrap().into_inner()
}

async fn standing(played: &Played, lottery: &str) -> LotteryStanding {
    let lottery = lottery.to_owned();
    let found = lotteries(played).get_lottery(GetLotteryRequest { lottery }).await;
    found.unwrap().into_inner().standing.unwrap()
}

/// Reveals the seed, once the tickets that nobody drew have been drawn.
async fn reveals(played: &Played, lottery: &str) -> LotteryStanding {
    let request = RevealSeedRequest {
        request_id: format!("reveal-{lottery}"),
        lottery: lottery.to_owned(),
    };
    for _ in 0..600 {
        match lotteries(played).reveal_seed(request.clone()).await {
            Ok(revealed) => return revealed.into_inner().standing.unwrap(),
            Err(status) => assert_eq!(harness::refusal::<()>(Err(status)).reason, "TICKETS_NOT_DRAWN"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the tickets are drawn by themselves");
}

async fn is_verified(played: &Played, ticket: &Ticket) -> bool {
    let request = VerifyDrawRequest {
        member_id: ticket.member_id.clone(),
        ticket_id: ticket.ticket_id.clone(),
    };
    lotteries(played)
        .verify_draw(request)
        .await
        .unwrap()
        .into_inner()
        .verified
}

#[tokio::test(flavor = "multi_thread")]
async fn row_37_points_buy_chances_in_the_draw_of_the_month() {
    let mut played = Played::of("37-monthly-draw").await;
    played.buys(1_000).await;
    let member = played.member.clone();
    let mut bought = Vec::new();
    for number in 0..3 {
        bought.push(
            buys(&played, &member, "draw-2026-01", &format!("t-{number}"))
                .await
                .unwrap(),
        );
    }
    assert_eq!(played.balance().await, 1_000 - 3 * 200);
    assert_eq!(is_refused(&played, &member, "draw-2026-01").await, "LIMIT_REACHED");
    assert_eq!(is_refused(&played, &member, "draw-2026-02").await, "OUTSIDE_WINDOW");
    for ticket in &bought[..2] {
        let drawn = draws(&played, ticket).await;
        assert_eq!(draws(&played, ticket).await, drawn, "a ticket is drawn once");
        let state = drawn.ticket.as_ref().unwrap().state();
        assert_eq!(drawn.redemption.is_some(), state == TicketState::Won);
    }

    played.at("2026-02-01T00:00:00").await;
    assert_eq!(is_refused(&played, &member, "draw-2026-01").await, "OUTSIDE_WINDOW");
    buys(&played, &member, "draw-2026-02", "february")
        .await
        .expect("the next month's has opened");
    let january = reveals(&played, "draw-2026-01").await;
    assert_eq!(
        (january.state(), january.tickets_sold, january.tickets_drawn),
        (LotteryState::Revealed, 3, 3),
        "what nobody drew was drawn when the month was over"
    );
    for ticket in &bought {
        assert!(is_verified(&played, ticket).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_37_the_next_months_begin_by_themselves_and_applying_the_file_again_changes_nothing() {
    let played = Played::of("37-monthly-draw").await;
    let windows = [
        (
            "draw-2026-01",
            LotteryState::Open,
            "2025-12-31T16:00:00Z",
            "2026-01-31T16:00:00Z",
        ),
        (
            "draw-2026-02",
            LotteryState::Published,
            "2026-01-31T16:00:00Z",
            "2026-02-28T16:00:00Z",
        ),
        (
            "draw-2026-03",
            LotteryState::Published,
            "2026-02-28T16:00:00Z",
            "2026-03-31T16:00:00Z",
        ),
    ];
    let mut seeds = Vec::new();
    for (lottery, state, opens_at, closes_at) in windows {
        let standing = standing(&played, lottery).await;
        assert_eq!((standing.state(), standing.revision), (state, 1), "{lottery}");
        let rules = standing.lottery.unwrap();
        assert_eq!(
            (rules.opens_at, rules.closes_at),
            (Some(harness::at(opens_at)), Some(harness::at(closes_at)))
        );
        assert!(standing.seed.is_empty());
        seeds.push(standing.commitment);
    }
    seeds.dedup();
    assert_eq!(seeds.len(), 3, "every month has a seed of its own");

    played.at("2026-02-14T12:00:00").await;
    played.becomes("37-monthly-draw").await;
    assert_eq!(standing(&played, "draw-2026-02").await.revision, 1);
    assert_eq!(standing(&played, "draw-2026-02").await.state(), LotteryState::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_37_whoever_comes_too_late_for_the_goods_has_the_coupon() {
    let mut played = Played::of("37-monthly-draw").await;
    let mut members = Vec::new();
    for number in 0..12 {
        played.member = enrol_as(&played.clients, &format!("guest-{number}")).await;
        played.buys(100).await;
        members.push(played.member.clone());
    }
    played.at("2026-03-31T00:00:00").await;
    let drawn: Vec<DrawTicketResponse> = stream::iter(&members)
        .map(|member| async {
            let ticket = buys(&played, member, "last-day", "t-1").await.unwrap();
            draws(&played, &ticket).await
        })
        .buffer_unordered(6)
        .collect()
        .await;
    let prizes = drawn.iter().filter_map(|drawn| drawn.ticket.as_ref()?.draw.as_ref());
    let of = |prize: &str| prizes.clone().filter(|draw| draw.prize == prize).count();
    assert_eq!(of("cup") + of("coupon") + of("thanks"), 12);
    let fell = prizes.clone().filter(|draw| draw.drawn == "cup").count();
    assert_eq!((of("cup"), of("coupon")), (fell.min(2), fell.saturating_sub(2)));
    for won in drawn.iter().filter_map(|drawn| drawn.redemption.clone()) {
        assert!(
            won.price.is_none() && won.fulfilment_code.len() >= 16,
            "it is won, and can be fetched"
        );
        let request = GetRedemptionRequest {
            member_id: won.member_id.clone(),
            redemption_id: won.redemption_id.clone(),
        };
        let found = played.clients.redemptions(0).get_redemption(request).await.unwrap();
        assert_eq!(found.into_inner().redemption, Some(won.clone()));
        assert_eq!(won.state(), RedemptionState::Fulfilled);
        assert_eq!(
            available(&played.clients, &won.member_id).await,
            0,
            "a prize costs no points"
        );
    }
}
