//! Makes one factor of the level's and the campaigns', and tells what each campaign contributed.
//!
//! Campaigns are taken in the order in which they are considered, and each raises what stands so far:
//!
//! * `Additive`: by the base times what its factor has above 1.
//! * `Multiplicative`: by what stands so far times what its factor has above 1.
//! * `Max`: only one campaign counts, the one that raises the level's share most after its own cap; among equals the first.
//!
//! A campaign for some lines raises what these lines alone would make, in place of the base; where factors are multiplied, as often as the factors for the whole order
//! say that came before it.
//!
//! A campaign's own cap limits its raise. Sums are exact; only the whole is rounded, and the points of each campaign are the differences
//! between the rounded sums, so that they add up to the award. With factors of at least 1 every raise is at least nothing, and neither a
//! larger base nor one more campaign ever makes the award smaller.

use common::points::Points;
use common::ratio::{Ratio, Rounding};

use super::accrual::Composition;

/// A campaign's factor, with the campaign's own cap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Multiplier {
    pub factor: Ratio,
    /// What the lines alone would make that it is for; nothing where it is for the whole order.
    pub of_lines: Option<Ratio>,
    pub cap: Option<Points>,
}

/// What a campaign contributed, and what its own cap took off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Raise {
    pub points: Points,
    pub capped_points: Points,
}

/// What the factors make of a base.
#[derive(Debug)]
pub(super) struct Multiplied {
    pub factor: Ratio,
    pub rounded_points: Points,
    pub raises: Vec<Raise>,
}

/// How the factors make one, and how what is left of a point is rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub composition: Composition,
    pub rounding: Rounding,
}

impl Raise {
    pub const NONE: Raise = Raise {
        points: Points::ZERO,
        capped_points: Points::ZERO,
    };

    /// Adds points as far as a cap allows.
    pub fn within(cap: Option<Points>, points: Points) -> Raise {
        let allowed = cap.map_or(points, |cap| cap.min(points));
        Raise {
            points: allowed,
            capped_points: points.saturating_sub(allowed),
        }
    }
}

/// Multiplies a base by the level's factor and the campaigns'; nothing when a number cannot be held.
pub(super) fn multiply(
    base: Ratio,
    tier_factor: Ratio,
    multipliers: &[Multiplier],
    manner: Manner,
) -> Option<Multiplied> {
    let mut standing = Standing::of(base, tier_factor, manner)?;
    let best = match manner.composition {
        Composition::Max => standing.best(multipliers)?,
        Composition::Additive | Composition::Multiplicative => None,
    };
    let mut raises = Vec::with_capacity(multipliers.len());
    for (at, multiplier) in multipliers.iter().enumerate() {
        let counts = manner.composition != Composition::Max || best == Some(at);
        raises.push(if counts {
            standing.raise(multiplier)?
        } else {
            Raise::NONE
        });
    }
    Some(Multiplied {
        factor: standing.factor,
        rounded_points: standing.rounded,
        raises,
    })
}

/// What the award stands at while the campaigns are taken one after another.
struct Standing {
    base: Ratio,
    manner: Manner,
    factor: Ratio,
    exact: Ratio,
    rounded: Points,
}

impl Standing {
    fn of(base: Ratio, tier_factor: Ratio, manner: Manner) -> Option<Standing> {
        let exact = base.checked_mul(tier_factor)?;
        Some(Standing {
            base,
            manner,
            factor: tier_factor,
            exact,
            rounded: round(exact, manner)?,
        })
    }

    fn raise(&mut self, multiplier: &Multiplier) -> Option<Raise> {
        let uncapped = self.exact.checked_add(self.exact_raise(multiplier)?)?;
        let capped = self.exact.checked_add(self.capped_raise(multiplier)?)?;
        // Half to even can round a raise up to one above its cap, as 0.5 and 1 make 2: the cap holds for whole points too.
        let ceiling = multiplier
            .cap
            .and_then(|cap| self.rounded.checked_add(cap))
            .unwrap_or(Points::MAX);
        let rounded = round(capped, self.manner)?.min(ceiling);
        let raise = Raise {
            points: rounded.checked_sub(self.rounded)?,
            capped_points: round(uncapped, self.manner)?.checked_sub(rounded)?,
        };
        if multiplier.of_lines.is_none() {
            self.factor = self.composed(multiplier.factor)?;
        }
        (self.exact, self.rounded) = (capped, rounded);
        Some(raise)
    }

    fn best(&self, multipliers: &[Multiplier]) -> Option<Option<usize>> {
        let mut best: Option<(usize, Ratio)> = None;
        for (at, multiplier) in multipliers.iter().enumerate() {
            let raise = self.capped_raise(multiplier)?;
            if best.is_none_or(|(_, most)| most < raise) {
                best = Some((at, raise));
            }
        }
        Some(best.map(|(at, _)| at))
    }

