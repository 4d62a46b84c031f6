//! Tells what an order costs after the discounts of campaigns, and what it earns then.

use common::{auth::Caller, ids::ActivityId};
use proto::campaign as pb;

use super::{
    AskedActivity, Failure,
    judge::{Case, undecidable},
    preview_activity::Found,
};
use crate::{
    context::Context,
    domain::{Activity, Purchase, PurchaseLine, Quote, QuoteError, quote},
    error::Error,
    store::decision_to_wire,
};

/// Takes the discounts of campaigns off an order, and decides what it would earn then. Some lines have a floor, by their numbers.
pub async fn quote_order(
    cx: &Context,
    caller: &Caller,
    asked: AskedActivity,
    floors: &[(String, i64)],
) -> Result<(Purchase, Quote, pb::Decision), Failure> {
    let found = Found::for_activity(cx, caller, &asked).await?;
    let (purchase, quote) = found.judged_by(|case| asked.quote(case, floors))?;
    let priced = asked.at_price(quote.purchase.clone());
    let judged = found.judged_by(|case| priced.judge(case, ActivityId::nil()))?;
    Ok((purchase, quote, decision_to_wire(&judged.decision)))
}

impl AskedActivity {
    /// Takes the discounts of campaigns off an order; answers with the order as it was asked about, too.
    fn quote(&self, case: &Case<'_>, floors: &[(String, i64)]) -> Result<(Purchase, Quote), Error> {
        let (member, occasion, activity) = self.check(case)?;
        let Activity::Purchase(purchase) = activity else {
            unreachable!("the request was read as one about an order");
        };
        let policy = case.rules.discount_policy(occasion.occurred_at);
        let order = self.new_order(case, member, occasion, purchase, ActivityId::nil())?;
        let floor = |line: &PurchaseLine| {
            let floors = floors.iter().filter(|(line_id, _)| *line_id == line.line_id);
            floors.map(|(_, floor)| *floor).max().unwrap_or(0)
        };
        let floors: Vec<i64> = purchase.lines().iter().map(floor).collect();
        let quoted = quote(&order, policy, &floors).map_err(|refused| match refused {
            QuoteError::Undecidable(refused) => undecidable(purchase.order_id())(refused),
            QuoteError::Invalid(contradictions) => Error::OrderInvalid(contradictions),
        })?;
        Ok((purchase.clone(), quoted))
    }

    /// Asks the same about an order at another price.
    fn at_price(&self, purchase: Purchase) -> AskedActivity {
        AskedActivity {
            activity: Ok(Activity::Purchase(purchase)),
            ..self.clone()
        }
    }
}
