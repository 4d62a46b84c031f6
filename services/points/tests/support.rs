//! A member with a wallet, and short words for what is asked of the ledger.

use harness::{Program, suite};
use proto::{
    member::FreezeMemberRequest,
    points::{self as pb, consistency::Requirement, expiry_policy::Policy, points_service_client::PointsServiceClient},
};
use tonic::{Response, Status};

/// What a call answers.
pub type Answer<T> = Result<Response<T>, Status>;

/// A member of a program of one's own, who has a wallet "points" that never lapses and carries debts.
pub struct Ledger {
    pub program: Program,
    pub member_id: String,
}

impl Ledger {
    pub async fn open() -> Ledger {
        Ledger::with(wallet("points")).await
    }

    /// Opens the ledger with a wallet of one's own.
    pub async fn with(wallet: pb::Wallet) -> Ledger {
        let program = suite().program().await;
        publish(&program, wallet).await;
        let member_id = program.enrolled().await;
        Ledger { program, member_id }
    }

    /// Returns another member of the same program.
    pub async fn another(&self) -> Ledger {
        let member_id = self.program.enrolled().await;
        Ledger {
            program: self.program.clone(),
            member_id,
        }
    }

    pub fn client(&self) -> PointsServiceClient<harness::Client> {
        self.program.points()
    }

    pub fn earn_request(&self, points: i64, request_id: &str) -> pb::EarnPointsRequest {
        pb::EarnPointsRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "points".to_owned(),
            points,
            ..pb::EarnPointsRequest::default()
        }
    }

    pub async fn earn(&self, points: i64, request_id: &str) -> pb::Entry {
        let answer = self.client().earn_points(self.earn_request(points, request_id)).await;
        answer
            .expect("points can be earned")
            .into_inner()
            .entry
            .expect("the answer has the entry")
    }

    pub fn spend_request(&self, points: i64, request_id: &str) -> pb::SpendPointsRequest {
        pb::SpendPointsRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "points".to_owned(),
            points,
            reference: String::new(),
        }
    }

    pub async fn try_spend(&self, points: i64, request_id: &str) -> Answer<pb::SpendPointsResponse> {
        self.client().spend_points(self.spend_request(points, request_id)).await
    }

    pub async fn spend(&self, points: i64, request_id: &str) -> pb::Entry {
        let answer = self.try_spend(points, request_id).await;
        answer
            .expect("points can be spent")
            .into_inner()
            .entry
            .expect("the answer has the entry")
    }

    pub async fn try_hold(&self, points: i64, request_id: &str) -> Answer<pb::HoldPointsResponse> {
        let request = pb::HoldPointsRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            wallet: "points".to_owned(),
            points,
            ..pb::HoldPointsRequest::default()
        };
        self.client().hold_points(request).await
    }

    pub async fn hold(&self, points: i64, request_id: &str) -> pb::Hold {
        let answer = self.try_hold(points, request_id).await;
        answer
            .expect("points can be held")
            .into_inner()
            .hold
            .expect("the answer has the hold")
    }

    pub async fn try_capture(&self, hold_id: &str, points: i64, request_id: &str) -> Answer<pb::CaptureHoldResponse> {
        let request = pb::CaptureHoldRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            hold_id: hold_id.to_owned(),
            points,
            reference: String::new(),
        };
        self.client().capture_hold(request).await
    }

    pub async fn try_release(&self, hold_id: &str, request_id: &str) -> Answer<pb::ReleaseHoldResponse> {
        let request = pb::ReleaseHoldRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            hold_id: hold_id.to_owned(),
        };
        self.client().release_hold(request).await
    }

    pub async fn try_reverse(&self, entry_id: &str, points: i64, request_id: &str) -> Answer<pb::ReverseEntryResponse> {
        let request = pb::ReverseEntryRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            entry_id: entry_id.to_owned(),
            points,
            reference: String::new(),
        };
        self.client().reverse_entry(request).await
    }

    pub async fn reverse(&self, entry_id: &str, points: i64, request_id: &str) -> pb::Entry {
        let answer = self.try_reverse(entry_id, points, request_id).await;
        answer
            .expect("the earning can be reversed")
            .into_inner()
            .entry
            .expect("the answer has the entry")
    }

    pub async fn try_restore(&self, entry_id: &str, points: i64, request_id: &str) -> Answer<pb::RestoreSpendResponse> {
        let request = pb::RestoreSpendRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            entry_id: entry_id.to_owned(),
            points,
            initiator: proto::value::Initiator::Member.into(),
            reference: String::new(),
        };
        self.client().restore_spend(request).await
    }

    pub async fn post(&self, request_id: &str, postings: Vec<pb::Posting>) -> Answer<pb::PostBatchResponse> {
        let request = pb::PostBatchRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            postings,
            reference: "order-1".to_owned(),
        };
        self.client().post_batch(request).await
    }

    pub async fn try_balance(&self, requirement: Option<Requirement>) -> Answer<pb::GetBalanceResponse> {
        let request = pb::GetBalanceRequest {
            member_id: self.member_id.clone(),
            wallet: "points".to_owned(),
            consistency: requirement.map(|requirement| pb::Consistency {
                requirement: Some(requirement),
            }),
            ..pb::GetBalanceRequest::default()
        };
        self.client().get_balance(request).await
    }

    pub async fn balance(&self, requirement: Option<Requirement>) -> pb::Balance {
        let answer = self.try_balance(requirement).await;
        answer
            .expect("the balance can be read")
            .into_inner()
            .balance
            .expect("the answer has the balance")
    }

    /// Returns what the member has by the record itself.
    pub async fn amounts(&self) -> pb::Amounts {
        self.balance(Some(Requirement::FullyConsistent(())))
            .await
            .amounts
            .expect("the balance has the amounts")
    }

    pub async fn available(&self) -> i64 {
        self.amounts().await.available
    }

    /// Returns of which lots the points of an entry are, and how many of each.
    pub async fn lots_of(&self, entry: &pb::Entry) -> Vec<(String, i64)> {
        let request = pb::ExplainEntryRequest {
            entry_id: entry.entry_id.clone(),
        };
        let answer = self.client().explain_entry(request).await;
        let explained = answer.expect("the entry can be explained").into_inner();
        assert_eq!(explained.entry.as_ref(), Some(entry));
        let points = |share: &pb::LotShare| share.portion.as_ref().map_or(0, |portion| portion.points);
        let share = |share: pb::LotShare| (share.lot_id.clone(), points(&share));
        explained.lots.into_iter().map(share).collect()
    }

    /// Lists all entries, the oldest first.
    pub async fn entries(&self) -> Vec<pb::Entry> {
        let request = pb::ListEntriesRequest {
            member_id: self.member_id.clone(),
            page_size: 1_000,
            ..pb::ListEntriesRequest::default()
        };
        let mut entries = self
            .client()
            .list_entries(request)
            .await
            .expect("entries can be listed")
            .into_inner()
            .entries;
        entries.reverse();
        entries
    }

    /// Freezes the member, and waits until the ledger knows.
    pub async fn freeze(&self) {
        let request = FreezeMemberRequest {
            request_id: "freeze".to_owned(),
            member_id: self.member_id.clone(),
            reason_code: "fraud-review".to_owned(),
            await_effects: true,
        };
        self.program
            .members()
            .freeze_member(request)
            .await
            .expect("a member can be frozen");
    }
}

