use harness::refusal;
use proto::rewards_catalog as pb;
use tonic::Code;

use crate::raffle::{Raffle, card, lottery};

#[tokio::test]
async fn a_lottery_that_is_not_there_is_not_found() {
    let raffle = Raffle::without_lottery().await;
    let request = pb::GetLotteryRequest {
        lottery: "draw".to_owned(),
    };
    let refused = refusal(raffle.client().get_lottery(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "LOTTERY_NOT_FOUND")
    );
    assert_eq!(refused.metadata["lottery"], "draw");
}

#[tokio::test]
async fn lotteries_are_listed_by_code_page_by_page() {
    let raffle = Raffle::without_lottery().await;
    for code in ["c", "a", "b"] {
        let lottery = lottery(pb::OddsMode::Deck, vec![card("mug", "mug", 1)]);
        raffle
            .publish(pb::Lottery {
                code: code.to_owned(),
                ..lottery
            })
            .await;
    }
    let mut request = pb::ListLotteriesRequest {
        page_size: 2,
        ..pb::ListLotteriesRequest::default()
    };
    let mut pages = Vec::new();
    loop {
        let page = raffle
            .client()
            .list_lotteries(request.clone())
            .await
            .unwrap()
            .into_inner();
        let codes = page
            .standings
            .into_iter()
            .map(|standing| standing.lottery.unwrap().code);
        pages.push(codes.collect::<Vec<_>>());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, [vec!["a", "b"], vec!["c"]]);
}
