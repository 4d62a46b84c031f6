//! What of an order's points stands in the ledger, earning by earning: so that a return can say what it takes back from which.

use std::collections::BTreeMap;

use common::ids::ActivityId;

use super::decision::Award;

/// Points that an activity about an order was credited with, as far as they stand; or as far as a return takes them back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credit {
    /// The activity.
    pub activity_id: ActivityId,
    /// The wallet.
    pub wallet: String,
    /// The points.
    pub points: i64,
}

/// Credits what an activity awards.
pub fn credits(activity_id: ActivityId, awards: &[Award]) -> Vec<Credit> {
    let credited = awards.iter().filter(|award| award.points > 0);
    credited
        .map(|award| Credit {
            activity_id,
            wallet: award.wallet.clone(),
            points: award.points,
        })
        .collect()
}

/// Tells from which credits the awards of a return are taken back, the latest first, and what stands after it.
pub(super) fn take_back(standing: &[Credit], activity_id: ActivityId, awards: &[Award]) -> (Vec<Credit>, Vec<Credit>) {
    let missing = awards.iter().filter(|award| award.points < 0);
    let mut missing: BTreeMap<&str, i64> = missing.map(|award| (award.wallet.as_str(), -award.points)).collect();
    let (mut reversed, mut left) = (Vec::new(), Vec::new());
    for credit in standing.iter().rev() {
        let missing = missing.entry(&credit.wallet).or_default();
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

    fn credit(activity_id: ActivityId, wallet: &str, points: i64) -> Credit {
        Credit {
            activity_id,
            wallet: wallet.into(),
            points,
        }
    }

    fn award(wallet: &str, points: i64) -> Award {
        Award {
            wallet: wallet.into(),
            points,
        }
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
