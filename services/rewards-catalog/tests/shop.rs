//! A program with a wallet and a mug to be had, a member with points, and short words for what is asked of the catalog.

use harness::{Client, Program, suite};
use proto::{
    event::{Event, SubscribeRequest, event::Payload},
    member::FreezeMemberRequest,
    points as points_pb,
    rewards_catalog::{
        self as pb, redemption_service_client::RedemptionServiceClient, reward_service_client::RewardServiceClient,
        rewards_catalog_event,
    },
    value::Initiator,
};
use tonic::{Response, Status};
use uuid::Uuid;

/// What a call answers.
pub type Answer<T> = Result<Response<T>, Status>;

/// A program with a mug for 100 points, of which there are three, and a member who has 250 points.
pub struct Shop {
    pub program: Program,
    pub member_id: String,
}

impl Shop {
    pub async fn open() -> Shop {
        let shop = Shop::empty().await;
        shop.publish(mug()).await;
        shop.stock_up("mug", 3).await;
        shop
    }

    /// Opens a shop without any rewards.
    pub async fn empty() -> Shop {
        Shop::of(suite().program().await).await
    }

    /// Opens a shop without any rewards in a program.
    pub async fn of(program: Program) -> Shop {
        publish_wallet(&program).await;
        let member_id = program.enrolled().await;
        let shop = Shop { program, member_id };
        shop.earn(&shop.member_id, 250).await;
        shop
    }

    pub fn rewards(&self) -> RewardServiceClient<Client> {
        self.program.rewards()
    }

    pub fn redemptions(&self) -> RedemptionServiceClient<Client> {
        self.program.redemptions()
    }

    /// Enrols another member, with points.
    pub async fn customer(&self, points: i64) -> String {
        let member_id = self.program.enrolled().await;
        self.earn(&member_id, points).await;
        member_id
    }

    pub async fn earn(&self, member_id: &str, points: i64) {
        let request = points_pb::EarnPointsRequest {
            request_id: Uuid::now_v7().to_string(),
            member_id: member_id.to_owned(),
            wallet: "points".to_owned(),
            points,
            ..points_pb::EarnPointsRequest::default()
        };
        self.program
            .points()
            .earn_points(request)
            .await
            .expect("points can be earned");
    }

    /// Returns what the member can spend and what is set aside, by the record itself.
    pub async fn points(&self) -> (i64, i64) {
        let requirement = points_pb::consistency::Requirement::FullyConsistent(());
        let request = points_pb::GetBalanceRequest {
            member_id: self.member_id.clone(),
            wallet: "points".to_owned(),
            consistency: Some(points_pb::Consistency {
                requirement: Some(requirement),
            }),
            ..points_pb::GetBalanceRequest::default()
        };
        let answer = self
            .program
            .points()
            .get_balance(request)
            .await
            .expect("the balance can be read");
        let amounts = answer.into_inner().balance.unwrap().amounts.unwrap();
        (amounts.available, amounts.held)
    }

    pub async fn try_publish(&self, request_id: &str, reward: pb::Reward) -> Answer<pb::PublishRewardResponse> {
        let request = pb::PublishRewardRequest {
            request_id: request_id.to_owned(),
            reward: Some(reward),
            effective_from: None,
        };
        self.rewards().publish_reward(request).await
    }

    pub async fn publish(&self, reward: pb::Reward) -> pb::RewardVersion {
        let answer = self.try_publish(&Uuid::now_v7().to_string(), reward).await;
        answer
            .expect("a reward can be published")
            .into_inner()
            .reward_version
            .expect("the answer has the version")
    }

    pub async fn try_adjust(&self, request_id: &str, reward: &str, delta: i64) -> Answer<pb::AdjustStockResponse> {
        let request = pb::AdjustStockRequest {
            request_id: request_id.to_owned(),
            reward: reward.to_owned(),
            delta,
        };
        self.rewards().adjust_stock(request).await
    }

    pub async fn stock_up(&self, reward: &str, delta: i64) {
        self.try_adjust(&Uuid::now_v7().to_string(), reward, delta)
            .await
            .expect("a stock can be changed");
    }

    pub async fn stock(&self, reward: &str) -> i64 {
        let request = pb::GetRewardRequest {
            reward: reward.to_owned(),
        };
        let answer = self.rewards().get_reward(request).await.expect("the reward is there");
        answer.into_inner().reward_version.unwrap().stock
    }

    pub async fn quote(&self, reward: &str) -> pb::QuoteRedemptionResponse {
        let request = pb::QuoteRedemptionRequest {
            member_id: self.member_id.clone(),
            reward: reward.to_owned(),
        };
        self.redemptions()
            .quote_redemption(request)
            .await
            .expect("a quote can be had")
            .into_inner()
    }

