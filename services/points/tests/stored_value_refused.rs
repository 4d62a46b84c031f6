//! How stored value refuses, and what a wallet of it cannot say.

use harness::{Refused, refusal};
use proto::points as pb;
use tonic::Code;

use crate::{
    support::{Ledger, publish, try_publish, wallet},
    topping_up::{Card, card, gift},
};

fn told(refused: &Refused) -> (Code, &str) {
    (refused.code, refused.reason.as_str())
}

#[tokio::test]
async fn no_more_lies_there_than_the_law_lets_and_what_was_paid_is_never_cut() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    card.top_up("pay-1", 400_000, 50_000).await;
    let refused = refusal(card.try_top_up(card.top_up_request("pay-2", 50_000, 1)).await);
    assert_eq!(told(&refused), (Code::FailedPrecondition, "STORED_VALUE_LIMIT"));
    assert_eq!(refused.metadata["most"], "500000");
    assert_eq!(refused.metadata["balance"], "450000");
    card.top_up("pay-2-again", 50_000, 0).await;
    assert_eq!(card.available().await, (450_000, 50_000));
}

#[tokio::test]
async fn nothing_is_spent_held_or_paid_out_that_is_not_there() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    assert_eq!(
        refusal(card.try_cash_out("out-0", &[]).await).reason,
        "INSUFFICIENT_POINTS"
    );
    card.top_up("pay-1", 1_000, 500).await;
    let refused = refusal(card.try_spend("o-1", 1_501).await);
    assert_eq!(told(&refused), (Code::FailedPrecondition, "INSUFFICIENT_POINTS"));
    assert_eq!(
        (
            refused.metadata["available"].as_str(),
            refused.metadata["missing"].as_str()
        ),
        ("1500", "1")
    );
    assert_eq!(refusal(card.try_hold("h-1", 1_501).await).reason, "INSUFFICIENT_POINTS");
    card.try_hold("h-2", 300).await.unwrap();
    let refused = refusal(card.try_cash_out("out-1", &[]).await);
    assert_eq!(told(&refused), (Code::FailedPrecondition, "VALUE_HELD"));
    assert_eq!(
        refusal(card.try_capture("c-1", "h-2", 301).await).reason,
        "MORE_THAN_HELD"
    );
    card.try_release("rel-1", "h-2").await.unwrap();
    for late in [
        refusal(card.try_capture("c-2", "h-2", 100).await),
        refusal(card.try_release("rel-2", "h-2").await),
    ] {
        assert_eq!(told(&late), (Code::FailedPrecondition, "HOLD_NOT_ACTIVE"));
    }
    let refused = refusal(card.try_cash_out("out-2", &["pan"]).await);
    assert_eq!(told(&refused), (Code::NotFound, "GIFT_NOT_FOUND"));
}

#[tokio::test]
async fn no_more_comes_back_than_was_paid_and_nothing_of_what_was_not() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    card.top_up("pay-1", 1_000, 500).await;
    card.spend("o-1", 600).await;
    card.refund("return-1", "o-1", 400).await;
    let refused = refusal(card.try_refund("return-2", "o-1", 201).await);
    assert_eq!(told(&refused), (Code::FailedPrecondition, "MORE_THAN_ENTRY"));
    assert_eq!(refused.metadata["left"], "200");
    card.refund("return-3", "o-1", 0).await;
    assert_eq!(
        refusal(card.try_refund("return-4", "o-1", 0).await).reason,
        "MORE_THAN_ENTRY"
    );
    for nothing in [
        refusal(card.try_refund("return-5", "o-9", 1).await),
        refusal(card.try_refund("return-6", "top-up-pay-1", 1).await),
    ] {
        assert_eq!(told(&nothing), (Code::NotFound, "ENTRY_NOT_FOUND"));
    }
    card.try_cash_out("out-1", &[]).await.unwrap();
    let part = refusal(card.try_refund("undo-1", "out-1", 1).await);
    assert_eq!(part.reason, "MORE_THAN_ENTRY", "a cash-out comes back as a whole");
}

#[tokio::test]
async fn the_principal_moves_through_its_own_service_only() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    card.top_up("pay-1", 1_000, 0).await;
    let paid = card.try_spend("o-1", 300).await.unwrap().into_inner().entries.remove(0);
    let ledger = Ledger {
        program: card.program.clone(),
        member_id: card.member_id.clone(),
    };
    let mut earn = ledger.earn_request(5, "e-1");
    earn.wallet = "card".to_owned();
    let mut spend = ledger.spend_request(5, "s-1");
    spend.wallet = "card".to_owned();
    let restore = pb::RestoreSpendRequest {
        request_id: "r-1".to_owned(),
        member_id: card.member_id.clone(),
        entry_id: paid.entry_id,
        points: 0,
        initiator: proto::value::Initiator::Merchant.into(),
        reference: String::new(),
    };
    let held = card.try_hold("h-1", 100).await.unwrap().into_inner();
    let hold_id = &held.entries[0].entry_id;
    for refused in [
        refusal(ledger.try_capture(hold_id, 0, "c-1").await),
        refusal(ledger.try_release(hold_id, "l-1").await),
        refusal(ledger.client().earn_points(earn).await),
        refusal(ledger.client().spend_points(spend).await),
        refusal(ledger.client().restore_spend(restore).await),
    ] {
        assert_eq!(told(&refused), (Code::FailedPrecondition, "STORED_VALUE"));
    }
}

