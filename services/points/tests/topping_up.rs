//! A member with a prepaid card, and short words for what is asked of it.

use harness::Program;
use proto::{
    points::{self as pb, refund_stored_value_request::TakenBy},
    value,
};

use crate::support::{Answer, Ledger, publish, wallet};

/// A member of a program of one's own with wallets "card" and "bonus", in cents.
pub struct Card {
    pub program: Program,
    pub member_id: String,
}

/// Makes a wallet of stored value whose bonus lies in "bonus".
pub fn card(order: pb::SpendOrder) -> pb::Wallet {
    pb::Wallet {
        overdraft: pb::OverdraftPolicy::Forbid.into(),
        scale: 2,
        stored_value: Some(pb::StoredValuePolicy {
            bonus_wallet: "bonus".to_owned(),
            spend_order: order.into(),
            regime: pb::PrepaidRegime::CnNamed.into(),
            used_gifts: pb::UsedGiftPolicy::Deduct.into(),
            ..pb::StoredValuePolicy::default()
        }),
        ..wallet("card")
    }
}

impl Card {
    pub async fn open(order: pb::SpendOrder) -> Card {
        Card::with(card(order)).await
    }

    pub async fn with(wallet: pb::Wallet) -> Card {
        let Ledger { program, member_id } = Ledger::open().await;
        publish(&program, wallet_of_bonus()).await;
        publish(&program, wallet).await;
        Card { program, member_id }
    }

    pub fn top_up_request(&self, payment: &str, paid: i64, bonus: i64) -> pb::TopUpRequest {
        pb::TopUpRequest {
            request_id: format!("top-up-{payment}"),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            payment_id: payment.to_owned(),
            paid,
            bonus,
            gifts: Vec::new(),
        }
    }

    pub async fn try_top_up(&self, request: pb::TopUpRequest) -> Answer<pb::TopUpResponse> {
        self.program.stored_value().top_up(request).await
    }

    pub async fn top_up(&self, payment: &str, paid: i64, bonus: i64) -> Vec<pb::Entry> {
        let answer = self.try_top_up(self.top_up_request(payment, paid, bonus)).await;
        answer.expect("value can be paid in").into_inner().entries
    }

    pub async fn try_spend(&self, request_id: &str, minor_units: i64) -> Answer<pb::SpendStoredValueResponse> {
        let request = pb::SpendStoredValueRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            minor_units,
            reference: "order-1".to_owned(),
        };
        self.program.stored_value().spend_stored_value(request).await
    }

    /// Pays, and returns what was taken from each wallet.
    pub async fn spend(&self, request_id: &str, minor_units: i64) -> (i64, i64) {
        let answer = self.try_spend(request_id, minor_units).await;
        shares(
            &answer.expect("value can be spent").into_inner().entries,
            pb::EntryKind::Spend,
        )
    }

    pub async fn try_hold(&self, request_id: &str, minor_units: i64) -> Answer<pb::HoldStoredValueResponse> {
        let request = pb::HoldStoredValueRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            minor_units,
            ttl_seconds: 600,
            reference: "order-1".to_owned(),
        };
        self.program.stored_value().hold_stored_value(request).await
    }

    pub async fn try_capture(
        &self,
        request_id: &str,
        hold: &str,
        minor_units: i64,
    ) -> Answer<pb::CaptureStoredValueResponse> {
        let request = pb::CaptureStoredValueRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            hold_request_id: hold.to_owned(),
            minor_units,
            reference: "order-1".to_owned(),
        };
        self.program.stored_value().capture_stored_value(request).await
    }

    pub async fn try_release(&self, request_id: &str, hold: &str) -> Answer<pb::ReleaseStoredValueResponse> {
        let request = pb::ReleaseStoredValueRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            hold_request_id: hold.to_owned(),
        };
        self.program.stored_value().release_stored_value(request).await
    }

    pub async fn try_refund(
        &self,
        request_id: &str,
        payment: &str,
        minor_units: i64,
    ) -> Answer<pb::RefundStoredValueResponse> {
        let request = pb::RefundStoredValueRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            taken_by: Some(taken_by(payment)),
            minor_units,
            initiator: value::Initiator::Merchant.into(),
            reference: "return-1".to_owned(),
        };
        self.program.stored_value().refund_stored_value(request).await
    }

    /// Gives back, and returns what came back to each wallet.
    pub async fn refund(&self, request_id: &str, payment: &str, minor_units: i64) -> (i64, i64) {
        let answer = self.try_refund(request_id, payment, minor_units).await;
        shares(
            &answer.expect("it can be given back").into_inner().entries,
            pb::EntryKind::Restore,
        )
    }

    pub async fn try_cash_out(&self, request_id: &str, used: &[&str]) -> Answer<pb::CashOutResponse> {
        let request = pb::CashOutRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
            used_gift_ids: used.iter().map(|id| (*id).to_owned()).collect(),
            reference: "transfer-1".to_owned(),
        };
        self.program.stored_value().cash_out(request).await
    }

    pub async fn value(&self) -> pb::GetStoredValueResponse {
        let request = pb::GetStoredValueRequest {
            member_id: self.member_id.clone(),
            wallet: "card".to_owned(),
        };
        let answer = self.program.stored_value().get_stored_value(request).await;
        answer.expect("it can be read").into_inner()
    }

    /// Returns what can be spent of each.
    pub async fn available(&self) -> (i64, i64) {
        let value = self.value().await;
        (value.principal.unwrap().available, value.bonus.unwrap().available)
    }

    pub async fn top_ups(&self, page_size: i32, page_token: &str) -> pb::ListTopUpsResponse {
        let request = pb::ListTopUpsRequest {
            member_id: self.member_id.clone(),
            page_size,
            page_token: page_token.to_owned(),
        };
        let answer = self.program.stored_value().list_top_ups(request).await;
        answer.expect("they can be listed").into_inner()
    }
}

/// Names what is given back: the tests call captures "c-", cash-outs "out-" and spends anything else.
fn taken_by(request_id: &str) -> TakenBy {
    let request_id = request_id.to_owned();
    match request_id.split('-').next() {
        Some("c") => TakenBy::CaptureRequestId(request_id),
        Some("out") => TakenBy::CashOutRequestId(request_id),
        _ => TakenBy::SpendRequestId(request_id),
    }
}

pub fn gift(gift_id: &str, minor_units: i64) -> pb::Gift {
    pb::Gift {
        gift_id: gift_id.to_owned(),
        minor_units,
        ..pb::Gift::default()
    }
}

/// Adds up what entries of a kind moved in "card" and in "bonus".
pub fn shares(entries: &[pb::Entry], kind: pb::EntryKind) -> (i64, i64) {
    let of = |wallet: &str| {
        let moved = entries
            .iter()
            .filter(|entry| entry.kind() == kind && entry.wallet == wallet);
        moved.map(|entry| entry.points).sum()
    };
    (of("card"), of("bonus"))
}

fn wallet_of_bonus() -> pb::Wallet {
    pb::Wallet {
        overdraft: pb::OverdraftPolicy::Forbid.into(),
        scale: 2,
        ..wallet("bonus")
    }
}
