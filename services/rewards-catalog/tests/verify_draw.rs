use harness::{refusal, suite};
use hmac::{Hmac, KeyInit as _, Mac as _};
use proto::rewards_catalog as pb;
use sha2::Sha256;
use tonic::Code;
use uuid::Uuid;

use crate::raffle::Raffle;

async fn verify(raffle: &Raffle, ticket: &pb::Ticket) -> pb::VerifyDrawResponse {
    raffle.try_verify(ticket).await.unwrap().into_inner()
}

/// Computes a draw from a deck as the contract says it, and with nothing of ours.
fn computed_elsewhere(standing: &pb::LotteryStanding, ticket: &pb::Ticket) -> (Vec<u8>, String) {
    let id = |text: &str| text.parse::<Uuid>().unwrap().into_bytes();
    let draw = ticket.draw.as_ref().unwrap();
    let message = [
        &id(&standing.lottery_id)[..],
        &id(&ticket.ticket_id),
        &draw.draw_seq.to_be_bytes(),
    ]
    .concat();
    let mac = Hmac::<Sha256>::new_from_slice(&standing.seed)
        .unwrap()
        .chain_update(message);
    let number = mac.finalize().into_bytes()[..8].to_vec();
    let deck: Vec<&str> = standing
        .lottery
        .as_ref()
        .unwrap()
        .prizes
        .iter()
        .zip(&draw.left_before)
        .flat_map(|(prize, left)| std::iter::repeat_n(prize.code.as_str(), *left as usize))
        .collect();
    let place = u64::from_be_bytes(number.clone().try_into().unwrap()) % deck.len() as u64;
    (number, deck[place as usize].to_owned())
}

#[tokio::test]
async fn once_the_seed_is_revealed_anyone_can_compute_what_every_ticket_drew() {
    let raffle = Raffle::deck(3, 3).await;
    let mut tickets = Vec::new();
    for number in 0..4 {
        let ticket = raffle.buy(&format!("t-{number}")).await;
        tickets.push(raffle.draw(&ticket).await.ticket.unwrap());
    }
    let refused = refusal(raffle.try_verify(&tickets[0]).await);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["lottery"].as_str()
        ),
        (Code::FailedPrecondition, "SEED_NOT_REVEALED", "draw")
    );
    let revealed = raffle.close_and_reveal().await;
    for ticket in tickets {
        let verified = verify(&raffle, &ticket).await;
        assert!(verified.verified && verified.seed_is_committed && verified.left_before_is_right);
        assert_eq!(
            (&verified.computed, verified.standing.as_ref()),
            (&ticket.draw, Some(&revealed))
        );
        let (number, prize) = computed_elsewhere(&revealed, &ticket);
        assert_eq!((verified.number, ticket.draw.unwrap().prize), (number, prize));
    }
}

#[tokio::test]
async fn a_draw_that_was_changed_afterwards_is_found_out() {
    let raffle = Raffle::deck(3, 3).await;
    let ticket = raffle.buy("t-1").await;
    let ticket = raffle.draw(&ticket).await.ticket.unwrap();
    raffle.close_and_reveal().await;
    let mut forged = ticket.draw.clone().unwrap();
    forged.prize = if forged.prize == "mug" { "blank" } else { "mug" }.to_owned();
    forged.drawn.clone_from(&forged.prize);
    let ticket_id: Uuid = ticket.ticket_id.parse().unwrap();
    sqlx::query("update rewards.ticket set draw = $1 where ticket_id = $2")
        .bind(prost::Message::encode_to_vec(&forged))
        .bind(ticket_id)
        .execute(&mut suite().database().await)
        .await
        .unwrap();
    let found = verify(&raffle, &ticket).await;
    assert!(!found.verified && found.seed_is_committed);
    assert_eq!(found.computed.unwrap().prize, ticket.draw.unwrap().prize);
}

#[tokio::test]
async fn a_seed_that_was_changed_afterwards_is_found_out() {
    let raffle = Raffle::deck(3, 3).await;
    let ticket = raffle.buy("t-1").await;
    let ticket = raffle.draw(&ticket).await.ticket.unwrap();
    let program_id: Uuid = raffle.shop.program.program_id.parse().unwrap();
    sqlx::query("update rewards.lottery_seed set seed = sha256(seed) where program_id = $1")
        .bind(program_id)
        .execute(&mut suite().database().await)
        .await
        .unwrap();
    raffle.close_and_reveal().await;
    let found = verify(&raffle, &ticket).await;
    assert!(!found.verified && !found.seed_is_committed);
}

#[tokio::test]
async fn only_a_ticket_that_was_drawn_can_be_verified() {
    let raffle = Raffle::deck(3, 3).await;
    let unknown = pb::Ticket {
        ticket_id: Uuid::now_v7().to_string(),
        member_id: raffle.shop.member_id.clone(),
        ..pb::Ticket::default()
    };
    assert_eq!(refusal(raffle.try_verify(&unknown).await).reason, "TICKET_NOT_FOUND");
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
    assert_eq!(
        refusal(raffle.try_verify(&rejected[0]).await).reason,
        "TICKET_NOT_ISSUED"
    );
}
