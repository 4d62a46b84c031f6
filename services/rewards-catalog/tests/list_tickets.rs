use harness::refusal;
use proto::rewards_catalog as pb;
use uuid::Uuid;

use crate::raffle::{Raffle, card, lottery};

#[tokio::test]
async fn a_members_tickets_are_listed_the_newest_first_page_by_page_and_by_lottery() {
    let raffle = Raffle::deck(5, 5).await;
    let other = lottery(pb::OddsMode::Deck, vec![card("mug", "mug", 1)]);
    raffle
        .publish(pb::Lottery {
            code: "other".to_owned(),
            ..other
        })
        .await;
    let mut bought = Vec::new();
    for number in 0..3 {
        bought.insert(0, raffle.buy(&format!("t-{number}")).await);
    }
    let of_other = pb::BuyTicketRequest {
        request_id: "t-other".to_owned(),
        member_id: raffle.shop.member_id.clone(),
        lottery: "other".to_owned(),
    };
    let of_other = raffle
        .client()
        .buy_ticket(of_other)
        .await
        .unwrap()
        .into_inner()
        .ticket
        .unwrap();
    let mut request = pb::ListTicketsRequest {
        member_id: raffle.shop.member_id.clone(),
        lottery: "draw".to_owned(),
        page_size: 2,
        ..pb::ListTicketsRequest::default()
    };
    let first = raffle
        .client()
        .list_tickets(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.tickets, bought[..2]);
    request.page_token = first.next_page_token;
    let second = raffle
        .client()
        .list_tickets(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (&second.tickets[..], second.next_page_token.as_str()),
        (&bought[2..], "")
    );
    assert_eq!(raffle.tickets().await[0], of_other);

    request.lottery.clear();
    let refused = refusal(raffle.client().list_tickets(request.clone()).await);
    assert_eq!(refused.reason, "INVALID_PAGE_TOKEN", "a place belongs to its list");
    request = pb::ListTicketsRequest {
        member_id: Uuid::now_v7().to_string(),
        ..pb::ListTicketsRequest::default()
    };
    assert_eq!(
        refusal(raffle.client().list_tickets(request).await).reason,
        "MEMBER_NOT_FOUND"
    );
}
