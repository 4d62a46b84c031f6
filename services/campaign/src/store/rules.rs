//! The rules of programs: accruals, campaigns and ladders, every version of each.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use common::{
    ids::ProgramId,
    program::Program,
    versions::{Catalogue, Published, Versions},
    writer::{Work, Writes},
};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    AccrualRule, BudgetRule, CampaignRule, GovernanceRule, GroupRule, MESSAGE_POLICY, MessagePolicyRule, NewLadder,
    POLICY, PolicyRule, REFERRAL_POLICY, ReferralPolicyRule, ReleaseRule, TargetRule, TemplateRule,
    ladders::{LadderBook, insert_ladders},
};
use crate::{
    SCHEMA,
    domain::{
        Accrual, Campaign, Decision, DiscountPolicy, FindRules, Group, LadderVersion, Ladders, MessagePolicy,
        ReferralPolicy, Rules, Test, Version,
    },
};

/// The rules of every program, kept in memory.
pub struct RuleBook {
    accruals: Catalogue<AccrualRule>,
    campaigns: Catalogue<CampaignRule>,
    groups: Catalogue<GroupRule>,
    policies: Catalogue<PolicyRule>,
    budgets: Catalogue<BudgetRule>,
    releases: Catalogue<ReleaseRule>,
    templates: Catalogue<TemplateRule>,
    message_policies: Catalogue<MessagePolicyRule>,
    referral_policies: Catalogue<ReferralPolicyRule>,
    targets: Catalogue<TargetRule>,
    governance: Catalogue<GovernanceRule>,
    ladders: LadderBook,
    whole: Mutex<HashMap<ProgramId, (i64, ProgramRules)>>,
}

/// The rules that a batch concerns, and those that it published.
pub struct BatchRules {
    /// The accruals.
    pub accruals: Published<AccrualRule>,
    /// The campaigns.
    pub campaigns: Published<CampaignRule>,
    /// The groups.
    pub groups: Published<GroupRule>,
    /// The discount policies.
    pub policies: Published<PolicyRule>,
    /// The budgets.
    pub budgets: Published<BudgetRule>,
    /// The releases of their reserves.
    pub releases: Published<ReleaseRule>,
    /// The templates of messages.
    pub templates: Published<TemplateRule>,
    /// The message policies.
    pub message_policies: Published<MessagePolicyRule>,
    /// The referral policies.
    pub referral_policies: Published<ReferralPolicyRule>,
    /// What programs want to reach.
    pub targets: Published<TargetRule>,
    /// How programs look after their campaigns.
    pub governance: Published<GovernanceRule>,
    ladders: HashMap<ProgramId, Arc<Ladders>>,
    in_force: HashMap<ProgramId, Arc<InForce>>,
    new_ladders: Vec<NewLadder>,
}

/// The rules of one program.
#[derive(Clone, Default)]
pub struct ProgramRules {
    /// The accruals.
    pub accruals: Arc<Versions<AccrualRule>>,
    /// The campaigns.
    pub campaigns: Arc<Versions<CampaignRule>>,
    /// The groups.
    pub groups: Arc<Versions<GroupRule>>,
    /// The discount policy.
    pub policies: Arc<Versions<PolicyRule>>,
    /// The budgets.
    pub budgets: Arc<Versions<BudgetRule>>,
    /// The releases of their reserves.
    pub releases: Arc<Versions<ReleaseRule>>,
    /// The templates of messages.
    pub templates: Arc<Versions<TemplateRule>>,
    /// The message policy.
    pub message_policies: Arc<Versions<MessagePolicyRule>>,
    /// The referral policy.
    pub referral_policies: Arc<Versions<ReferralPolicyRule>>,
    /// What it wants to reach.
    pub targets: Arc<Versions<TargetRule>>,
    /// How it looks after its campaigns.
    pub governance: Arc<Versions<GovernanceRule>>,
    /// What levels multiply by.
    pub ladders: Arc<Ladders>,
    in_force: Arc<InForce>,
}

