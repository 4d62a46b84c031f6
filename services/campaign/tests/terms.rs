//! Points that a partner pays for, and points that become available later: what is posted, and what returns take back of it.

use proto::{
    campaign as pb,
    points::{Consistency, Entry, EntryKind, GetBalanceRequest, ListEntriesRequest, consistency::Requirement},
};

use crate::support::{Shop, accrual, add_points, brought_back, double, publish_accrual, publish_campaign, worth};

fn paid_by(funder: &str) -> Option<pb::Terms> {
    Some(pb::Terms {
        funder: funder.to_owned(),
        availability: None,
    })
}

/// 50 points a purchase that a partner pays for, and as many that the program does.
fn shared(funder: &str) -> pb::Campaign {
    let of_partner = pb::Effect {
        terms: paid_by(funder),
        ..add_points(50)
    };
    pb::Campaign {
        effects: vec![of_partner, add_points(50)],
        ..double("shared")
    }
}

/// What was earned and taken back, the oldest first: the points, and who pays for them.
async fn entries(shop: &Shop) -> Vec<(EntryKind, i64, String)> {
    let request = ListEntriesRequest {
        member_id: shop.member_id.clone(),
        ..ListEntriesRequest::default()
    };
    let listed = shop.program.points().list_entries(request).await.unwrap().into_inner();
    let told = |entry: &Entry| (entry.kind(), entry.points, entry.funder.clone());
    listed.entries.iter().rev().map(told).collect()
}

async fn waiting(shop: &Shop) -> (i64, i64) {
    let request = GetBalanceRequest {
        member_id: shop.member_id.clone(),
        wallet: "points".to_owned(),
        consistency: Some(Consistency {
            requirement: Some(Requirement::FullyConsistent(())),
        }),
        ..GetBalanceRequest::default()
    };
    let balance = shop.program.points().get_balance(request).await.unwrap().into_inner();
    let amounts = balance.balance.unwrap().amounts.unwrap();
    (amounts.available, amounts.pending)
}

#[tokio::test]
async fn what_a_partner_pays_for_is_an_entry_of_its_own_and_is_taken_back_from_that() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", shared("acme")).await.unwrap();
    let bought = shop.buys("1", 10_000).await;
    assert_eq!(worth(&bought), 200);
    let funders: Vec<(i64, String)> = bought
        .decision
        .unwrap()
        .awards
        .into_iter()
        .map(|award| (award.points, award.funder))
        .collect();
    assert_eq!(funders, [(150, String::new()), (50, "acme".to_owned())]);
    assert_eq!(
        entries(&shop).await,
        [
            (EntryKind::Earn, 50, "acme".to_owned()),
            (EntryKind::Earn, 150, String::new())
        ]
    );
    shop.record("part", brought_back("1", &[("1", 4_000)])).await;
    assert_eq!(shop.available().await, 160);
    shop.record("rest", brought_back("1", &[])).await;
    assert_eq!(shop.available().await, 0);
    let of_acme: Vec<i64> = entries(&shop)
        .await
        .iter()
        .filter(|(.., funder)| funder == "acme")
        .map(|of| of.1)
        .collect();
    assert_eq!(of_acme, [50, 50], "earned, and taken back at last");
}

#[tokio::test]
async fn what_repeats_is_posted_once_in_all_its_parts() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", shared("acme")).await.unwrap();
    for _ in 0..3 {
        shop.buys("1", 10_000).await;
    }
    assert_eq!((shop.available().await, entries(&shop).await.len()), (200, 2));
}

#[tokio::test]
async fn a_funder_whom_the_wallet_does_not_know_loses_only_what_it_would_pay_for() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", shared("nobody")).await.unwrap();
    let bought = shop.buys("1", 10_000).await;
    assert_eq!(
        (bought.state(), bought.refused_reason.as_str()),
        (pb::AwardState::Refused, "FUNDER_UNKNOWN")
    );
    assert_eq!(shop.available().await, 150);
    shop.record("part", brought_back("1", &[("1", 4_000)])).await;
    assert_eq!(shop.available().await, 110);
    shop.record("rest", brought_back("1", &[])).await;
    assert_eq!(shop.available().await, 0);
}

#[tokio::test]
async fn points_that_wait_until_goods_cannot_come_back_are_pending_and_a_return_cancels_them() {
    let shop = Shop::open().await;
    let waits = |availability| {
        Some(pb::Terms {
            funder: String::new(),
            availability: Some(availability),
        })
    };
    let after_two_weeks = pb::Accrual {
        terms: waits(pb::terms::Availability::AfterDays(14)),
        ..accrual()
    };
    publish_accrual(&shop.program, "a-2", after_two_weeks).await.unwrap();
    let at_once = pb::Effect {
        terms: paid_by(""),
        ..add_points(30)
    };
    let gift = pb::Campaign {
        effects: vec![at_once],
        ..double("gift")
    };
    publish_campaign(&shop.program, "c-1", gift).await.unwrap();
    shop.buys("1", 10_000).await;
    assert_eq!(waiting(&shop).await, (30, 100));
    shop.record("part", brought_back("1", &[("1", 4_000)])).await;
    assert_eq!(waiting(&shop).await, (30, 60));
    // It was bought on 1 January in New York.
    shop.program.advance_to("2026-01-15T04:59:59Z").await;
    assert_eq!(waiting(&shop).await, (30, 60));
    shop.program.advance_to("2026-01-15T05:00:00Z").await;
    assert_eq!(waiting(&shop).await, (90, 0));
    shop.record("rest", brought_back("1", &[])).await;
    assert_eq!(waiting(&shop).await, (0, 0));
}
