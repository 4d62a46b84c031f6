//! What applying asks of the services: the public RPCs, and nothing else.

use std::{collections::BTreeMap, time::Duration};

use proto::{
    campaign::{
        ListBudgetsRequest, ListRulesRequest, PublishAccrualRequest, PublishBudgetRequest, PublishCampaignRequest,
        PublishDiscountPolicyRequest, PublishGroupRequest, budget_service_client::BudgetServiceClient,
        rule_service_client::RuleServiceClient,
    },
    member::{
        CreateProgramRequest, GetProgramRequest, Program, UpdateProgramRequest,
        program_service_client::ProgramServiceClient,
    },
    points::{ListWalletsRequest, PublishWalletRequest, wallet_service_client::WalletServiceClient},
    rewards_catalog::{
        AdjustStockRequest, GetRewardRequest, ListRewardsRequest, PublishRewardRequest,
        reward_service_client::RewardServiceClient,
    },
    tier::{ListLaddersRequest, PublishLadderRequest, ladder_service_client::LadderServiceClient},
};
use tonic::{
    Code, Request, Status,
    body::Body,
    client::GrpcService,
    codegen::{Body as HttpBody, Bytes, StdError},
};

use super::{
    parts::{Kind, Part, request_id},
    refused,
    words::{Facts, Frame},
};

/// How long a call may take. Creating a program waits for every service.
const PATIENCE: Duration = Duration::from_secs(30);
const PAGE_SIZE: i32 = 1000;

/// Whatever generated clients can call through.
pub trait Transport:
    GrpcService<
        Body,
        ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        Error: Into<StdError>,
    > + Clone
{
}

impl<T> Transport for T where
    T: GrpcService<
            Body,
            ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
            Error: Into<StdError>,
        > + Clone
{
}

/// A part as it stands in the services.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The latest version.
    pub version: i32,
    /// What is to be known of it.
    pub facts: Facts,
    /// How many of a reward are left.
    pub stock: i64,
}

/// The parts of a program as they stand in the services.
pub type Standings = BTreeMap<(Kind, String), Standing>;

/// The services, in one program.
#[derive(Clone, Debug)]
pub struct Services<T>(pub T);

