//! Stored value: what is paid in, how it is spent, what comes back, and what is paid out.

use proto::points as pb;

use crate::{
    support::Ledger,
    topping_up::{Card, gift, shares},
};

#[tokio::test]
async fn what_is_paid_and_what_is_given_on_top_lie_apart_and_are_spent_together() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let first = card.top_up("pay-1", 100_000, 50_000).await;
    let again = card.top_up("pay-1", 100_000, 50_000).await;
    assert_eq!(first, again);
    assert_eq!(shares(&first, pb::EntryKind::Earn), (100_000, 50_000));
    assert!(first.iter().all(|entry| entry.reference == "pay-1"));
    assert_eq!(card.spend("o-1", 30_000).await, (20_000, 10_000));
    assert_eq!(
        card.spend("o-2", 1).await,
        (0, 1),
        "what cannot be parted is the bonus's"
    );
    assert_eq!(card.spend("o-1", 30_000).await, (20_000, 10_000), "a repeat");
    let value = card.value().await;
    assert_eq!((value.spendable, value.cash_out), (119_999, 80_000));
}

#[tokio::test]
async fn the_order_of_the_wallet_says_from_which_a_payment_is_taken() {
    for (order, parted) in [
        (pb::SpendOrder::BonusFirst, (10_000, 50_000)),
        (pb::SpendOrder::PrincipalFirst, (60_000, 0)),
    ] {
        let card = Card::open(order).await;
        card.top_up("pay-1", 100_000, 50_000).await;
        assert_eq!(card.spend("o-1", 60_000).await, parted);
    }
}

#[tokio::test]
async fn an_order_comes_back_to_where_it_was_taken_from_in_however_many_steps() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    card.top_up("pay-1", 100_000, 33_333).await;
    let paid = card.spend("o-1", 77_777).await;
    let mut back = (0, 0);
    for (number, some) in [10_001, 1, 30_000, 37_775].into_iter().enumerate() {
        let (principal, bonus) = card.refund(&format!("return-{number}"), "o-1", some).await;
        assert_eq!(principal + bonus, some);
        back = (back.0 + principal, back.1 + bonus);
    }
    assert_eq!(back, paid);
    assert_eq!(card.available().await, (100_000, 33_333));
    let paid = card.spend("o-2", 50_000).await;
    assert_eq!(card.refund("return-all", "o-2", 0).await, paid);
}

#[tokio::test]
async fn a_payment_comes_back_as_it_was_parted_even_when_the_order_has_changed() {
    let card = Card::open(pb::SpendOrder::BonusFirst).await;
    card.top_up("pay-1", 100_000, 50_000).await;
    assert_eq!(card.spend("o-1", 60_000).await, (10_000, 50_000));
    card.program.advance_to("2026-01-01T06:00:00Z").await;
    let request = pb::PublishWalletRequest {
        request_id: "publish-again".to_owned(),
        wallet: Some(crate::topping_up::card(pb::SpendOrder::PrincipalFirst)),
        effective_from: None,
    };
    card.program.wallets().publish_wallet(request).await.unwrap();
    assert_eq!(card.refund("return-1", "o-1", 20_000).await, (10_000, 10_000));
}

#[tokio::test]
async fn what_is_set_aside_is_captured_in_part_and_the_rest_comes_back() {
    let card = Card::open(pb::SpendOrder::BonusFirst).await;
    card.top_up("pay-1", 100_000, 50_000).await;
    let held = card.try_hold("h-1", 60_000).await.unwrap().into_inner();
    assert_eq!(shares(&held.entries, pb::EntryKind::Hold), (10_000, 50_000));
    assert_eq!(card.value().await.cash_out, 0, "something is set aside");
    let captured = card.try_capture("c-1", "h-1", 20_000).await.unwrap().into_inner();
    assert_eq!(shares(&captured.entries, pb::EntryKind::Capture), (0, 20_000));
    assert_eq!(shares(&captured.entries, pb::EntryKind::Release), (10_000, 30_000));
    let again = card.try_capture("c-1", "h-1", 20_000).await.unwrap().into_inner();
    assert_eq!(captured, again);
    assert_eq!(card.available().await, (100_000, 30_000));
    assert_eq!(card.refund("return-1", "c-1", 5_000).await, (0, 5_000));
    card.try_hold("h-2", 1_000).await.unwrap();
    let all = card.try_capture("c-2", "h-2", 0).await.unwrap().into_inner();
    assert_eq!(shares(&all.entries, pb::EntryKind::Capture), (0, 1_000));
    card.try_hold("h-3", 40_000).await.unwrap();
    card.try_release("rel-3", "h-3").await.unwrap();
    assert_eq!(card.available().await, (100_000, 34_000));
}