    pub fn redeem_request(&self, request_id: &str, reward: &str) -> pb::RedeemRewardRequest {
        pb::RedeemRewardRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            reward: reward.to_owned(),
        }
    }

    pub async fn try_redeem(&self, request_id: &str, reward: &str) -> Answer<pb::RedeemRewardResponse> {
        self.redemptions()
            .redeem_reward(self.redeem_request(request_id, reward))
            .await
    }

    pub async fn redeem(&self, request_id: &str, reward: &str) -> pb::Redemption {
        let answer = self.try_redeem(request_id, reward).await;
        answer
            .expect("the reward can be redeemed")
            .into_inner()
            .redemption
            .expect("the answer has the redemption")
    }

    pub async fn try_cancel(&self, request_id: &str, redemption_id: &str) -> Answer<pb::CancelRedemptionResponse> {
        let request = pb::CancelRedemptionRequest {
            request_id: request_id.to_owned(),
            member_id: self.member_id.clone(),
            redemption_id: redemption_id.to_owned(),
            initiator: Initiator::Member.into(),
        };
        self.redemptions().cancel_redemption(request).await
    }

    pub async fn get(&self, redemption_id: &str) -> pb::Redemption {
        let request = pb::GetRedemptionRequest {
            member_id: self.member_id.clone(),
            redemption_id: redemption_id.to_owned(),
        };
        let answer = self
            .redemptions()
            .get_redemption(request)
            .await
            .expect("the redemption is there");
        answer.into_inner().redemption.expect("the answer has the redemption")
    }

    /// Lists all redemptions of the member, the newest first.
    pub async fn list(&self) -> Vec<pb::Redemption> {
        let request = pb::ListRedemptionsRequest {
            member_id: self.member_id.clone(),
            ..Default::default()
        };
        self.redemptions()
            .list_redemptions(request)
            .await
            .expect("they can be listed")
            .into_inner()
            .redemptions
    }

    /// Freezes the member, and waits until everyone knows.
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

    /// Returns what the feed has told of the program so far.
    pub async fn told(&self) -> Vec<rewards_catalog_event::Event> {
        let request = SubscribeRequest {
            feed: "rewards-catalog".to_owned(),
            until_now: true,
            ..Default::default()
        };
        let mut feed = self
            .program
            .feeds()
            .subscribe(request)
            .await
            .expect("the feed is served")
            .into_inner();
        let mut told = Vec::new();
        while let Some(message) = feed.message().await.expect("the feed ends well") {
            told.extend(message.events.into_iter().map(payload));
        }
        told
    }
}

/// Follows the feed until it has told that a redemption reached a state.
pub async fn until_told(program: &Program, redemption_id: &str, state: pb::RedemptionState) -> pb::Redemption {
    let request = SubscribeRequest {
        feed: "rewards-catalog".to_owned(),
        ..Default::default()
    };
    let mut feed = program
        .feeds()
        .subscribe(request)
        .await
        .expect("the feed is served")
        .into_inner();
    loop {
        for event in feed
            .message()
            .await
            .expect("the feed goes on")
            .expect("the feed goes on")
            .events
        {
            if let rewards_catalog_event::Event::RedemptionChanged(changed) = payload(event)
                && let Some(redemption) = changed.redemption
                && (redemption_id.is_empty() || redemption.redemption_id == redemption_id)
                && redemption.state() == state
            {
                return redemption;
            }
        }
    }
}

fn payload(event: Event) -> rewards_catalog_event::Event {
    let Some(Payload::RewardsCatalog(event)) = event.payload else {
        panic!("an event of another service")
    };
    event.event.expect("an event says what happened")
}

/// Makes a mug for 100 points, which can be given back.
pub fn mug() -> pb::Reward {
    pb::Reward {
        code: "mug".to_owned(),
        display_name: "Mug".to_owned(),
        description: "Holds coffee.".to_owned(),
        category: "goods".to_owned(),
        price: Some(price(100)),
        refundable: true,
        ..pb::Reward::default()
    }
}

pub fn price(points: i64) -> pb::Price {
    pb::Price {
        wallet: "points".to_owned(),
        points,
    }
}

async fn publish_wallet(program: &Program) {
    let policy = points_pb::expiry_policy::Policy::None(points_pb::NoExpiry {});
    let wallet = points_pb::Wallet {
        code: "points".to_owned(),
        display_name: "Points".to_owned(),
        unit: "point".to_owned(),
        scale: 0,
        expiry: Some(points_pb::ExpiryPolicy { policy: Some(policy) }),
        overdraft: points_pb::OverdraftPolicy::Forbid.into(),
        ..points_pb::Wallet::default()
    };
    let request = points_pb::PublishWalletRequest {
        request_id: "wallet".to_owned(),
        wallet: Some(wallet),
        effective_from: None,
    };
    program
        .wallets()
        .publish_wallet(request)
        .await
        .expect("a wallet can be published");
}
