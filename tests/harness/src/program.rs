//! A program that belongs to one test.

use jiff::Timestamp;
use proto::{
    campaign::{
        activity_service_client::ActivityServiceClient, board_service_client::BoardServiceClient,
        budget_service_client::BudgetServiceClient, draft_service_client::DraftServiceClient,
        message_service_client::MessageServiceClient, referral_service_client::ReferralServiceClient,
        result_service_client::ResultServiceClient, rule_service_client::RuleServiceClient,
    },
    event::feed_service_client::FeedServiceClient,
    member::{
        AdvanceClockRequest, CreateProgramRequest, EnrollMemberRequest, Program as ProgramRecord,
        RegisterMemberRequest, member_service_client::MemberServiceClient,
        program_service_client::ProgramServiceClient,
    },
    points::{
        adjustment_service_client::AdjustmentServiceClient, export_service_client::ExportServiceClient,
        liability_service_client::LiabilityServiceClient, points_service_client::PointsServiceClient,
        statement_service_client::StatementServiceClient, stored_value_service_client::StoredValueServiceClient,
        wallet_service_client::WalletServiceClient,
    },
    rewards_catalog::{
        lottery_service_client::LotteryServiceClient, redemption_service_client::RedemptionServiceClient,
        reward_service_client::RewardServiceClient,
    },
    tier::{ladder_service_client::LadderServiceClient, tier_service_client::TierServiceClient},
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use uuid::Uuid;

/// A sandbox program of a test, and clients that call in it.
#[derive(Clone)]
pub struct Program {
    /// Its id.
    pub program_id: String,
    channel: Channel,
}

/// The transport of a program's clients.
pub type Client = InterceptedService<Channel, InProgram>;

/// Names the program with every call, as development mode takes it.
#[derive(Clone)]
pub struct InProgram(MetadataValue<Ascii>);

impl Interceptor for InProgram {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("loyalty-program", self.0.clone());
        Ok(request)
    }
}

/// Reads an instant, such as `2026-01-01T00:00:00Z`, as it travels.
pub fn at(text: &str) -> prost_types::Timestamp {
    let at: Timestamp = text.parse().expect("the test writes an instant");
    common::time::to_wire(at)
}

impl Program {
    /// Makes a program. Its zone is New York, its currency the dollar, its clock stands at the beginning of 2026 there.
    pub async fn create(channel: Channel) -> Program {
        let program = Program::unmade(channel);
        let record = ProgramRecord {
            name: "Test".to_owned(),
            zone: "America/New_York".to_owned(),
            currency_code: "USD".to_owned(),
            sandbox: true,
            clock_at: Some(at("2026-01-01T05:00:00Z")),
            ..ProgramRecord::default()
        };
        let request = CreateProgramRequest {
            request_id: "create".to_owned(),
            program: Some(record),
            await_effects: true,
        };
        program
            .programs()
            .create_program(request)
            .await
            .expect("a program can be made");
        program
    }

    /// Returns the way to a program that does not exist yet.
    pub fn unmade(channel: Channel) -> Program {
        Program {
            program_id: Uuid::now_v7().to_string(),
            channel,
        }
    }

    /// Returns the same program, as another replica serves it.
    pub fn at(&self, channel: Channel) -> Program {
        Program {
            program_id: self.program_id.clone(),
            channel,
        }
    }

    /// Returns the transport for any other client.
    pub fn client(&self) -> Client {
        let program_id = self.program_id.parse().expect("an id is plain text");
        InterceptedService::new(self.channel.clone(), InProgram(program_id))
    }

    /// Enrols a member and returns the id.
    pub async fn enrolled(&self) -> String {
        self.known(false).await
    }

    /// Makes a customer known who has not joined, and returns the id.
    pub async fn prospect(&self) -> String {
        self.known(true).await
    }

    /// Lets a prospect join, whom every service knows as a member then.
    pub async fn joins(&self, member_id: &str) {
        let request = RegisterMemberRequest {
            request_id: Uuid::now_v7().to_string(),
            member_id: member_id.to_owned(),
            await_effects: true,
            ..RegisterMemberRequest::default()
        };
        self.members()
            .register_member(request)
            .await
            .expect("a prospect can join");
    }

