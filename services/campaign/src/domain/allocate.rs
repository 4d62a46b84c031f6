//! Shares an amount out so that the shares add up to it.

/// Shares an amount out in proportion to weights, by largest remainders: of what is left over after rounding down, one each goes to the largest remainders, among
/// equals to the first. The shares add up to the amount; where all weights are zero there is nothing to share by, and all shares are zero.
pub(super) fn allocate(amount: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut shares: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(exact(weight) / whole).expect("a share is at most the amount"))
        .collect();
    let left = amount - shares.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(exact(&weights[*at]) % whole));
    for at in by_remainder.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[at] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::allocate;

    #[test]
    fn what_is_left_over_goes_to_the_largest_remainders() {
        assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(allocate(10, &[3, 3, 1]), [4, 4, 2]);
        assert_eq!(allocate(5, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_none_is_a_unit_off(amount in 0i64..1_000_000, weights in proptest::collection::vec(0i64..1_000_000, 1..20)) {
            let shares = allocate(amount, &weights);
            let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            prop_assert_eq!(shares.iter().sum::<i64>(), if whole == 0 { 0 } else { amount });
            for (share, weight) in shares.iter().zip(&weights) {
                let exact = i128::from(amount) * i128::from(*weight);
                prop_assert!((i128::from(*share) * whole - exact).abs() < whole.max(1));
            }
        }
    }
}