    fn capped_raise(&self, multiplier: &Multiplier) -> Option<Ratio> {
        let raise = self.exact_raise(multiplier)?;
        Some(multiplier.cap.map_or(raise, |cap| raise.min(Ratio::whole(cap.get()))))
    }

    fn exact_raise(&self, multiplier: &Multiplier) -> Option<Ratio> {
        let more = multiplier.factor.checked_sub(Ratio::ONE)?;
        match (self.manner.composition, multiplier.of_lines) {
            (Composition::Additive, of_lines) => of_lines.unwrap_or(self.base).checked_mul(more),
            (Composition::Multiplicative, None) => self.exact.checked_mul(more),
            (Composition::Multiplicative, Some(of_lines)) => of_lines.checked_mul(self.factor)?.checked_mul(more),
            (Composition::Max, of_lines) => {
                let more = self.composed(multiplier.factor)?.checked_sub(self.factor)?;
                of_lines.unwrap_or(self.base).checked_mul(more)
            }
        }
    }

    fn composed(&self, factor: Ratio) -> Option<Ratio> {
        match self.manner.composition {
            Composition::Additive => self.factor.checked_add(factor)?.checked_sub(Ratio::ONE),
            Composition::Multiplicative => self.factor.checked_mul(factor),
            Composition::Max => Some(self.factor.max(factor)),
        }
    }
}

fn round(exact: Ratio, manner: Manner) -> Option<Points> {
    Points::new(exact.round(manner.rounding)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(num: i64, den: i64) -> Ratio {
        Ratio::new(num, den).unwrap()
    }

    fn multiplied(
        composition: Composition,
        rounding: Rounding,
        base: Ratio,
        multipliers: &[(i64, Option<i64>)],
    ) -> (i64, Vec<(i64, i64)>) {
        let capped = |(factor, cap): &(i64, Option<i64>)| Multiplier {
            factor: Ratio::whole(*factor),
            of_lines: None,
            cap: cap.and_then(Points::new),
        };
        let multipliers: Vec<_> = multipliers.iter().map(capped).collect();
        let made = multiply(base, Ratio::ONE, &multipliers, Manner { composition, rounding }).unwrap();
        let raises = made
            .raises
            .iter()
            .map(|raise| (raise.points.get(), raise.capped_points.get()));
        (made.rounded_points.get(), raises.collect())
    }

    #[test]
    fn a_cap_limits_what_one_campaign_adds() {
        let made = |composition| {
            multiplied(
                composition,
                Rounding::Floor,
                Ratio::whole(100),
                &[(10, Some(50)), (2, None)],
            )
        };
        assert_eq!(made(Composition::Additive), (250, vec![(50, 850), (100, 0)]));
        assert_eq!(made(Composition::Multiplicative), (300, vec![(50, 850), (150, 0)]));
        assert_eq!(made(Composition::Max), (200, vec![(0, 0), (100, 0)]));
    }

    #[test]
    fn among_equals_the_first_counts_alone() {
        let made = multiplied(
            Composition::Max,
            Rounding::Floor,
            Ratio::whole(10),
            &[(2, None), (2, None)],
        );
        assert_eq!(made, (20, vec![(10, 0), (0, 0)]));
    }

    #[test]
    fn a_factor_for_some_lines_raises_what_they_alone_would_make() {
        let multiplier = |factor, of_lines: Option<i64>| Multiplier {
            factor: Ratio::whole(factor),
            of_lines: of_lines.map(Ratio::whole),
            cap: None,
        };
        let made = |composition| {
            let multipliers = [multiplier(2, None), multiplier(3, Some(40))];
            let manner = Manner {
                composition,
                rounding: Rounding::Floor,
            };
            let made = multiply(Ratio::whole(100), Ratio::ONE, &multipliers, manner).unwrap();
            (made.rounded_points.get(), made.factor)
        };
        assert_eq!(made(Composition::Additive), (280, Ratio::whole(2)));
        assert_eq!(made(Composition::Multiplicative), (360, Ratio::whole(2)));
        assert_eq!(made(Composition::Max), (200, Ratio::whole(2)));
    }

    #[test]
    fn a_cap_holds_for_whole_points_however_they_are_rounded() {
        let made = multiplied(Composition::Additive, Rounding::HalfEven, ratio(1, 2), &[(3, Some(1))]);
        assert_eq!(made, (1, vec![(1, 1)]));
    }

    #[test]
    fn a_number_that_cannot_be_held_is_nothing() {
        let huge = Multiplier {
            factor: Ratio::whole(i64::MAX),
            of_lines: None,
            cap: None,
        };
        let manner = Manner {
            composition: Composition::Multiplicative,
            rounding: Rounding::Floor,
        };
        assert!(multiply(Ratio::ONE, Ratio::ONE, &[huge; 3], manner).is_none());
    }
}
