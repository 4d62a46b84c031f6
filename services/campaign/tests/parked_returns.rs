use std::time::Duration;

use harness::refusal;
use proto::campaign::{self as pb, ParkedReturnState, activity_input::Activity as Did};
use tonic::Code;

use crate::{
    reports::two_replicas,
    support::{Answer, Shop, bought, brought_back, worth},
};

impl Shop {
    async fn try_park(&self, request_id: &str, did: Did) -> Answer<pb::RecordActivityResponse> {
        let request = pb::RecordActivityRequest {
            request_id: request_id.to_owned(),
            input: Some(self.input(did)),
            park_days: 30,
            await_effects: false,
        };
        self.program.activities().record_activity(request).await
    }

    async fn park(&self, request_id: &str, did: Did) -> pb::RecordActivityResponse {
        self.try_park(request_id, did).await.expect("it can wait").into_inner()
    }

    async fn parked(&self, state: ParkedReturnState) -> Vec<pb::ParkedReturn> {
        let mut request = pb::ListParkedReturnsRequest {
            state: state.into(),
            page_size: 1,
            page_token: String::new(),
        };
        let mut all = Vec::new();
        loop {
            let page = self.program.activities().list_parked_returns(request.clone()).await;
            let page = page.expect("they can be listed").into_inner();
            all.extend(page.parked_returns);
            if page.next_page_token.is_empty() {
                return all;
            }
            request.page_token = page.next_page_token;
        }
    }

    async fn waits_until_parked(&self, state: ParkedReturnState, returns: usize) -> Vec<pb::ParkedReturn> {
        for _ in 0..200 {
            let parked = self.parked(state).await;
            if parked.len() == returns {
                return parked;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("there are never {returns} returns in state {state:?}");
    }
}

#[tokio::test]
async fn a_return_that_comes_before_its_order_is_recorded_when_that_comes() {
    let shop = Shop::open().await;
    let first = shop.park("back", brought_back("17", &[("1", 3_000)])).await;
    let parked = first.parked.clone().expect("it waits");
    assert_eq!((first.activity.clone(), parked.order_id.as_str()), (None, "17"));
    assert_eq!(shop.park("back", brought_back("17", &[("1", 3_000)])).await, first);
    let other = refusal(shop.try_park("back", brought_back("17", &[("1", 4_000)])).await);
    assert_eq!(other.reason, "REQUEST_ID_REUSED");
    shop.park("more", brought_back("18", &[])).await;
    assert_eq!(shop.parked(ParkedReturnState::Waiting).await.len(), 2);

    shop.buys("17", 10_000).await;
    let left = shop.waits_until_parked(ParkedReturnState::Waiting, 1).await;
    assert_eq!(left[0].order_id, "18");
    assert_eq!(shop.available().await, 70);
    let recorded = shop.park("back", brought_back("17", &[("1", 3_000)])).await;
    let back = recorded.activity.expect("it is recorded");
    assert_eq!((worth(&back), back.request_id.as_str()), (-30, "back"));
    assert_eq!(back.input.unwrap().occurred_at, parked.parked_at);
    assert_eq!(shop.available().await, 70);
}

#[tokio::test]
async fn a_parked_return_is_recorded_once_by_two_replicas_and_a_caller_who_asks_again() {
    let [suite, other] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    let there = Shop {
        program: shop.program.at(other.channel()),
        member_id: shop.member_id.clone(),
    };
    for order in 0..8 {
        let order_id = order.to_string();
        shop.park(&format!("back-{order}"), brought_back(&order_id, &[("1", 3_000)]))
            .await;
    }
    for order in 0..8 {
        let order_id = order.to_string();
        there.record(&order_id, bought(&order_id, 10_000)).await;
        let request_id = format!("back-{order}");
        let again = [&shop, &there].map(|at| at.park(&request_id, brought_back(&order_id, &[("1", 3_000)])));
        for answer in futures::future::join_all(again).await {
            assert_eq!(worth(&answer.activity.expect("its order is there")), -30);
        }
    }
    shop.waits_until_parked(ParkedReturnState::Waiting, 0).await;
    assert_eq!(shop.available().await, 8 * 70);
}

#[tokio::test]
async fn a_parked_return_that_its_order_does_not_allow_for_is_refused_and_listed() {
    let shop = Shop::open().await;
    shop.park("back", brought_back("17", &[("1", 20_000)])).await;
    shop.buys("17", 10_000).await;
    let refused = shop.waits_until_parked(ParkedReturnState::Refused, 1).await;
    assert_eq!(refused[0].refused_reason, "MORE_THAN_LEFT");
    let again = refusal(shop.try_park("back", brought_back("17", &[("1", 20_000)])).await);
    assert_eq!(again.reason, "MORE_THAN_LEFT");
    assert_eq!(shop.available().await, 100);
}

#[tokio::test]
async fn an_order_that_never_comes_is_given_up() {
    let shop = Shop::open().await;
    shop.program.advance_to("2026-01-10T00:00:00Z").await;
    shop.park("back", brought_back("17", &[])).await;
    shop.program.advance_to("2026-02-10T00:00:00Z").await;
    let given_up = shop.waits_until_parked(ParkedReturnState::GivenUp, 1).await;
    assert_eq!(given_up[0].request_id, "back");
    let again = refusal(shop.try_park("back", brought_back("17", &[])).await);
    assert_eq!((again.code, again.reason.as_str()), (Code::NotFound, "ORDER_NOT_FOUND"));
    assert!(shop.park("anew", brought_back("17", &[])).await.parked.is_some());
}

#[tokio::test]
async fn only_returns_wait_and_only_for_orders_of_members_who_are_known() {
    let shop = Shop::open().await;
    let purchase = refusal(shop.try_park("buy", bought("17", 10_000)).await);
    assert_eq!(
        (purchase.code, purchase.fields),
        (Code::InvalidArgument, vec!["park_days".to_owned()])
    );
    let nobody = Shop {
        member_id: uuid::Uuid::now_v7().to_string(),
        program: shop.program.clone(),
    };
    assert_eq!(
        refusal(nobody.try_park("back", brought_back("17", &[])).await).reason,
        "MEMBER_NOT_FOUND"
    );
}
