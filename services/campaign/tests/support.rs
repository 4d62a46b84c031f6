//! A shop with a member, and short words for what members do there.

use harness::{Program, suite};
use proto::{
    campaign::{self as pb, activity_input::Activity as Did},
    member::FreezeMemberRequest,
    points::{self, Consistency, GetBalanceRequest, PublishWalletRequest, consistency::Requirement},
    value,
};
use tonic::{Response, Status};

/// What a call answers.
pub type Answer<T> = Result<Response<T>, Status>;

/// A program of one's own with a wallet "points" that carries debts and knows the funder "acme", one point for each full dollar, and a member.
pub struct Shop {
    pub program: Program,
    pub member_id: String,
}

impl Shop {
    pub async fn open() -> Shop {
        Shop::of(suite().program().await).await
    }

    pub async fn of(program: Program) -> Shop {
        publish_wallet(&program, "points").await;
        publish_accrual(&program, "accrual", accrual())
            .await
            .expect("an accrual can be published");
        let member_id = program.enrolled().await;
        Shop { program, member_id }
    }

    /// Returns the same shop with another member.
    pub async fn neighbour(&self) -> Shop {
        Shop {
            program: self.program.clone(),
            member_id: self.program.enrolled().await,
        }
    }

    /// Says that the member does something, without saying when.
    pub fn input(&self, did: Did) -> pb::ActivityInput {
        pb::ActivityInput {
            member_id: self.member_id.clone(),
            occurred_at: None,
            channel: "web".to_owned(),
            store: String::new(),
            activity: Some(did),
        }
    }

    pub async fn try_input(&self, request_id: &str, input: pb::ActivityInput) -> Answer<pb::RecordActivityResponse> {
        let request = pb::RecordActivityRequest {
            request_id: request_id.to_owned(),
            input: Some(input),
            park_days: 0,
            await_effects: false,
        };
        self.program.activities().record_activity(request).await
    }

    pub async fn try_record(&self, request_id: &str, did: Did) -> Answer<pb::RecordActivityResponse> {
        self.try_input(request_id, self.input(did)).await
    }

    pub async fn record(&self, request_id: &str, did: Did) -> pb::RecordActivityResponse {
        self.try_record(request_id, did)
            .await
            .expect("it can be recorded")
            .into_inner()
    }

    /// Buys goods for some cents, under the order's number as the request's id.
    pub async fn buys(&self, order_id: &str, cents: i64) -> pb::Activity {
        self.record(order_id, bought(order_id, cents))
            .await
            .activity
            .expect("the answer has the activity")
    }

    pub async fn try_preview(&self, did: Did) -> Answer<pb::PreviewActivityResponse> {
        let request = pb::PreviewActivityRequest {
            input: Some(self.input(did)),
        };
        self.program.activities().preview_activity(request).await
    }

    pub async fn try_get(&self, activity_id: &str) -> Answer<pb::GetActivityResponse> {
        let request = pb::GetActivityRequest {
            member_id: self.member_id.clone(),
            activity_id: activity_id.to_owned(),
        };
        self.program.activities().get_activity(request).await
    }

    pub async fn get(&self, activity_id: &str) -> pb::Activity {
        let got = self.try_get(activity_id).await.expect("it can be read");
        got.into_inner().activity.expect("the answer has it")
    }

    /// Returns what the points service says that the member has.
    pub async fn available(&self) -> i64 {
        self.available_in("points").await
    }

    pub async fn available_in(&self, wallet: &str) -> i64 {
        let request = GetBalanceRequest {
            member_id: self.member_id.clone(),
            wallet: wallet.to_owned(),
            consistency: Some(Consistency {
                requirement: Some(Requirement::FullyConsistent(())),
            }),
            ..GetBalanceRequest::default()
        };
        let balance = self
            .program
            .points()
            .get_balance(request)
            .await
            .expect("the balance can be read");
        balance.into_inner().balance.unwrap().amounts.unwrap().available
    }

