//! How the parts of a program stand in the services.

use proto::{
    campaign::{
        ListBudgetsRequest, ListRulesRequest, ListTargetsRequest, board_service_client::BoardServiceClient,
        budget_service_client::BudgetServiceClient, rule_service_client::RuleServiceClient,
    },
    points::{ListWalletsRequest, wallet_service_client::WalletServiceClient},
    rewards_catalog::{
        ListLotteriesRequest, ListRewardsRequest, lottery_service_client::LotteryServiceClient,
        reward_service_client::RewardServiceClient,
    },
    tier::{ListLaddersRequest, ladder_service_client::LadderServiceClient},
};
use tonic::{Code, Status};

use super::{Services, Standing, Standings, Transport, patient};
use crate::apply::{parts::Part, words::Frame};

const PAGE_SIZE: i32 = 1000;

impl<T: Transport> Services<T> {
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
                .list_rules(patient(ListRulesRequest::default()))
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
        for version in rules.template_versions {
            let template = version.template.as_ref().map(Part::Template);
            add(&mut found, frame, template, version.version, 0);
        }
        if let Some(version) = rules.message_policy_version {
            let policy = version.message_policy.as_ref().map(Part::Messages);
            add(&mut found, frame, policy, version.version, 0);
        }
        if let Some(version) = rules.referral_policy_version {
            let policy = version.referral_policy.as_ref().map(Part::Referral);
            add(&mut found, frame, policy, version.version, 0);
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
        let targets = BoardServiceClient::new(self.0.clone())
            .list_targets(patient(ListTargetsRequest {}))
            .await;
        for version in known(targets)?.target_versions {
            let target = version.target.as_ref().map(Part::Target);
            add(&mut found, frame, target, version.version, 0);
        }
        self.add_rewards(&mut found, frame).await?;
        self.add_lotteries(&mut found, frame).await?;
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

    async fn add_lotteries(&self, found: &mut Standings, frame: &Frame) -> Result<(), Status> {
        let mut request = ListLotteriesRequest {
            page_size: PAGE_SIZE,
            ..ListLotteriesRequest::default()
        };
        loop {
            let page = LotteryServiceClient::new(self.0.clone())
                .list_lotteries(patient(request.clone()))
                .await;
            let page = known(page)?;
            for standing in page.standings {
                let lottery = standing.lottery.as_ref().map(Part::Lottery);
                add(found, frame, lottery, standing.revision, 0);
            }
            if page.next_page_token.is_empty() {
                return Ok(());
            }
            request.page_token = page.next_page_token;
        }
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
