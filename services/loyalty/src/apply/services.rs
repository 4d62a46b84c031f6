//! What applying asks of the services: the public RPCs, and nothing else.

mod drafts;
mod standings;

use std::{collections::BTreeMap, time::Duration};

use proto::{
    campaign::{
        PublishAccrualRequest, PublishBudgetRequest, PublishCampaignRequest, PublishDiscountPolicyRequest,
        PublishGroupRequest, PublishMessagePolicyRequest, PublishReferralPolicyRequest, PublishTargetRequest,
        PublishTemplateRequest, board_service_client::BoardServiceClient, budget_service_client::BudgetServiceClient,
        referral_service_client::ReferralServiceClient, rule_service_client::RuleServiceClient,
    },
    member::{
        CreateProgramRequest, GetProgramRequest, Program, UpdateProgramRequest,
        program_service_client::ProgramServiceClient,
    },
    points::{PublishWalletRequest, wallet_service_client::WalletServiceClient},
    rewards_catalog::{
        AdjustStockRequest, GetRewardRequest, PublishLotteryRequest, PublishRewardRequest,
        lottery_service_client::LotteryServiceClient, reward_service_client::RewardServiceClient,
    },
    tier::{PublishLadderRequest, ladder_service_client::LadderServiceClient},
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
    words::Facts,
};

/// How long a call may take. Creating a program waits for every service.
const PATIENCE: Duration = Duration::from_secs(30);

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
            Part::Template(template) => {
                let request = PublishTemplateRequest {
                    request_id,
                    template: Some(template.clone()),
                    effective_from,
                };
                RuleServiceClient::new(transport)
                    .publish_template(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Messages(policy) => {
                let request = PublishMessagePolicyRequest {
                    request_id,
                    message_policy: Some(*policy),
                    effective_from,
                };
                RuleServiceClient::new(transport)
                    .publish_message_policy(patient(request))
                    .await?
                    .into_inner()
                    .changed
            }
            Part::Referral(policy) => {
                let request = PublishReferralPolicyRequest {
                    request_id,
                    referral_policy: Some(*policy),
                    effective_from,
                };
                ReferralServiceClient::new(transport)
                    .publish_referral_policy(patient(request))
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
            Part::Target(target) => {
                let request = PublishTargetRequest {
                    request_id,
                    target: Some(target.clone()),
                    effective_from,
                };
                BoardServiceClient::new(transport)
                    .publish_target(patient(request))
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
            Part::Lottery(lottery) => {
                let request = PublishLotteryRequest {
                    request_id,
                    lottery: Some(lottery.clone()),
                };
                LotteryServiceClient::new(transport)
                    .publish_lottery(patient(request))
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

fn patient<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}