#[tokio::test]
async fn a_cash_out_pays_the_principal_less_used_gifts_and_forfeits_the_rest() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let mut request = card.top_up_request("pay-1", 100_000, 20_000);
    request.gifts = vec![gift("pan", 30_000), gift("coupon-1", 5_000)];
    card.try_top_up(request).await.unwrap();
    card.top_up("pay-2", 50_000, 0).await;
    card.spend("o-1", 17_000).await;
    let (principal, bonus) = card.available().await;
    let out = card.try_cash_out("out-1", &["pan"]).await.unwrap().into_inner();
    assert_eq!(out, card.try_cash_out("out-1", &["pan"]).await.unwrap().into_inner());
    assert_eq!(shares(&out.entries, pb::EntryKind::CashOut), (principal - 30_000, 0));
    assert_eq!(shares(&out.entries, pb::EntryKind::Spend), (30_000, 0));
    assert_eq!(shares(&out.entries, pb::EntryKind::Forfeit), (0, bonus));
    assert_eq!(card.available().await, (0, 0));

    let newest = card.top_ups(1, "").await;
    assert_eq!(newest.top_ups[0].payment_id, "pay-2");
    let oldest = card.top_ups(1, &newest.next_page_token).await;
    assert_eq!((oldest.top_ups.len(), oldest.next_page_token.as_str()), (1, ""));
    let states: Vec<_> = oldest.top_ups[0].gifts.iter().map(pb::Gift::state).collect();
    assert_eq!(states, [pb::GiftState::Used, pb::GiftState::Forfeited]);

    let paid = principal - 30_000;
    assert_eq!(
        card.refund("undo-1", "out-1", paid + bonus).await,
        (paid, bonus),
        "the transfer failed"
    );
    assert_eq!(card.available().await, (paid, bonus), "what the pan cost stays");
}

#[tokio::test]
async fn used_gifts_cost_no_more_than_there_is_and_nothing_where_members_keep_them() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let mut request = card.top_up_request("pay-1", 10_000, 0);
    request.gifts = vec![gift("pan", 30_000)];
    card.try_top_up(request).await.unwrap();
    let out = card.try_cash_out("out-1", &["pan"]).await.unwrap().into_inner();
    assert_eq!(shares(&out.entries, pb::EntryKind::Spend), (10_000, 0));
    assert_eq!(shares(&out.entries, pb::EntryKind::CashOut), (0, 0));

    let mut wallet = crate::topping_up::card(pb::SpendOrder::Unspecified);
    wallet.stored_value.as_mut().unwrap().used_gifts = 0;
    let card = Card::with(wallet).await;
    let mut request = card.top_up_request("pay-1", 10_000, 0);
    request.gifts = vec![gift("pan", 30_000)];
    card.try_top_up(request).await.unwrap();
    let out = card.try_cash_out("out-1", &["pan"]).await.unwrap().into_inner();
    assert_eq!(shares(&out.entries, pb::EntryKind::CashOut), (10_000, 0));
}

#[tokio::test]
async fn a_request_is_told_from_others_of_the_same_name() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let ledger = Ledger {
        program: card.program.clone(),
        member_id: card.member_id.clone(),
    };
    card.top_up("pay-1", 1_000, 500).await;
    ledger.earn(700, "o-7").await;
    ledger.spend(200, "o-7").await;
    ledger.hold(300, "o-7").await;
    assert_eq!(card.spend("o-7", 600).await, (400, 200));
    card.try_hold("o-7", 300).await.unwrap();
    let captured = card.try_capture("c-7", "o-7", 150).await.unwrap().into_inner();
    assert_eq!(shares(&captured.entries, pb::EntryKind::Capture), (100, 50));
    assert_eq!(card.refund("return-7", "o-7", 0).await, (400, 200));
    assert_eq!(ledger.available().await, 200, "the points were not concerned");
}

#[tokio::test]
async fn a_payment_is_credited_once_whoever_asks_and_however_many_do_at_once() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let mut asked = Vec::new();
    for number in 0..16 {
        let member_id = card.program.enrolled().await;
        let mut request = card.top_up_request("pay-1", 1_000, 0);
        request.member_id = member_id;
        request.request_id = format!("top-up-{number}");
        asked.push(card.try_top_up(request));
    }
    let answers = futures::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_eq!(harness::refusal(refused).reason, "PAYMENT_USED");
    }
}

#[tokio::test]
async fn the_books_of_both_wallets_tell_where_the_money_went() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    card.top_up("pay-1", 100_000, 50_000).await;
    card.spend("o-1", 30_000).await;
    card.refund("return-1", "o-1", 3_000).await;
    card.try_cash_out("out-1", &[]).await.unwrap();
    for (wallet, issued, redeemed, restored, paid_out, forfeited) in [
        ("card", 100_000, 20_000, 2_000, 82_000, 0),
        ("bonus", 50_000, 10_000, 1_000, 0, 41_000),
    ] {
        let request = pb::ListRollForwardRequest {
            wallet: wallet.to_owned(),
            period: pb::Period::Day.into(),
            basis: pb::DayBasis::Occurred.into(),
            first_day: "2026-01-01".to_owned(),
            last_day: "2026-01-01".to_owned(),
        };
        let rolled = card.program.liability().list_roll_forward(request).await;
        let rolled = rolled.unwrap().into_inner();
        assert_eq!((rolled.difference, rolled.debt_difference), (0, 0));
        let lines = pb::RollForwardLines {
            issued,
            redeemed,
            restored,
            paid_out,
            forfeited,
            ..pb::RollForwardLines::default()
        };
        assert_eq!(rolled.periods[0].lines, Some(lines));
        assert_eq!(rolled.periods[0].closing_points, 0);
    }
}
