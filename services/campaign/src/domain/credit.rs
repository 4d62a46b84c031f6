//! What of an order's points stands in the ledger, earning by earning: so that a return can say what it takes back from which.

use std::collections::BTreeMap;

use common::ids::ActivityId;

use super::decision::Award;
use super::terms::Destination;

/// Points that an activity about an order was credited with, as far as they stand; or as far as a return takes them back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credit {
    /// The activity.
    pub activity_id: ActivityId,
    /// Where they went.
    pub to: Destination,
    /// Which of the activity's credits for that wallet it is, counted from 0: each is an earning of its own.
    pub part: i32,
    /// The points.
    pub points: i64,
}

/// Credits what an activity awards.
pub fn credits(activity_id: ActivityId, awards: &[Award]) -> Vec<Credit> {
    let mut credits: Vec<Credit> = Vec::new();
    for award in awards.iter().filter(|award| award.points > 0) {
        let before = credits.iter().filter(|credit| credit.to.wallet == award.to.wallet);
        credits.push(Credit {
            activity_id,
            to: award.to.clone(),
            part: i32::try_from(before.count()).unwrap_or(i32::MAX),
            points: award.points,
        });
    }
    credits
}

/// Tells from which credits the awards of a return are taken back, the latest first, and what stands after it.
pub(super) fn take_back(standing: &[Credit], activity_id: ActivityId, awards: &[Award]) -> (Vec<Credit>, Vec<Credit>) {
    let missing = awards.iter().filter(|award| award.points < 0);
    let mut missing: BTreeMap<&Destination, i64> = missing.map(|award| (&award.to, -award.points)).collect();
    let (mut reversed, mut left) = (Vec::new(), Vec::new());
    for credit in standing.iter().rev() {
        let missing = missing.entry(&credit.to).or_default();
        let points = credit.points.min(*missing);
        *missing -= points;
        let of = |points| Credit {
            points,
            ..credit.clone()
        };
        reversed.extend((points > 0).then(|| of(points)));
        left.extend((credit.points > points).then(|| of(credit.points - points)));
    }
    debug_assert!(
        missing.values().all(|missing| *missing == 0),
        "more is taken back than stands"
    );
    left.reverse();
    left.extend(credits(activity_id, awards));
    (reversed, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(wallet: &str, funder: Option<&str>) -> Destination {
        Destination {
            wallet: wallet.into(),
            funder: funder.map(str::to_owned),
            activates_at: None,
        }
    }

    fn credit(activity_id: ActivityId, wallet: &str, points: i64) -> Credit {
        Credit {
            activity_id,
            to: to(wallet, None),
            part: 0,
            points,
        }
    }

    fn award(wallet: &str, points: i64) -> Award {
        Award {
            to: to(wallet, None),
            points,
        }
    }

    #[test]
    fn what_different_funders_pay_for_is_taken_back_from_its_own_credit() {
        let [bought, back] = [ActivityId::new(), ActivityId::new()];
        let paid = |funder: &str, points| Award {
            to: to("points", Some(funder)),
            points,
        };
        let standing = credits(bought, &[award("points", 100), paid("acme", 20), paid("brand", 5)]);
        let parts: Vec<i32> = standing.iter().map(|credit| credit.part).collect();
        assert_eq!(parts, [0, 1, 2]);
        let (reversed, left) = take_back(
            &standing,
            back,
            &[award("points", -30), paid("acme", -20), paid("brand", 4)],
        );
        let of = |credits: &[Credit]| -> Vec<(i32, i64)> { credits.iter().map(|of| (of.part, of.points)).collect() };
        assert_eq!(of(&reversed), [(1, 20), (0, 30)]);
        assert_eq!(of(&left), [(0, 70), (2, 5), (0, 4)]);
    }

    #[test]
    fn the_latest_credit_is_taken_back_first_and_what_is_given_stands_last() {
        let [bought, back, now] = [ActivityId::new(), ActivityId::new(), ActivityId::new()];
        let standing = [
            credit(bought, "points", 100),
            credit(bought, "growth", 7),
            credit(back, "points", 20),
        ];
        let (reversed, left) = take_back(&standing, now, &[award("points", -50), award("growth", 3)]);
        assert_eq!(reversed, [credit(back, "points", 20), credit(bought, "points", 30)]);
        assert_eq!(
            left,
            [
                credit(bought, "points", 70),
                credit(bought, "growth", 7),
                credit(now, "growth", 3)
            ]
        );
    }
}