    /// Lets what one wallet's accrual earns be joined by another's that only campaigns credit: some points for an order that is small.
    pub async fn rewards_small_orders(&self, wallet: &str, below_minor_units: i64, points: i64) {
        publish_wallet(&self.program, wallet).await;
        let own = pb::Accrual {
            code: wallet.to_owned(),
            wallet: wallet.to_owned(),
            rate: None,
            ..accrual()
        };
        publish_accrual(&self.program, wallet, own).await.unwrap();
        let small = pb::condition::Condition::Order(pb::OrderCondition {
            below_minor_units,
            ..pb::OrderCondition::default()
        });
        let gives = pb::Effect {
            accrual: wallet.to_owned(),
            ..add_points(points)
        };
        let campaign = pb::Campaign {
            effects: vec![gives],
            ..when(small, double("small"))
        };
        publish_campaign(&self.program, "small", campaign).await.unwrap();
    }

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
            .expect("the member can be frozen");
    }
}

/// One point for each full dollar after discounts.
pub fn accrual() -> pb::Accrual {
    pb::Accrual {
        code: "base".to_owned(),
        wallet: "points".to_owned(),
        rate: Some(pb::EarnRate {
            per_minor_units: 100,
            points: 1,
            step: pb::EarnStep::FullSteps.into(),
            ..pb::EarnRate::default()
        }),
        base: Some(pb::EarnBase {
            discount: pb::DiscountBase::After.into(),
            ..pb::EarnBase::default()
        }),
        ladder: "status".to_owned(),
        composition: pb::Composition::Additive.into(),
        rounding: value::Rounding::Floor.into(),
        max_points_per_order: 0,
        terms: None,
        prospects_earn: false,
    }
}

/// Twice the points on every purchase.
pub fn double(code: &str) -> pb::Campaign {
    pb::Campaign {
        code: code.to_owned(),
        display_name: "Double points".to_owned(),
        trigger: Some(pb::Trigger {
            trigger: Some(pb::trigger::Trigger::Purchase(pb::PurchaseTrigger {})),
        }),
        effects: vec![multiply(2, 1)],
        ..pb::Campaign::default()
    }
}

/// Some points for a custom activity of a kind.
pub fn thanks_for(kind: &str, points: i64) -> pb::Campaign {
    let custom = pb::CustomTrigger { kind: kind.to_owned() };
    pb::Campaign {
        trigger: Some(pb::Trigger {
            trigger: Some(pb::trigger::Trigger::Custom(custom)),
        }),
        effects: vec![add_points(points)],
        ..double(kind)
    }
}

pub fn multiply(num: i64, den: i64) -> pb::Effect {
    on_base(pb::effect::Effect::Multiply(pb::MultiplyEffect {
        factor: Some(value::Ratio { num, den }),
        lines: None,
    }))
}

pub fn add_points(points: i64) -> pb::Effect {
    on_base(pb::effect::Effect::AddPoints(pb::AddPointsEffect {
        points,
        ..pb::AddPointsEffect::default()
    }))
}

fn on_base(effect: pb::effect::Effect) -> pb::Effect {
    pb::Effect {
        accrual: "base".to_owned(),
        effect: Some(effect),
        max_points: 0,
        cost_per_point: None,
        terms: None,
    }
}

/// The same campaign, with a condition.
pub fn when(condition: pb::condition::Condition, campaign: pb::Campaign) -> pb::Campaign {
    pb::Campaign {
        condition: Some(pb::Condition {
            condition: Some(condition),
        }),
        ..campaign
    }
}

pub fn first_purchase() -> pb::condition::Condition {
    pb::condition::Condition::FirstPurchase(pb::FirstPurchaseCondition {})
}

pub fn from_cents(at_least_minor_units: i64) -> pb::condition::Condition {
    pb::condition::Condition::Order(pb::OrderCondition {
        at_least_minor_units,
        ..pb::OrderCondition::default()
    })
}

/// How each campaign that was considered fared.
pub fn fared(activity: &pb::Activity) -> Vec<(String, pb::NotFiredReason)> {
    let decision = activity.decision.as_ref().expect("an activity has its receipt");
    let fared = decision.campaigns.iter();
    fared.map(|of| (of.campaign.clone(), of.not_fired())).collect()
}