impl<T: Transport> Services<T> {
    /// Returns the program, if it exists.
    pub async fn program(&self) -> Result<Option<Program>, Status> {
        match ProgramServiceClient::new(self.0.clone())
            .get_program(patient(GetProgramRequest {}))
            .await
        {
            Ok(response) => Ok(response.into_inner().program),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }

    /// Creates the program, in every service.
    pub async fn create_program(&self, program: &Program, request_id: String) -> Result<(), Status> {
        let request = CreateProgramRequest {
            request_id,
            program: Some(program.clone()),
            await_effects: true,
        };
        ProgramServiceClient::new(self.0.clone())
            .create_program(patient(request))
            .await?;
        Ok(())
    }

    /// Gives the program the name that it shall have, if it is still what was read.
    pub async fn rename_program(&self, program: &Program, request_id: String) -> Result<(), Status> {
        let update_mask = Some(prost_types::FieldMask {
            paths: vec!["name".to_owned()],
        });
        let request = UpdateProgramRequest {
            request_id,
            program: Some(program.clone()),
            update_mask,
        };
        ProgramServiceClient::new(self.0.clone())
            .update_program(patient(request))
            .await?;
        Ok(())
    }

    /// Returns how every part stands.
    pub async fn standings(&self, frame: &Frame) -> Result<Standings, Status> {
        let mut found = Standings::new();
        let wallets = WalletServiceClient::new(self.0.clone())
            .list_wallets(patient(ListWalletsRequest {}))
            .await;
        for version in known(wallets)?.wallet_versions {
            add(
                &mut found,
                frame,
                version.wallet.as_ref().map(Part::Wallet),
                version.version,
                0,
            );
        }
        let ladders = LadderServiceClient::new(self.0.clone())
            .list_ladders(patient(ListLaddersRequest {}))
            .await;
        for version in known(ladders)?.ladder_versions {
            add(
                &mut found,
                frame,
                version.ladder.as_ref().map(Part::Ladder),
                version.version,
                0,
            );
        }
        let rules = known(
            RuleServiceClient::new(self.0.clone())
                .list_rules(patient(ListRulesRequest {}))
                .await,
        )?;
        for version in rules.accrual_versions {
            add(
                &mut found,
                frame,
                version.accrual.as_ref().map(Part::Accrual),
                version.version,
                0,
            );
        }
        let budgets = BudgetServiceClient::new(self.0.clone())
            .list_budgets(patient(ListBudgetsRequest {}))
            .await;
        for standing in known(budgets)?.budgets {
            let version = standing.budget_version.unwrap_or_default();
            let budget = version.budget.as_ref().map(Part::Budget);
            add(&mut found, frame, budget, version.version, 0);
        }
        if let Some(version) = rules.discount_policy_version {
            let policy = version.discount_policy.as_ref().map(Part::Discounts);
            add(&mut found, frame, policy, version.version, 0);
        }
        for version in rules.group_versions {
            add(
                &mut found,
                frame,
                version.group.as_ref().map(Part::Group),
                version.version,
                0,
            );
        }
        for version in rules.campaign_versions {
            add(
                &mut found,
                frame,
                version.campaign.as_ref().map(Part::Campaign),
                version.version,
                0,
            );
        }
        self.add_rewards(&mut found, frame).await?;
        Ok(found)
    }

    async fn add_rewards(&self, found: &mut Standings, frame: &Frame) -> Result<(), Status> {
        let mut request = ListRewardsRequest {
            page_size: PAGE_SIZE,
            ..ListRewardsRequest::default()
        };
        loop {
            let page = RewardServiceClient::new(self.0.clone())
                .list_rewards(patient(request.clone()))
                .await;
            let page = known(page)?;
            for version in page.reward_versions {
                add(
                    found,
                    frame,
                    version.reward.as_ref().map(Part::Reward),
                    version.version,
                    version.stock,
                );
            }
            if page.next_page_token.is_empty() {
                return Ok(());
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Publishes a part after the version that stands; tells whether that made a new version.
    pub async fn publish(&self, part: Part<'_>, after_version: i32) -> Result<bool, Status> {
        let (transport, request_id, effective_from) = (self.0.clone(), part.request_id(after_version), None);
        Ok(match part {
            Part::Wallet(wallet) => {
                let request = PublishWalletRequest {
                    request_id,
                    wallet: Some(wallet.clone()),
                    effective_from,
                };
                WalletServiceClient::new(transport)
                    .publish_wallet(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Ladder(ladder) => {
                let request = PublishLadderRequest {
                    request_id,
                    ladder: Some(ladder.clone()),
                    effective_from,
                };
                LadderServiceClient::new(transport)
                    .publish_ladder(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Accrual(accrual) => {
                let request = PublishAccrualRequest {
                    request_id,
                    accrual: Some(accrual.clone()),
                    effective_from,
                };
                RuleServiceClient::new(transport)
                    .publish_accrual(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Discounts(policy) => {
                let request = PublishDiscountPolicyRequest {
                    request_id,
                    discount_policy: Some(*policy),
                    effective_from,
                };
                RuleServiceClient::new(transport)
                    .publish_discount_policy(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Budget(budget) => {
                let request = PublishBudgetRequest {
                    request_id,
                    budget: Some(budget.clone()),
                };
                BudgetServiceClient::new(transport)
                    .publish_budget(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Group(group) => {
                let request = PublishGroupRequest {
                    request_id,
                    group: Some(group.clone()),
                    effective_from,
                };
                RuleServiceClient::new(transport)
                    .publish_group(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Campaign(campaign) => {
                let request = PublishCampaignRequest {
                    request_id,
                    campaign: Some(campaign.clone()),
                    effective_from,
                };
                RuleServiceClient::new(transport)
                    .publish_campaign(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Reward(reward) => {
                let request = PublishRewardRequest {
                    request_id,
                    reward: Some(reward.clone()),
                    effective_from,
                };
                RewardServiceClient::new(transport)
                    .publish_reward(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
        })
    }

    /// Puts the first stock of a reward in, unless that was done before; tells whether there is stock now.
    ///
    /// The key says nothing of the amount: a first stock is given once, whatever the file says later.
    pub async fn give_first_stock(&self, reward: &str, stock: i64) -> Result<bool, Status> {
        let mut client = RewardServiceClient::new(self.0.clone());
        let request_id = request_id("first-stock", reward.as_bytes());
        let request = AdjustStockRequest {
            request_id,
            reward: reward.to_owned(),
            delta: stock,
        };
        match client.adjust_stock(patient(request)).await {
            Err(status) if !refused::is_request_id_reused(&status) => return Err(status),
            Ok(_) | Err(_) => {}
        }
        let response = client
            .get_reward(patient(GetRewardRequest {
                reward: reward.to_owned(),
            }))
            .await?;
        Ok(response
            .into_inner()
            .reward_version
            .is_some_and(|version| version.stock > 0))
    }
}

fn add(found: &mut Standings, frame: &Frame, part: Option<Part<'_>>, version: i32, stock: i64) {
    if let Some(part) = part {
        let standing = Standing {
            version,
            facts: part.facts(frame),
            stock,
        };
        found.insert((part.kind(), part.code().to_owned()), standing);
    }
}

/// A service that does not know the program has nothing of it yet.
fn known<M: Default>(answer: Result<tonic::Response<M>, Status>) -> Result<M, Status> {
    match answer {
        Ok(response) => Ok(response.into_inner()),
        Err(status) if status.code() == Code::NotFound => Ok(M::default()),
        Err(status) => Err(status),
    }
}

fn patient<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}
