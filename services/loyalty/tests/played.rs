//! A program file that is played: applied to a program of its own, and used by a member through the public API.

use std::{fs, path::Path};

use harness::{Suite, at, refusal, suite};
use loyalty::{
    apply::{self, Manifest},
    demo::clients::{Clients, Transport, persist},
};
use proto::{
    campaign::{
        ActivityInput, CustomActivity, Purchase, PurchaseLine, QuoteOrderRequest, QuoteOrderResponse,
        RecordActivityRequest, Return, activity_input::Activity, budget_service_client::BudgetServiceClient,
        rule_service_client::RuleServiceClient,
    },
    member::{AdvanceClockRequest, GetProgramRequest},
    rewards_catalog::{
        Obstacle, QuoteRedemptionRequest, RedeemRewardRequest, Redemption, reward_service_client::RewardServiceClient,
    },
    tier::{GetMemberTierRequest, MemberTier},
};
use uuid::Uuid;

use crate::calls::{available, enrol, enrol_as};

/// A program of a file, and a member of it. Its clock stands at the beginning of 2026 in Shanghai.
pub struct Played {
    pub clients: Clients,
    pub member: String,
    pub channel: String,
    pub orders: u32,
}

impl Played {
    /// Applies a file to a program that nobody else has.
    pub async fn of(file: &str) -> Played {
        Played::on(suite(), file).await
    }

    /// Applies a file to a program of another suite.
    pub async fn on(suite: &Suite, file: &str) -> Played {
        let manifest = manifest(file, &Uuid::now_v7().to_string());
        let url = format!("http://{}", suite.address());
        let clients = Clients::new(&url, &manifest.program_id()).unwrap();
        apply::apply(&manifest, clients.transport(0))
            .await
            .expect("the program can be applied");
        Played::by(clients).await
    }

    /// Applies another file over the first: the same program, changed.
    pub async fn becomes(&self, file: &str) {
        let program = self.clients.programs().get_program(GetProgramRequest {}).await;
        let program_id = program.unwrap().into_inner().program.unwrap().program_id;
        apply::apply(&manifest(file, &program_id), self.clients.transport(0))
            .await
            .expect("the change can be applied");
    }

    /// Enrols a member into a program that is applied already.
    pub async fn by(clients: Clients) -> Played {
        Played {
            member: enrol(&clients).await,
            clients,
            channel: "app".to_owned(),
            orders: 0,
        }
    }

    /// Enrols another member of the program, who does everything from then on.
    pub async fn another_member(&mut self) {
        self.member = enrol_as(&self.clients, &Uuid::now_v7().to_string()).await;
    }

    /// Sets the clock, as Shanghai shows it.
    pub async fn at(&self, local: &str) {
        let to = format!("{local}+08:00");
        let request = AdvanceClockRequest {
            request_id: to.clone(),
            to: Some(at(&to)),
            await_effects: true,
        };
        self.clients
            .programs()
            .advance_clock(request)
            .await
            .expect("the clock can be set");
    }

    /// Does something, and returns the points that it changes. Every consequence has come about then.
    pub async fn does(&mut self, activity: Activity) -> i64 {
        let input = self.input(activity);
        self.records(input).await
    }

    /// Does something at a time that has passed, as Shanghai shows it.
    pub async fn does_on(&mut self, local: &str, activity: Activity) -> i64 {
        let input = ActivityInput {
            occurred_at: Some(at(&format!("{local}+08:00"))),
            ..self.input(activity)
        };
        self.records(input).await
    }

    fn input(&self, activity: Activity) -> ActivityInput {
        ActivityInput {
            member_id: self.member.clone(),
            channel: self.channel.clone(),
            activity: Some(activity),
            ..ActivityInput::default()
        }
    }

    async fn records(&mut self, input: ActivityInput) -> i64 {
        self.orders += 1;
        let request = RecordActivityRequest {
            request_id: format!("request-{}", self.orders),
            input: Some(input),
            park_days: 0,
            await_effects: true,
        };
        let recorded = self
            .clients
            .activities(0)
            .record_activity(request)
            .await
            .expect("it can be recorded");
        let decision = recorded.into_inner().activity.unwrap().decision.unwrap();
        decision.awards.iter().map(|award| award.points).sum()
    }

    pub fn budgets(&self) -> BudgetServiceClient<Transport> {
        BudgetServiceClient::new(self.clients.transport(0))
    }

    pub fn rules(&self) -> RuleServiceClient<Transport> {
        RuleServiceClient::new(self.clients.transport(0))
    }

