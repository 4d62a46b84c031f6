//! What orders cost after the discounts of campaigns.

use harness::{at, refusal};
use proto::campaign as pb;
use tonic::Code;

use crate::support::{Answer, Shop, bought, brought_back, did, double, line, order, publish_campaign, when, worth};
use proto::campaign::activity_input::Activity as Did;

fn sale(code: &str, off: pb::discount::Off) -> pb::Campaign {
    let discount = pb::Discount {
        off: Some(off),
        ..pb::Discount::default()
    };
    pb::Campaign {
        effects: vec![],
        discounts: vec![discount],
        ..double(code)
    }
}

async fn try_quote(shop: &Shop, did: Did, floors: &[(&str, i64)]) -> Answer<pb::QuoteOrderResponse> {
    let floor = |(line_id, minor_units): &(&str, i64)| pb::LineFloor {
        line_id: (*line_id).to_owned(),
        minor_units: *minor_units,
    };
    let request = pb::QuoteOrderRequest {
        input: Some(shop.input(did)),
        floors: floors.iter().map(floor).collect(),
    };
    shop.program.activities().quote_order(request).await
}

async fn publish_policy(
    shop: &Shop,
    request_id: &str,
    policy: pb::DiscountPolicy,
) -> pb::PublishDiscountPolicyResponse {
    let request = pb::PublishDiscountPolicyRequest {
        request_id: request_id.to_owned(),
        discount_policy: Some(policy),
        effective_from: None,
    };
    let answer = shop.program.rules().publish_discount_policy(request).await;
    answer.expect("a policy can be published").into_inner()
}

#[tokio::test]
async fn what_is_quoted_is_recorded_as_it_is_and_earns_what_was_said() {
    let shop = Shop::open().await;
    let app = pb::condition::Condition::Channel(pb::NamesCondition {
        names: vec!["app".to_owned()],
    });
    publish_campaign(&shop.program, "c-1", sale("tenth", pb::discount::Off::PerMille(100)))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-2", sale("fiver", pb::discount::Off::MinorUnits(500)))
        .await
        .unwrap();
    let in_app = when(app, sale("app", pb::discount::Off::PerMille(500)));
    publish_campaign(&shop.program, "c-3", in_app).await.unwrap();
    publish_campaign(&shop.program, "c-4", double("double")).await.unwrap();

    let asked = order("17", vec![line("1", 6_000), line("2", 3_000)]);
    let quoted = try_quote(&shop, Did::Purchase(asked), &[]).await.unwrap().into_inner();
    let discounts: Vec<_> = quoted
        .discounts
        .iter()
        .map(|of| (of.campaign.as_str(), of.minor_units))
        .collect();
    // The five dollars off come first, by their code: the tenth is of what they left.
    assert_eq!(discounts, [("fiver", 500), ("tenth", 850)]);
    assert_eq!(quoted.price_minor_units, 7_650);
    let of_lines: Vec<_> = quoted.discounts[1]
        .lines
        .iter()
        .map(|of| (of.line_id.as_str(), of.minor_units))
        .collect();
    assert_eq!(of_lines, [("1", 567), ("2", 283)]);
    let unmet: Vec<_> = quoted
        .campaigns
        .iter()
        .map(|of| (of.campaign.as_str(), of.fired))
        .collect();
    assert_eq!(unmet, [("fiver", true), ("tenth", true)]);

    let decision = quoted.decision.unwrap();
    let recorded = shop
        .try_input("17", quoted.input.unwrap())
        .await
        .unwrap()
        .into_inner()
        .activity
        .unwrap();
    assert_eq!(
        (worth(&recorded), recorded.decision.unwrap().awards),
        (152, decision.awards)
    );
    let refused = refusal(try_quote(&shop, bought("17", 100), &[]).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "ORDER_EXISTS")
    );
}

#[tokio::test]
async fn a_policy_says_how_discounts_go_together_from_when_it_holds() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", sale("a", pb::discount::Off::PerMille(200)))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-2", sale("b", pb::discount::Off::PerMille(50)))
        .await
        .unwrap();
    let price = async |floors: &[(&str, i64)]| {
        let quoted = try_quote(&shop, bought("17", 100_000), floors).await;
        quoted.unwrap().into_inner().price_minor_units
    };
    assert_eq!(price(&[]).await, 76_000);
    let initial = pb::DiscountPolicy {
        stacking: pb::DiscountStacking::Initial.into(),
        max_total_per_mille: 1_000,
        floor_per_mille: 0,
    };
    assert!(publish_policy(&shop, "p-1", initial).await.changed);
    assert!(!publish_policy(&shop, "p-2", initial).await.changed);
    assert_eq!(price(&[]).await, 75_000);
    assert_eq!(price(&[("1", 77_000)]).await, 77_000);
    let capped = pb::DiscountPolicy {
        max_total_per_mille: 100,
        ..initial
    };
    assert_eq!(
        publish_policy(&shop, "p-3", capped)
            .await
            .discount_policy_version
            .unwrap()
            .version,
        2
    );
    assert_eq!(price(&[]).await, 90_000);
    let listed = shop
        .program
        .rules()
        .list_rules(pb::ListRulesRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.discount_policy_version.unwrap().discount_policy, Some(capped));

    let early = pb::PublishDiscountPolicyRequest {
        request_id: "p-4".to_owned(),
        discount_policy: Some(initial),
        effective_from: Some(at("2025-01-01T00:00:00Z")),
    };
    let refused = refusal(shop.program.rules().publish_discount_policy(early).await);
    assert_eq!(refused.reason, "EFFECTIVE_IN_PAST");
}

#[tokio::test]
async fn only_orders_have_a_price_and_only_their_lines_a_floor() {
    let shop = Shop::open().await;
    shop.buys("17", 100).await;
    for did in [did("review"), brought_back("17", &[])] {
        let refused = refusal(try_quote(&shop, did, &[]).await);
        assert_eq!(
            (refused.code, refused.fields),
            (Code::InvalidArgument, vec!["input.purchase".to_owned()])
        );
    }
    let refused = refusal(try_quote(&shop, bought("18", 100), &[("1", 5), ("2", 5)]).await);
    assert_eq!(
        (refused.code, refused.fields),
        (Code::InvalidArgument, vec!["floors[1].line_id".to_owned()])
    );
}

#[tokio::test]
async fn a_campaign_that_only_takes_off_prices_has_nothing_to_count() {
    let shop = Shop::open().await;
    let nothing = pb::Campaign {
        effects: vec![],
        ..double("nothing")
    };
    let refused = refusal(publish_campaign(&shop.program, "c-1", nothing).await);
    assert_eq!(
        (refused.reason.as_str(), refused.fields),
        ("CAMPAIGN_INVALID", vec!["campaign.effects".to_owned()])
    );
    let limit = pb::Limit {
        period: pb::LimitPeriod::Day.into(),
        times: 1,
        points: 0,
    };
    let limited = pb::Campaign {
        limits: vec![limit],
        ..sale("limited", pb::discount::Off::PerMille(1))
    };
    let refused = refusal(publish_campaign(&shop.program, "c-2", limited).await);
    assert_eq!(
        (refused.reason.as_str(), refused.fields),
        ("CAMPAIGN_INVALID", vec!["campaign.limits".to_owned()])
    );
}