    async fn known(&self, prospect: bool) -> String {
        let request = EnrollMemberRequest {
            request_id: Uuid::now_v7().to_string(),
            channel: "web".to_owned(),
            prospect,
            await_effects: true,
            ..EnrollMemberRequest::default()
        };
        let response = self
            .members()
            .enroll_member(request)
            .await
            .expect("a member can be enrolled");
        response
            .into_inner()
            .member
            .expect("the answer has the member")
            .member_id
    }

    /// Advances the clock and waits until everything due has happened.
    pub async fn advance_to(&self, to: &str) {
        let request = AdvanceClockRequest {
            request_id: format!("advance-{to}"),
            to: Some(at(to)),
            await_effects: true,
        };
        self.programs()
            .advance_clock(request)
            .await
            .expect("the clock can be advanced");
    }

    /// Returns a client of the programs.
    pub fn programs(&self) -> ProgramServiceClient<Client> {
        ProgramServiceClient::new(self.client())
    }

    /// Returns a client of the members.
    pub fn members(&self) -> MemberServiceClient<Client> {
        MemberServiceClient::new(self.client())
    }

    /// Returns a client of the wallets.
    pub fn wallets(&self) -> WalletServiceClient<Client> {
        WalletServiceClient::new(self.client())
    }

    /// Returns a client of the ledger.
    pub fn points(&self) -> PointsServiceClient<Client> {
        PointsServiceClient::new(self.client())
    }

    /// Returns a client of what members are shown.
    pub fn statements(&self) -> StatementServiceClient<Client> {
        StatementServiceClient::new(self.client())
    }

    /// Returns a client of what the ledger owes in money.
    pub fn liability(&self) -> LiabilityServiceClient<Client> {
        LiabilityServiceClient::new(self.client())
    }

    /// Returns a client of exports.
    pub fn exports(&self) -> ExportServiceClient<Client> {
        ExportServiceClient::new(self.client())
    }

    /// Returns a client of what is given and taken by hand.
    pub fn adjustments(&self) -> AdjustmentServiceClient<Client> {
        AdjustmentServiceClient::new(self.client())
    }

    /// Returns a client of what is paid in advance.
    pub fn stored_value(&self) -> StoredValueServiceClient<Client> {
        StoredValueServiceClient::new(self.client())
    }

    /// Returns a client of the ladders.
    pub fn ladders(&self) -> LadderServiceClient<Client> {
        LadderServiceClient::new(self.client())
    }

    /// Returns a client of the tiers.
    pub fn tiers(&self) -> TierServiceClient<Client> {
        TierServiceClient::new(self.client())
    }

    /// Returns a client of the rules.
    pub fn rules(&self) -> RuleServiceClient<Client> {
        RuleServiceClient::new(self.client())
    }

    /// Returns a client of the drafts.
    pub fn drafts(&self) -> DraftServiceClient<Client> {
        DraftServiceClient::new(self.client())
    }

    /// Returns a client of the budgets.
    pub fn budgets(&self) -> BudgetServiceClient<Client> {
        BudgetServiceClient::new(self.client())
    }

    /// Returns a client of the messages.
    pub fn messages(&self) -> MessageServiceClient<Client> {
        MessageServiceClient::new(self.client())
    }

    /// Returns a client of who brought whom.
    pub fn referrals(&self) -> ReferralServiceClient<Client> {
        ReferralServiceClient::new(self.client())
    }

    /// Returns a client of what campaigns bring about.
    pub fn results(&self) -> ResultServiceClient<Client> {
        ResultServiceClient::new(self.client())
    }

    /// Returns a client of what the program wants to reach.
    pub fn boards(&self) -> BoardServiceClient<Client> {
        BoardServiceClient::new(self.client())
    }

    /// Returns a client of the activities.
    pub fn activities(&self) -> ActivityServiceClient<Client> {
        ActivityServiceClient::new(self.client())
    }

    /// Returns a client of the rewards.
    pub fn rewards(&self) -> RewardServiceClient<Client> {
        RewardServiceClient::new(self.client())
    }

    /// Returns a client of the redemptions.
    pub fn redemptions(&self) -> RedemptionServiceClient<Client> {
        RedemptionServiceClient::new(self.client())
    }

    /// Returns a client of the lotteries.
    pub fn lotteries(&self) -> LotteryServiceClient<Client> {
        LotteryServiceClient::new(self.client())
    }

    /// Returns a client of the feeds.
    pub fn feeds(&self) -> FeedServiceClient<Client> {
        FeedServiceClient::new(self.client())
    }
}
