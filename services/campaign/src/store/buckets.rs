//! What budgets have, and what of that was spent, given out and left.

use std::collections::HashMap;

use common::ids::ProgramId;
use jiff::civil::Date;
use sqlx::PgConnection;

use super::ProgramRules;
use crate::domain::Budget;

/// The money of a budget for a time.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Bucket {
    /// How deep the budget lies: 0 for one that is a part of none.
    depth: usize,
    /// The budget.
    pub budget: String,
    /// The day on which the time began.
    pub starts_on: Date,
    /// What may be spent.
    pub cap: i64,
}

/// What was spent of a budget itself for a time, by all shards.
pub struct Spending {
    /// The budget.
    pub budget: String,
    /// The day on which the time began.
    pub starts_on: Date,
    /// What was spent.
    pub spent: i64,
    /// What campaigns cost beyond that.
    pub over: i64,
    /// What shards may spend yet.
    pub left: i64,
}

impl Bucket {
    /// Returns what it is told apart by.
    pub(super) fn key(&self) -> (String, Date) {
        (self.budget.clone(), self.starts_on)
    }
}

impl ProgramRules {
    /// Returns the buckets that money of a budget is taken of, the outermost first.
    pub fn buckets(&self, budget: &str, starts_on: Date) -> Vec<Bucket> {
        let path = self.path_of(budget);
        let bucket = |(depth, budget): (usize, &&Budget)| {
            let starts_on = budget.period.start(starts_on);
            Bucket {
                depth,
                budget: budget.code.clone(),
                starts_on,
                cap: self.open_minor_units(budget, starts_on),
            }
        };
        path.iter().rev().enumerate().map(bucket).collect()
    }
}

/// Lists what was spent of every budget of a program, the latest time first.
pub async fn list_spending(connection: &mut PgConnection, program_id: ProgramId) -> Result<Vec<Spending>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select budget, starts_on as "starts_on: jiff_sqlx::Date", sum(spent)::bigint as "spent!", sum(over)::bigint as "over!",
                  sum(granted - spent)::bigint as "left!"
             from campaign.budget_lease
            where program_id = $1
            group by budget, starts_on
            order by starts_on desc"#,
        program_id.uuid(),
    );
    let spending = rows.fetch_all(connection).await?.into_iter().map(|row| Spending {
        budget: row.budget,
        starts_on: row.starts_on.to_jiff(),
        spent: row.spent,
        over: row.over,
        left: row.left,
    });
    Ok(spending.collect())
}

/// Returns what budgets have left that pay for campaigns, for those who only ask: what is not given out, and what any shards have left that may be had for it.
pub async fn load_money(
    connection: &mut PgConnection,
    rules: &ProgramRules,
    program_id: ProgramId,
    wanted: &[(String, Date)],
) -> Result<HashMap<(String, Date), i64>, sqlx::Error> {
    let granted = sqlx::query!(
        r#"select budget, starts_on as "starts_on: jiff_sqlx::Date", granted from campaign.budget_bucket where program_id = $1"#,
        program_id.uuid(),
    );
    let granted: HashMap<(String, Date), i64> = granted
        .fetch_all(&mut *connection)
        .await?
        .into_iter()
        .map(|row| ((row.budget, row.starts_on.to_jiff()), row.granted))
        .collect();
    let spending = list_spending(connection, program_id).await?;
    let mut unspent: HashMap<(String, Date), i64> = HashMap::new();
    for of in spending.iter().filter(|of| of.left > 0) {
        for bucket in rules.buckets(&of.budget, of.starts_on) {
            *unspent.entry(bucket.key()).or_default() += of.left;
        }
    }
    let money = wanted.iter().map(|(budget, starts_on)| {
        let left = rules.buckets(budget, *starts_on).into_iter().map(|bucket| {
            let of = |known: &HashMap<(String, Date), i64>| known.get(&bucket.key()).copied().unwrap_or(0);
            bucket.cap - of(&granted) + of(&unspent)
        });
        ((budget.clone(), *starts_on), left.min().unwrap_or(0).max(0))
    });
    Ok(money.collect())
}
