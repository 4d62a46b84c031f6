//! The rules of programs: accruals, campaigns and ladders, every version of each.

use std::{collections::HashMap, sync::Arc};

use common::{
    ids::ProgramId,
    program::Program,
    versions::{Catalogue, Published, Versions},
    writer::{Work, Writes},
};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    AccrualRule, CampaignRule, NewLadder,
    ladders::{LadderBook, insert_ladders},
};
use crate::{
    SCHEMA,
    domain::{Accrual, Campaign, Decision, LadderVersion, Ladders, Rules, Version},
};

/// The rules of every program, kept in memory.
pub struct RuleBook {
    accruals: Catalogue<AccrualRule>,
    campaigns: Catalogue<CampaignRule>,
    ladders: LadderBook,
}

/// The rules that a batch concerns, and those that it published.
pub struct BatchRules {
    /// The accruals.
    pub accruals: Published<AccrualRule>,
    /// The campaigns.
    pub campaigns: Published<CampaignRule>,
    ladders: HashMap<ProgramId, Arc<Ladders>>,
    new_ladders: Vec<NewLadder>,
}

/// The rules of one program.
#[derive(Clone, Default)]
pub struct ProgramRules {
    /// The accruals.
    pub accruals: Arc<Versions<AccrualRule>>,
    /// The campaigns.
    pub campaigns: Arc<Versions<CampaignRule>>,
    /// What levels multiply by.
    pub ladders: Arc<Ladders>,
}

impl RuleBook {
    /// Begins with nothing in memory.
    pub fn new() -> RuleBook {
        RuleBook {
            accruals: Catalogue::new(SCHEMA),
            campaigns: Catalogue::new(SCHEMA),
            ladders: LadderBook::default(),
        }
    }

    /// Returns the rules of the programs that a batch concerns.
    pub async fn load<C>(&self, tx: &mut PgConnection, work: &Work<'_, C>) -> Result<BatchRules, sqlx::Error> {
        let mut ladders = HashMap::new();
        for program in work.programs.values() {
            ladders.insert(program.program_id, self.ladders.of_program(tx, program).await?);
        }
        Ok(BatchRules {
            accruals: self.accruals.load(tx, work).await?,
            campaigns: self.campaigns.load(tx, work).await?,
            ladders,
            new_ladders: Vec::new(),
        })
    }

    /// Says what to write of what a batch published.
    pub fn persist(&self, rules: &mut BatchRules, writes: &mut Writes) {
        self.accruals.persist(&mut rules.accruals, writes);
        self.campaigns.persist(&mut rules.campaigns, writes);
        insert_ladders(&std::mem::take(&mut rules.new_ladders), writes);
    }

    /// Returns the rules of a program, for reads.
    pub async fn of_program(
        &self,
        connection: &mut PgConnection,
        program: &Program,
    ) -> Result<ProgramRules, sqlx::Error> {
        Ok(ProgramRules {
            accruals: self.accruals.of_program(connection, program).await?,
            campaigns: self.campaigns.of_program(connection, program).await?,
            ladders: self.ladders.of_program(connection, program).await?,
        })
    }
}

impl BatchRules {
    /// Returns the rules of a program.
    pub fn of(&self, program_id: ProgramId) -> ProgramRules {
        ProgramRules {
            accruals: self.accruals.of(program_id).cloned().unwrap_or_default(),
            campaigns: self.campaigns.of(program_id).cloned().unwrap_or_default(),
            ladders: self.ladders.get(&program_id).cloned().unwrap_or_default(),
        }
    }

    /// Takes in a version of a ladder.
    pub fn put_ladder(&mut self, version: LadderVersion, new: NewLadder) {
        Arc::make_mut(self.ladders.entry(new.program_id).or_default()).put(version);
        self.new_ladders.push(new);
    }
}

impl ProgramRules {
    /// Returns the rules that judge what happens at an instant.
    pub fn in_force_at(&self, at: Timestamp) -> Rules {
        let accruals = self
            .accruals
            .all_in_force(at)
            .map(|(_, of)| version(of.version, &of.definition.0));
        let campaigns = self
            .campaigns
            .all_in_force(at)
            .map(|(_, of)| version(of.version, &of.definition.0));
        Rules::new(accruals.collect(), campaigns.collect())
    }

    /// Returns the rules that made a decision.
    pub fn of_decision(&self, decision: &Decision) -> Option<Rules> {
        let accrual = |code: &str, of: i32| -> Option<Arc<Accrual>> {
            self.accruals.version(code, of).map(|found| found.definition.0.clone())
        };
        let campaign = |code: &str, of: i32| -> Option<Arc<Campaign>> {
            self.campaigns.version(code, of).map(|found| found.definition.0.clone())
        };
        Rules::of_decision(decision, accrual, campaign)
    }
}

fn version<T>(version: i32, rule: &Arc<T>) -> Version<T> {
    Version {
        version,
        rule: rule.clone(),
    }
}
