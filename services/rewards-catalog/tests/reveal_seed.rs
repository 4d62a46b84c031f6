use harness::{refusal, suite};
use proto::rewards_catalog::{LotteryState, RevealSeedRequest, rewards_catalog_event::Event};
use sha2::{Digest as _, Sha256};
use tonic::Code;
use uuid::Uuid;

use crate::raffle::{CLOSES, Raffle};

/// Reads the seed where only the owner of the database can.
async fn secret_of(raffle: &Raffle) -> Vec<u8> {
    let program_id: Uuid = raffle.shop.program.program_id.parse().unwrap();
    sqlx::query_scalar("select seed from rewards.lottery_seed where program_id = $1")
        .bind(program_id)
        .fetch_one(&mut suite().database().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_revealed_seed_is_the_one_that_was_committed_and_what_nobody_won_is_in_stock_again() {
    let raffle = Raffle::deck(5, 1).await;
    let committed = raffle.standing().await.commitment;
    let ticket = raffle.buy("t-1").await;
    raffle.draw(&ticket).await;
    let won = raffle.shop.list().await.len() as i64;
    let revealed = raffle.close_and_reveal().await;
    assert_eq!(
        (revealed.state(), revealed.left.clone()),
        (LotteryState::Revealed, vec![0, 0])
    );
    assert_eq!(Sha256::digest(&revealed.seed).to_vec(), committed);
    assert_eq!(raffle.shop.stock("mug").await, 20 - won);
    assert_eq!(
        raffle.try_reveal("again").await.unwrap().into_inner().standing,
        Some(revealed.clone())
    );
    assert_eq!(raffle.shop.stock("mug").await, 20 - won, "nothing comes back twice");
    assert_eq!(raffle.standing().await, revealed);
    let told = raffle.shop.told().await.into_iter().filter_map(|event| match event {
        Event::SeedRevealed(told) => told.standing,
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [revealed]);
}

#[tokio::test]
async fn a_seed_is_not_revealed_before_the_lottery_has_closed_and_every_ticket_is_drawn() {
    let raffle = Raffle::deck(1, 9).await;
    let ticket = raffle.buy("t-1").await;
    let refused = refusal(raffle.try_reveal("r-1").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "LOTTERY_NOT_CLOSED")
    );
    assert_eq!(refused.metadata["closes_at"], CLOSES);
    // A payment that is under way keeps the worker from drawing: nobody knows yet whether there is anything to draw.
    let under_way = "update rewards.ticket set state = 2, capture_entry_id = null, at_rest = false, changed_at = now() + interval '1 hour'
                      where ticket_id = $1";
    let ticket_id: Uuid = ticket.ticket_id.parse().unwrap();
    let mut database = suite().database().await;
    sqlx::query(under_way)
        .bind(ticket_id)
        .execute(&mut database)
        .await
        .unwrap();
    raffle.shop.program.advance_to(CLOSES).await;
    let refused = refusal(raffle.try_reveal("r-1").await);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["tickets"].as_str()
        ),
        (Code::FailedPrecondition, "TICKETS_NOT_DRAWN", "1")
    );
    assert_eq!(raffle.buy("t-1").await, ticket, "the purchase ends as it began");
    raffle.draw(&ticket).await;
    assert!(raffle.try_reveal("r-1").await.is_ok());
    let unknown = RevealSeedRequest {
        request_id: "r-2".to_owned(),
        lottery: "another".to_owned(),
    };
    let refused = refusal(raffle.client().reveal_seed(unknown).await);
    assert_eq!(refused.reason, "LOTTERY_NOT_FOUND");
}

#[tokio::test]
async fn before_it_is_revealed_the_seed_is_in_no_answer_no_event_and_no_refusal() {
    let raffle = Raffle::deck(1, 9).await;
    let ticket = raffle.buy("t-1").await;
    let drawn = raffle.draw(&ticket).await;
    let verify = raffle.try_verify(&ticket).await.unwrap_err();
    let reveal = raffle.try_reveal("r-1").await.unwrap_err();
    let seed = secret_of(&raffle).await;
    let program_id: Uuid = raffle.shop.program.program_id.parse().unwrap();
    let kept: Vec<Vec<u8>> = sqlx::query_scalar(
        "select event || coalesce(answer, '') || coalesce(fingerprint, '') from rewards.journal where program_id = $1",
    )
    .bind(program_id)
    .fetch_all(&mut suite().database().await)
    .await
    .unwrap();
    assert!(kept.len() > 4);
    let has = |bytes: &[u8]| bytes.windows(seed.len()).any(|window| window == seed);
    assert!(!kept.iter().any(|row| has(row)), "what is recorded is what is told");
    let shown = format!("{:?} {verify:?} {reveal:?} {:?}", drawn, raffle.standing().await);
    assert!(!shown.contains(&format!("{seed:?}")) && !has(verify.details()) && !has(reveal.details()));
    let revealed = raffle.close_and_reveal().await;
    assert_eq!(revealed.seed, seed, "the check above looked for the right bytes");
}
