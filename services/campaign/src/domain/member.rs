//! What is known of a member, and what of it matters to the rules that judge an activity.

use common::{ids::MemberId, ratio::Ratio, zone::Zone};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{
    campaign::Trigger,
    facts::{Facts, LevelFact, UseFact},
    history::{DaysDone, HistoryFact},
    ladder::Ladders,
    limit::{LimitPeriod, Used},
    needs::Before,
    rules::Rules,
    sample::SampleFact,
    streak::StreakFact,
    uses::{Uses, made_up},
};

/// What is known of a member.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Member {
    /// Where the member stands; nothing for one that is not known, or not yet.
    pub status: Option<MemberStatus>,
    /// How many purchases the member has made. Returns do not take any off: a first purchase is made once.
    pub purchases: i64,
    /// The levels the member has.
    pub levels: Vec<MemberLevel>,
    /// When the member enrolled; nothing for a prospect.
    pub enrolled_at: Option<Timestamp>,
    /// Whether the member was a prospect before.
    pub was_prospect: bool,
    /// The birthday that was told last.
    pub birthday_on: Option<Date>,
    /// Whether an order of the member may qualify whoever brought them.
    pub referral_open: bool,
    /// How often campaigns with limits applied for the member.
    pub uses: Uses,
    /// What the member did on each day, as far as campaigns ask about it.
    pub days: DaysDone,
}

/// What facts are for.
#[derive(Clone, Copy, Debug)]
pub struct FactsOf<'a> {
    /// The member.
    pub member_id: MemberId,
    /// What triggers the campaigns that are asked.
    pub trigger: &'a Trigger,
    /// When it happened.
    pub at: Timestamp,
}

/// Where a member stands in their life with the program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemberStatus {
    /// Known, and not enrolled; earns what rules give prospects.
    Prospect,
    /// Enrolled; earns and spends.
    Registered,
    /// Enrolled and confirmed; earns and spends.
    Activated,
    /// Held by the merchant.
    Frozen,
    /// Left for good.
    Closed,
}

/// A level that a member has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MemberLevel {
    /// The ladder.
    pub ladder: String,
    /// The level.
    pub level: String,
    /// What it multiplied by when the member entered it.
    pub accrual_factor: Ratio,
}

impl MemberStatus {
    /// Tells whether a member who stands here earns.
    pub fn earns(self) -> bool {
        !matches!(self, MemberStatus::Frozen | MemberStatus::Closed)
    }
}

impl Member {
    /// Has the member stand somewhere in their life.
    pub fn stand(&mut self, status: MemberStatus, enrolled_at: Option<Timestamp>) {
        self.was_prospect |= status == MemberStatus::Prospect;
        self.status = Some(status);
        self.enrolled_at = enrolled_at;
    }

    /// Tells whether the member was a prospect at an instant, whenever that is asked.
    pub fn is_prospect_at(&self, at: Timestamp) -> bool {
        self.was_prospect && self.enrolled_at.is_none_or(|enrolled| at < enrolled)
    }

    /// Puts the member on a level of a ladder.
    pub fn enter(&mut self, level: MemberLevel) {
        self.levels.retain(|known| known.ladder != level.ladder);
        self.levels.push(level);
    }

    /// States what rules need to know of the member at an instant. A level gives what its ladder says at that instant, and where that
    /// ladder knows no such level, multiplies by what it did when the member entered it.
    pub fn facts(&self, rules: &Rules, ladders: &Ladders, zone: &Zone, of: &FactsOf<'_>) -> Facts {
        let at = of.at;
        let day = zone.tz().to_datetime(at).date();
        let before = rules.needed_before(of.trigger);
        let asks_birthday = before.is_some_and(|before| before.birthday);
        let before = before.map(|before| self.facts_before(rules, before, of.member_id, day));
        let (histories, streaks, samples) = before.unwrap_or_default();
        Facts {
            levels: rules
                .ladders()
                .map(|ladder| self.level_fact(ladder, ladders, at))
                .collect(),
            purchases_before: self.purchases,
            zone: zone.clone(),
            enrolled_at: self.enrolled_at,
            is_prospect: self.is_prospect_at(at),
            budgets: Vec::new(),
            uses: self.use_facts(rules, day),
            histories,
            streaks,
            samples,
            is_counted: false,
            birthday_on: self.birthday_on.filter(|_| asks_birthday),
        }
    }

    fn facts_before(
        &self,
        rules: &Rules,
        before: &Before,
        id: MemberId,
        day: Date,
    ) -> (Vec<HistoryFact>, Vec<StreakFact>, Vec<SampleFact>) {
        // A time that has not begun is left out, and so is one that begins on the same day as another.
        let mut histories: Vec<HistoryFact> = Vec::new();
        let begun = before.histories.iter().filter(|asked| asked.window.since(day) <= day);
        for fact in begun.map(|asked| self.days.fact(asked, day)) {
            if !histories.contains(&fact) {
                histories.push(fact);
            }
        }
        let streaks = before.streaks.iter().map(|(at, within)| {
            let campaign = &rules.campaigns()[*at].rule;
            let month = LimitPeriod::Month;
            let made_up = self.uses.get(&made_up(&campaign.code), month, month.start(day)).times;
            StreakFact::around(day, self.uses.days_of(&campaign.code), &campaign.code, *within, made_up)
        });
        let samples = before.samples.iter().map(|sample| SampleFact::of(sample, id));
        (histories, streaks.collect(), samples.collect())
    }

    /// Only what was used is told, so that a receipt is no longer than it must be.
    fn use_facts(&self, rules: &Rules, day: Date) -> Vec<UseFact> {
        if self.uses.is_empty() {
            return Vec::new();
        }
        let mut facts: Vec<UseFact> = Vec::new();
        for campaign in rules.limited() {
            for limit in &campaign.limits {
                let used = self.uses.get(&campaign.code, limit.period, limit.period.start(day));
                let is_known = |fact: &UseFact| (&fact.campaign, fact.period) == (&campaign.code, limit.period);
                if used != Used::default() && !facts.iter().any(is_known) {
                    facts.push(UseFact {
                        campaign: campaign.code.clone(),
                        period: limit.period,
                        used,
                    });
                }
            }
        }
        facts
    }

    fn level_fact(&self, ladder: &str, ladders: &Ladders, at: Timestamp) -> LevelFact {
        let on = self.levels.iter().find(|level| level.ladder == ladder);
        let given = on.and_then(|on| ladders.level(ladder, &on.level, at));
        let factor = |on: &MemberLevel| given.map_or(on.accrual_factor, |given| given.accrual_factor);
        LevelFact {
            ladder: ladder.to_owned(),
            level: on.map(|on| on.level.clone()),
            accrual_factor: on.map_or(Ratio::ONE, factor),
            discount_per_mille: given.map_or(0, |given| given.discount_per_mille),
        }
    }
}
