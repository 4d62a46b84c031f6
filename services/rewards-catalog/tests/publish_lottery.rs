use harness::{Program, at, refusal, suite};
use proto::rewards_catalog::{self as pb, LotteryState, OddsMode, rewards_catalog_event::Event};
use sha2::{Digest as _, Sha256};
use tonic::Code;

use crate::raffle::{Raffle, card, chance, lottery};

fn small_deck() -> pb::Lottery {
    lottery(OddsMode::Deck, vec![card("mug", "mug", 3), card("blank", "", 7)])
}

#[tokio::test]
async fn a_lottery_is_published_with_its_hash_and_a_commitment_and_takes_its_prizes_out_of_the_stock() {
    let raffle = Raffle::without_lottery().await;
    let answer = raffle.try_publish("p-1", small_deck()).await.unwrap().into_inner();
    let standing = answer.standing.unwrap();
    assert!(answer.changed);
    assert_eq!((standing.revision, standing.state()), (1, LotteryState::Open));
    assert_eq!(
        (&standing.left, standing.lottery.as_ref()),
        (&vec![3, 7], Some(&small_deck()))
    );
    let rules = prost::Message::encode_to_vec(&small_deck());
    assert_eq!(standing.rules_hash, Sha256::digest(rules).to_vec());
    assert_eq!((standing.commitment.len(), standing.seed.len()), (32, 0));
    assert_eq!(raffle.shop.stock("mug").await, 17);
    let told = raffle.shop.told().await;
    let published = told.iter().filter_map(|event| match event {
        Event::LotteryPublished(published) => published.standing.clone(),
        _ => None,
    });
    assert_eq!(published.collect::<Vec<_>>(), std::slice::from_ref(&standing));
    assert_eq!(raffle.standing().await, standing);
}

#[tokio::test]
async fn until_it_opens_its_rules_can_change_and_the_stock_follows_while_the_seed_stays() {
    let raffle = Raffle::without_lottery().await;
    let later = pb::Lottery {
        opens_at: Some(at("2026-01-10T00:00:00Z")),
        ..small_deck()
    };
    let first = raffle.publish(later.clone()).await;
    assert_eq!(
        (first.state(), raffle.shop.stock("mug").await),
        (LotteryState::Published, 17)
    );
    let again = raffle.try_publish("same", later.clone()).await.unwrap().into_inner();
    assert_eq!((again.changed, again.standing), (false, Some(first.clone())));
    let larger = pb::Lottery {
        prizes: vec![card("mug", "mug", 5), card("blank", "", 5)],
        ..later.clone()
    };
    let second = raffle.publish(larger).await;
    assert_eq!((second.revision, &second.left), (2, &vec![5, 5]));
    assert_eq!(
        (&second.commitment, &second.lottery_id),
        (&first.commitment, &first.lottery_id)
    );
    assert_ne!(second.rules_hash, first.rules_hash);
    assert_eq!(raffle.shop.stock("mug").await, 15);

    raffle.shop.program.advance_to("2026-01-10T00:00:00Z").await;
    let refused = refusal(raffle.try_publish("late", later).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "LOTTERY_FROZEN")
    );
    assert_eq!(
        (
            refused.metadata["lottery"].as_str(),
            refused.metadata["opens_at"].as_str()
        ),
        ("draw", "2026-01-10T00:00:00Z")
    );
    assert_eq!(
        (raffle.standing().await.revision, raffle.shop.stock("mug").await),
        (2, 15)
    );
}

#[tokio::test]
async fn repeating_a_request_id_returns_the_first_answer_and_other_content_is_refused() {
    let raffle = Raffle::without_lottery().await;
    let first = raffle.try_publish("p-1", small_deck()).await.unwrap().into_inner();
    assert_eq!(
        raffle.try_publish("p-1", small_deck()).await.unwrap().into_inner(),
        first
    );
    let other = pb::Lottery {
        tickets_per_member: 1,
        ..small_deck()
    };
    assert_eq!(
        refusal(raffle.try_publish("p-1", other).await).reason,
        "REQUEST_ID_REUSED"
    );
}

#[tokio::test]
async fn a_lottery_that_contradicts_itself_is_refused_with_every_contradiction() {
    let raffle = Raffle::without_lottery().await;
    let wrong = pb::Lottery {
        closes_at: Some(at("2026-01-01T05:00:00Z")),
        prizes: vec![chance("mug", "mug", 0, 0), chance("mug", "", 1, 1)],
        ..lottery(OddsMode::FixedOdds, Vec::new())
    };
    let refused = refusal(raffle.try_publish("p-1", wrong).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "LOTTERY_INVALID")
    );
    let fields = [
        "lottery.closes_at",
        "lottery.prizes[0].weight",
        "lottery.prizes[0].quantity",
        "lottery.prizes[1].code",
        "lottery.prizes[1].quantity",
    ];
    assert_eq!(refused.fields, fields);
}

#[tokio::test]
async fn a_lottery_needs_rewards_that_exist_and_enough_of_them_and_does_not_open_in_the_past() {
    let raffle = Raffle::without_lottery().await;
    let of = |prize: pb::Prize| lottery(OddsMode::Deck, vec![prize]);
    let refused = refusal(raffle.try_publish("p-1", of(card("tea", "tea", 1))).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "REWARD_NOT_FOUND")
    );
    let refused = refusal(raffle.try_publish("p-1", of(card("mug", "mug", 23))).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "PRIZES_NOT_IN_STOCK")
    );
    assert_eq!(
        (
            refused.metadata["reward"].as_str(),
            refused.metadata["stock"].as_str(),
            refused.metadata["missing"].as_str()
        ),
        ("mug", "20", "3")
    );
    let early = pb::Lottery {
        opens_at: Some(at("2025-12-31T00:00:00Z")),
        ..small_deck()
    };
    let refused = refusal(raffle.try_publish("p-1", early).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EFFECTIVE_IN_PAST")
    );
    assert_eq!(raffle.shop.stock("mug").await, 20, "refusals took nothing");
}

#[tokio::test]
async fn a_program_that_does_not_exist_has_no_lotteries_to_publish() {
    let program = Program::unmade(suite().channel());
    let request = pb::PublishLotteryRequest {
        request_id: "p-1".to_owned(),
        lottery: Some(small_deck()),
    };
    let refused = refusal(program.lotteries().publish_lottery(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}