/// The rules in force between any two instants at which that changes, each put in order when it is first asked for.
#[derive(Default)]
struct InForce {
    any_uses: bool,
    kinds_asked_about: BTreeSet<String>,
    changes: Vec<Timestamp>,
    between: Vec<OnceLock<Arc<Rules>>>,
}

impl RuleBook {
    /// Begins with nothing in memory.
    pub fn new() -> RuleBook {
        RuleBook {
            accruals: Catalogue::new(SCHEMA),
            campaigns: Catalogue::new(SCHEMA),
            groups: Catalogue::new(SCHEMA),
            policies: Catalogue::new(SCHEMA),
            budgets: Catalogue::new(SCHEMA),
            releases: Catalogue::new(SCHEMA),
            templates: Catalogue::new(SCHEMA),
            message_policies: Catalogue::new(SCHEMA),
            referral_policies: Catalogue::new(SCHEMA),
            targets: Catalogue::new(SCHEMA),
            governance: Catalogue::new(SCHEMA),
            ladders: LadderBook::default(),
            whole: Mutex::default(),
        }
    }

    /// Returns the rules of the programs that a batch concerns.
    pub async fn load<C>(&self, tx: &mut PgConnection, work: &Work<'_, C>) -> Result<BatchRules, sqlx::Error> {
        let accruals = self.accruals.load(tx, work).await?;
        let campaigns = self.campaigns.load(tx, work).await?;
        let groups = self.groups.load(tx, work).await?;
        let policies = self.policies.load(tx, work).await?;
        let budgets = self.budgets.load(tx, work).await?;
        let releases = self.releases.load(tx, work).await?;
        let templates = self.templates.load(tx, work).await?;
        let message_policies = self.message_policies.load(tx, work).await?;
        let referral_policies = self.referral_policies.load(tx, work).await?;
        let targets = self.targets.load(tx, work).await?;
        let governance = self.governance.load(tx, work).await?;
        let mut rules = BatchRules {
            accruals,
            campaigns,
            groups,
            policies,
            budgets,
            releases,
            templates,
            message_policies,
            referral_policies,
            targets,
            governance,
            ladders: HashMap::new(),
            in_force: HashMap::new(),
            new_ladders: Vec::new(),
        };
        for program in work.programs.values() {
            let program_id = program.program_id;
            rules
                .ladders
                .insert(program_id, self.ladders.of_program(tx, program).await?);
            let whole = self.put_in_force(program, rules.of(program_id));
            rules.in_force.insert(program_id, whole.in_force);
        }
        Ok(rules)
    }

    /// Returns the rules of a program as its row tells, if all of them are in memory.
    pub fn remembered(&self, program: &Program) -> Option<ProgramRules> {
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let (config_version, rules) = whole.get(&program.program_id)?;
        (*config_version == program.config_version).then(|| rules.clone())
    }

    /// Tells when the rules of a program are in force, unless that is known, and remembers them whole.
    fn put_in_force(&self, program: &Program, rules: ProgramRules) -> ProgramRules {
        if let Some(known) = self.remembered(program) {
            return known;
        }
        let in_force = Arc::new(InForce::of(&rules));
        let rules = ProgramRules { in_force, ..rules };
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.insert(program.program_id, (program.config_version, rules.clone()));
        rules
    }

    /// Says what to write of what a batch published.
    pub fn persist(&self, rules: &mut BatchRules, writes: &mut Writes) {
        self.accruals.persist(&mut rules.accruals, writes);
        self.campaigns.persist(&mut rules.campaigns, writes);
        self.groups.persist(&mut rules.groups, writes);
        self.policies.persist(&mut rules.policies, writes);
        self.budgets.persist(&mut rules.budgets, writes);
        self.releases.persist(&mut rules.releases, writes);
        self.templates.persist(&mut rules.templates, writes);
        self.message_policies.persist(&mut rules.message_policies, writes);
        self.referral_policies.persist(&mut rules.referral_policies, writes);
        self.targets.persist(&mut rules.targets, writes);
        self.governance.persist(&mut rules.governance, writes);
        insert_ladders(&std::mem::take(&mut rules.new_ladders), writes);
    }