pub fn line(line_id: &str, cents: i64) -> pb::PurchaseLine {
    pb::PurchaseLine {
        line_id: line_id.to_owned(),
        sku: "cd".to_owned(),
        quantity: 1,
        gross_minor_units: cents,
        ..pb::PurchaseLine::default()
    }
}

pub fn order(order_id: &str, lines: Vec<pb::PurchaseLine>) -> pb::Purchase {
    pb::Purchase {
        order_id: order_id.to_owned(),
        currency_code: "USD".to_owned(),
        lines,
        ..pb::Purchase::default()
    }
}

pub fn bought(order_id: &str, cents: i64) -> Did {
    Did::Purchase(order(order_id, vec![line("1", cents)]))
}

/// Brings back parts of lines, in cents; 0 for all that is left of a line, and no lines for all that is left of the order.
pub fn brought_back(order_id: &str, lines: &[(&str, i64)]) -> Did {
    let line = |(line_id, cents): &(&str, i64)| pb::ReturnedLine {
        line_id: (*line_id).to_owned(),
        gross_minor_units: *cents,
    };
    Did::Return(pb::Return {
        order_id: order_id.to_owned(),
        lines: lines.iter().map(line).collect(),
    })
}

pub fn did(kind: &str) -> Did {
    Did::Custom(pb::CustomActivity {
        kind: kind.to_owned(),
        reference: "sku-1".to_owned(),
        ..pb::CustomActivity::default()
    })
}

/// Returns what an activity is worth, summed over wallets.
pub fn worth(activity: &pb::Activity) -> i64 {
    activity
        .decision
        .as_ref()
        .expect("every activity has its receipt")
        .awards
        .iter()
        .map(|award| award.points)
        .sum()
}

pub async fn publish_wallet(program: &Program, code: &str) {
    publish_capped_wallet(program, code, points::Caps::default()).await;
}

pub async fn publish_capped_wallet(program: &Program, code: &str, caps: points::Caps) {
    let never = points::ExpiryPolicy {
        policy: Some(points::expiry_policy::Policy::None(points::NoExpiry {})),
    };
    let acme = points::Funder {
        code: "acme".to_owned(),
        display_name: "Acme".to_owned(),
        price: None,
    };
    let wallet = points::Wallet {
        code: code.to_owned(),
        display_name: "Points".to_owned(),
        unit: "point".to_owned(),
        scale: 0,
        expiry: Some(never),
        overdraft: points::OverdraftPolicy::CarryDebt.into(),
        caps: Some(caps),
        funders: vec![acme],
        ..points::Wallet::default()
    };
    let request = PublishWalletRequest {
        request_id: format!("wallet-{code}"),
        wallet: Some(wallet),
        effective_from: None,
    };
    program
        .wallets()
        .publish_wallet(request)
        .await
        .expect("a wallet can be published");
}

pub async fn publish_accrual(
    program: &Program,
    request_id: &str,
    accrual: pb::Accrual,
) -> Answer<pb::PublishAccrualResponse> {
    let request = pb::PublishAccrualRequest {
        request_id: request_id.to_owned(),
        accrual: Some(accrual),
        effective_from: None,
    };
    program.rules().publish_accrual(request).await
}

pub async fn publish_campaign(
    program: &Program,
    request_id: &str,
    campaign: pb::Campaign,
) -> Answer<pb::PublishCampaignResponse> {
    let request = pb::PublishCampaignRequest {
        request_id: request_id.to_owned(),
        campaign: Some(campaign),
        effective_from: None,
    };
    program.rules().publish_campaign(request).await
}

pub async fn publish_group(program: &Program, request_id: &str, group: pb::Group) -> Answer<pb::PublishGroupResponse> {
    let request = pb::PublishGroupRequest {
        request_id: request_id.to_owned(),
        group: Some(group),
        effective_from: None,
    };
    program.rules().publish_group(request).await
}

pub fn group(code: &str, mode: pb::GroupMode) -> pb::Group {
    pb::Group {
        code: code.to_owned(),
        display_name: "A group".to_owned(),
        mode: mode.into(),
        ..pb::Group::default()
    }
}