    pub fn rewards(&self) -> RewardServiceClient<Transport> {
        RewardServiceClient::new(self.clients.transport(0))
    }

    /// Tells what an order of one line costs, and what it would earn.
    pub async fn quote(&self, line: PurchaseLine) -> QuoteOrderResponse {
        let input = self.input(Activity::Purchase(self.order(vec![line])));
        let request = QuoteOrderRequest {
            input: Some(input),
            floors: Vec::new(),
        };
        let quoted = self.clients.activities(0).quote_order(request).await;
        quoted.expect("an order can be quoted").into_inner()
    }

    /// Returns what an order of one line costs, in yuan, after all discounts.
    pub async fn price(&self, line: PurchaseLine) -> i64 {
        self.quote(line).await.price_minor_units / 100
    }

    /// Buys at the price that was quoted.
    pub async fn buys_as_quoted(&mut self, quoted: QuoteOrderResponse) -> i64 {
        self.records(quoted.input.expect("a quote has the order")).await
    }

    /// Returns what the member can spend.
    pub async fn balance(&self) -> i64 {
        available(&self.clients, &self.member).await
    }

    /// Redeems a reward. Where it is not to be had, the reason is told as the contract names it.
    pub async fn redeems(&self, reward: &str) -> Result<Redemption, String> {
        self.redeems_for(&self.member, reward).await
    }

    /// Redeems a reward for one of several members.
    pub async fn redeems_for(&self, member: &str, reward: &str) -> Result<Redemption, String> {
        let request = RedeemRewardRequest {
            request_id: Uuid::now_v7().to_string(),
            member_id: member.to_owned(),
            reward: reward.to_owned(),
        };
        let redeemed = persist(|| {
            let (mut client, request) = (self.clients.redemptions(0), request.clone());
            async move { client.redeem_reward(request).await }
        });
        match redeemed.await {
            Ok(redeemed) => Ok(redeemed.redemption.expect("the answer has it")),
            Err(status) => Err(refusal::<()>(Err(status)).metadata["unavailable"].clone()),
        }
    }

    /// Tells everything that stands between the member and a reward.
    pub async fn obstacles(&self, reward: &str) -> Vec<Obstacle> {
        let request = QuoteRedemptionRequest {
            member_id: self.member.clone(),
            reward: reward.to_owned(),
        };
        let quoted = self.clients.redemptions(0).quote_redemption(request).await;
        quoted.expect("a redemption can be quoted").into_inner().obstacles
    }

    /// Tells where the member stands on a ladder.
    pub async fn tier(&self, ladder: &str) -> MemberTier {
        let request = GetMemberTierRequest {
            member_id: self.member.clone(),
            ladder: ladder.to_owned(),
        };
        let tier = self.clients.tiers().get_member_tier(request).await;
        tier.unwrap().into_inner().member_tier.unwrap()
    }

    pub async fn level(&self) -> String {
        self.tier("status").await.level
    }

    pub async fn buys(&mut self, yuan: i64) -> i64 {
        let order = self.order(vec![line("1", yuan)]);
        self.does(Activity::Purchase(order)).await
    }

    pub fn order(&self, lines: Vec<PurchaseLine>) -> Purchase {
        Purchase {
            order_id: format!("order-{}", self.orders + 1),
            currency_code: "CNY".to_owned(),
            lines,
            ..Purchase::default()
        }
    }

    pub async fn gives_back(&mut self, order: u32) -> i64 {
        let back = Return {
            order_id: format!("order-{order}"),
            lines: Vec::new(),
        };
        self.does(Activity::Return(back)).await
    }

    pub async fn does_custom(&mut self, kind: &str, attributes: &[(&str, &str)]) -> i64 {
        let attributes = attributes
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let custom = CustomActivity {
            kind: kind.to_owned(),
            reference: String::new(),
            attributes: attributes.collect(),
        };
        self.does(Activity::Custom(custom)).await
    }
}

/// Reads a file of the folder.
pub fn text_of(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/programs/requirements");
    let path = folder.join(format!("{file}.toml"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(file: &str, program_id: &str) -> Manifest {
    let text = text_of(file);
    let of_file = Manifest::parse(file, &text)
        .expect("the file has no mistakes")
        .program_id();
    Manifest::parse(file, &text.replace(&of_file, program_id)).unwrap()
}

pub fn line(line_id: &str, yuan: i64) -> PurchaseLine {
    PurchaseLine {
        line_id: line_id.to_owned(),
        quantity: 1,
        gross_minor_units: yuan * 100,
        ..PurchaseLine::default()
    }
}