    /// Returns the rules of a program, for reads.
    pub async fn of_program(
        &self,
        connection: &mut PgConnection,
        program: &Program,
    ) -> Result<ProgramRules, sqlx::Error> {
        if let Some(known) = self.remembered(program) {
            return Ok(known);
        }
        let rules = ProgramRules {
            accruals: self.accruals.of_program(connection, program).await?,
            campaigns: self.campaigns.of_program(connection, program).await?,
            groups: self.groups.of_program(connection, program).await?,
            policies: self.policies.of_program(connection, program).await?,
            budgets: self.budgets.of_program(connection, program).await?,
            releases: self.releases.of_program(connection, program).await?,
            templates: self.templates.of_program(connection, program).await?,
            message_policies: self.message_policies.of_program(connection, program).await?,
            referral_policies: self.referral_policies.of_program(connection, program).await?,
            targets: self.targets.of_program(connection, program).await?,
            governance: self.governance.of_program(connection, program).await?,
            ladders: self.ladders.of_program(connection, program).await?,
            in_force: Arc::default(),
        };
        Ok(self.put_in_force(program, rules))
    }
}

impl BatchRules {
    /// Returns the rules of a program.
    pub fn of(&self, program_id: ProgramId) -> ProgramRules {
        ProgramRules {
            accruals: self.accruals.of(program_id).cloned().unwrap_or_default(),
            campaigns: self.campaigns.of(program_id).cloned().unwrap_or_default(),
            groups: self.groups.of(program_id).cloned().unwrap_or_default(),
            policies: self.policies.of(program_id).cloned().unwrap_or_default(),
            budgets: self.budgets.of(program_id).cloned().unwrap_or_default(),
            releases: self.releases.of(program_id).cloned().unwrap_or_default(),
            templates: self.templates.of(program_id).cloned().unwrap_or_default(),
            message_policies: self.message_policies.of(program_id).cloned().unwrap_or_default(),
            referral_policies: self.referral_policies.of(program_id).cloned().unwrap_or_default(),
            targets: self.targets.of(program_id).cloned().unwrap_or_default(),
            governance: self.governance.of(program_id).cloned().unwrap_or_default(),
            ladders: self.ladders.get(&program_id).cloned().unwrap_or_default(),
            in_force: self.in_force.get(&program_id).cloned().unwrap_or_default(),
        }
    }

    /// Takes note that a rule of a program was published.
    pub fn changed(&mut self, program_id: ProgramId) {
        let in_force = InForce::of(&self.of(program_id));
        self.in_force.insert(program_id, Arc::new(in_force));
    }

    /// Takes in a version of a ladder.
    pub fn put_ladder(&mut self, version: LadderVersion, new: NewLadder) {
        Arc::make_mut(self.ladders.entry(new.program_id).or_default()).put(version);
        self.new_ladders.push(new);
    }
}

impl ProgramRules {
    /// Tells whether any campaign has limits or a streak, or ever had: then how often campaigns applied is loaded with members.
    pub fn any_uses(&self) -> bool {
        self.in_force.any_uses
    }

    /// Tells whether any campaign asks what members have done, or ever did: then that is loaded with them.
    pub fn any_history(&self) -> bool {
        !self.in_force.kinds_asked_about.is_empty()
    }

    /// Tells whether any campaign asks how often a kind of activity was done, or ever did: then that is counted.
    pub fn ask_about(&self, kind: &str) -> bool {
        self.in_force.kinds_asked_about.contains(kind)
    }

    /// Returns how discounts go together at an instant.
    pub fn discount_policy(&self, at: Timestamp) -> DiscountPolicy {
        let in_force = self.policies.in_force(POLICY, at);
        in_force.map(|version| version.definition.0).unwrap_or_default()
    }

    /// Returns how often members are written to at an instant.
    pub fn message_policy(&self, at: Timestamp) -> MessagePolicy {
        let in_force = self.message_policies.in_force(MESSAGE_POLICY, at);
        in_force.map(|version| version.definition.0).unwrap_or_default()
    }