/// Makes a wallet that never lapses and carries debts.
pub fn wallet(code: &str) -> pb::Wallet {
    pb::Wallet {
        code: code.to_owned(),
        display_name: code.to_uppercase(),
        unit: "point".to_owned(),
        scale: 0,
        expiry: Some(pb::ExpiryPolicy {
            policy: Some(Policy::None(pb::NoExpiry {})),
        }),
        overdraft: pb::OverdraftPolicy::CarryDebt.into(),
        ..pb::Wallet::default()
    }
}

/// Makes a wallet whose lots live for some days.
pub fn wallet_of_days(days: i32) -> pb::Wallet {
    let expiry = Some(pb::ExpiryPolicy {
        policy: Some(Policy::AfterDays(pb::ExpiryAfterDays { days })),
    });
    pb::Wallet {
        expiry,
        ..wallet("points")
    }
}

pub async fn try_publish(program: &Program, request_id: &str, wallet: pb::Wallet) -> Answer<pb::PublishWalletResponse> {
    let request = pb::PublishWalletRequest {
        request_id: request_id.to_owned(),
        wallet: Some(wallet),
        effective_from: None,
    };
    program.wallets().publish_wallet(request).await
}

pub async fn publish(program: &Program, wallet: pb::Wallet) -> pb::WalletVersion {
    let request_id = format!("publish-{}", wallet.code);
    let answer = try_publish(program, &request_id, wallet).await;
    answer
        .expect("a wallet can be published")
        .into_inner()
        .wallet_version
        .expect("the answer has the version")
}

pub fn earn(points: i64) -> pb::Posting {
    let earn = pb::EarnPosting {
        wallet: "points".to_owned(),
        points,
        ..pb::EarnPosting::default()
    };
    pb::Posting {
        command: Some(pb::posting::Command::Earn(earn)),
        as_far_as_possible: false,
    }
}

pub fn spend(points: i64) -> pb::Posting {
    let spend = pb::SpendPosting {
        wallet: "points".to_owned(),
        points,
    };
    pb::Posting {
        command: Some(pb::posting::Command::Spend(spend)),
        as_far_as_possible: false,
    }
}

pub fn reverse(earning: pb::reverse_posting::Earning, points: i64) -> pb::Posting {
    let reverse = pb::ReversePosting {
        earning: Some(earning),
        points,
    };
    pb::Posting {
        command: Some(pb::posting::Command::Reverse(reverse)),
        as_far_as_possible: false,
    }
}

pub fn of_request(request_id: &str) -> pb::reverse_posting::Earning {
    let of_request = pb::EarningOfRequest {
        request_id: request_id.to_owned(),
        wallet: "points".to_owned(),
    };
    pb::reverse_posting::Earning::OfRequest(of_request)
}