#[tokio::test]
async fn points_are_no_stored_value_and_a_card_may_have_no_bonus() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let mut request = card.top_up_request("pay-1", 1_000, 0);
    request.wallet = "points".to_owned();
    let refused = refusal(card.try_top_up(request).await);
    assert_eq!(told(&refused), (Code::FailedPrecondition, "NOT_STORED_VALUE"));
    let read = pb::GetStoredValueRequest {
        member_id: card.member_id.clone(),
        wallet: "points".to_owned(),
    };
    let refused = refusal(card.program.stored_value().get_stored_value(read).await);
    assert_eq!(refused.reason, "NOT_STORED_VALUE");

    let mut plain = crate::topping_up::card(pb::SpendOrder::Unspecified);
    plain.stored_value.as_mut().unwrap().bonus_wallet.clear();
    let card = Card::with(plain).await;
    let refused = refusal(card.try_top_up(card.top_up_request("pay-1", 1_000, 1)).await);
    assert_eq!(told(&refused), (Code::FailedPrecondition, "NO_BONUS_WALLET"));
    card.top_up("pay-1", 1_000, 0).await;
    assert_eq!(card.spend("o-1", 400).await, (400, 0));
    let out = card.try_cash_out("out-1", &[]).await.unwrap().into_inner();
    assert_eq!(out.entries.len(), 1);
}

#[tokio::test]
async fn what_holds_stored_value_and_what_lies_beside_it_is_for_ever() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    publish(&card.program, wallet("other")).await;
    let with_bonus = |code: &str, bonus: &str| {
        let mut wallet = pb::Wallet {
            code: code.to_owned(),
            scale: if code == "points" { 0 } else { 2 },
            ..crate::topping_up::card(pb::SpendOrder::Unspecified)
        };
        wallet.stored_value.as_mut().unwrap().bonus_wallet = bonus.to_owned();
        wallet
    };
    let plain = pb::Wallet {
        stored_value: None,
        ..with_bonus("card", "")
    };
    let refused = [
        ("points become money", with_bonus("points", "")),
        ("money becomes points", plain),
        ("the bonus is elsewhere", with_bonus("card", "other")),
        ("the bonus is nowhere", with_bonus("card-2", "nowhere")),
        ("the bonus is of another", with_bonus("card-2", "bonus")),
        ("the bonus is money", with_bonus("card-2", "card")),
        ("the bonus becomes money", with_bonus("bonus", "")),
    ];
    for (number, (why, wallet)) in refused.into_iter().enumerate() {
        let told_so = refusal(try_publish(&card.program, &format!("p-{number}"), wallet).await);
        assert_eq!(
            told(&told_so),
            (Code::FailedPrecondition, "STORED_VALUE_FIXED"),
            "{why}"
        );
    }
    let fit = with_bonus("card-2", "other");
    try_publish(&card.program, "p-9", fit).await.unwrap();
}

#[tokio::test]
async fn gifts_are_named_once_and_their_state_is_not_the_callers() {
    let card = Card::open(pb::SpendOrder::Unspecified).await;
    let mut request = card.top_up_request("pay-1", 1_000, 0);
    let settled = pb::Gift {
        state: pb::GiftState::Used.into(),
        ..gift("pan", 1)
    };
    request.gifts = vec![gift("pan", 1), settled];
    let refused = refusal(card.try_top_up(request).await);
    assert_eq!(refused.fields, ["gifts[1].gift_id", "gifts[1].state"]);
    let refused = refusal(card.try_cash_out("out-1", &["pan", "pan"]).await);
    assert_eq!(refused.fields, ["used_gift_ids[1]"]);
}

#[tokio::test]
async fn a_wallet_of_members_money_neither_owes_nor_cuts_nor_lapses_too_soon() {
    let ledger = Ledger::open().await;
    publish(&ledger.program, wallet("bonus")).await;
    let mut unlawful = card(pb::SpendOrder::Unspecified);
    unlawful.overdraft = pb::OverdraftPolicy::CarryDebt.into();
    unlawful.transfer = pb::TransferPolicy::KeepDates.into();
    unlawful.caps = Some(pb::Caps {
        earning: 100,
        ..pb::Caps::default()
    });
    unlawful.expiry = crate::support::wallet_of_days(3_000).expiry;
    let policy = unlawful.stored_value.as_mut().unwrap();
    policy.bonus_wallet = "card".to_owned();
    policy.max_balance = 500_001;
    let mut refused = refusal(try_publish(&ledger.program, "p-1", unlawful).await);
    refused.fields.sort();
    let fields = [
        "wallet.caps",
        "wallet.expiry",
        "wallet.overdraft",
        "wallet.stored_value.bonus_wallet",
        "wallet.stored_value.max_balance",
        "wallet.transfer",
    ];
    assert_eq!(refused.fields, fields);
    let anonymous = |days| {
        let mut wallet = card(pb::SpendOrder::Unspecified);
        wallet.stored_value.as_mut().unwrap().regime = pb::PrepaidRegime::CnAnonymous.into();
        wallet.expiry = crate::support::wallet_of_days(days).expiry;
        wallet
    };
    let refused = refusal(try_publish(&ledger.program, "p-2", anonymous(1_095)).await);
    assert_eq!(refused.fields, ["wallet.expiry"]);
    try_publish(&ledger.program, "p-3", anonymous(1_096)).await.unwrap();
}