    /// Returns how members bring friends at an instant, where they do.
    pub fn referral_policy(&self, at: Timestamp) -> Option<ReferralPolicy> {
        let in_force = self.referral_policies.in_force(REFERRAL_POLICY, at);
        in_force.map(|version| version.definition.0)
    }

    /// Returns the rules that judge what happens at an instant.
    pub fn in_force_at(&self, at: Timestamp) -> Arc<Rules> {
        let between = self.in_force.changes.partition_point(|change| *change <= at);
        match self.in_force.between.get(between) {
            Some(rules) => rules.get_or_init(|| Arc::new(self.put_in_order(at))).clone(),
            None => Arc::default(),
        }
    }

    /// Returns the rules as they stand once all that is published is in force.
    pub fn at_last(&self) -> Arc<Rules> {
        self.in_force_at(Timestamp::MAX)
    }

    /// Returns the same with another campaign, or with another version of one.
    pub fn at_last_with(&self, campaign: Arc<Campaign>) -> Rules {
        let at_last = self.at_last();
        let others = at_last.campaigns().iter().filter(|of| of.rule.code != campaign.code);
        let latest = self.campaigns.latest(&campaign.code);
        let with = Version {
            version: latest.map_or(1, |latest| latest.version + 1),
            rule: campaign.clone(),
        };
        Rules::new(
            at_last.accruals().to_vec(),
            others.cloned().chain([with]).collect(),
            at_last.groups().to_vec(),
        )
    }

    fn put_in_order(&self, at: Timestamp) -> Rules {
        let accruals = self.accruals.all_in_force(at);
        let campaigns = self.campaigns.all_in_force(at).filter(|(_, of)| !of.wire.archived);
        let groups = self.groups.all_in_force(at);
        Rules::new(
            accruals.map(|(_, of)| version(of.version, &of.definition.0)).collect(),
            campaigns.map(|(_, of)| version(of.version, &of.definition.0)).collect(),
            groups.map(|(_, of)| version(of.version, &of.definition.0)).collect(),
        )
    }

    /// Returns the rules that made a decision.
    pub fn of_decision(&self, decision: &Decision) -> Option<Rules> {
        Rules::of_decision(decision, self)
    }
}

impl FindRules for ProgramRules {
    fn accrual(&self, code: &str, version: i32) -> Option<Arc<Accrual>> {
        Some(self.accruals.version(code, version)?.definition.0.clone())
    }

    fn campaign(&self, code: &str, version: i32) -> Option<Arc<Campaign>> {
        Some(self.campaigns.version(code, version)?.definition.0.clone())
    }

    fn group(&self, code: &str, version: i32) -> Option<Arc<Group>> {
        Some(self.groups.version(code, version)?.definition.0.clone())
    }
}

impl InForce {
    fn of(rules: &ProgramRules) -> InForce {
        let changes = rules
            .accruals
            .changes()
            .chain(rules.campaigns.changes())
            .chain(rules.groups.changes());
        let mut changes: Vec<Timestamp> = changes.collect();
        changes.sort_unstable();
        changes.dedup();
        let between = (0..=changes.len()).map(|_| OnceLock::new()).collect();
        let campaigns = || rules.campaigns.all().map(|version| &version.definition.0);
        let tests = campaigns().filter_map(|campaign| campaign.condition.as_ref());
        let tests = tests.flat_map(|condition| condition.tests());
        let asked = tests.filter_map(|test| match test {
            Test::History { of, .. } => Some(of.kind.clone()),
            _ => None,
        });
        InForce {
            any_uses: campaigns().any(|campaign| !campaign.limits.is_empty() || campaign.has_streak()),
            kinds_asked_about: asked.collect(),
            changes,
            between,
        }
    }
}

fn version<T>(version: i32, rule: &Arc<T>) -> Version<T> {
    Version {
        version,
        rule: rule.clone(),
    }
}
