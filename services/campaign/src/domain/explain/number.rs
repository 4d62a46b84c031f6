//! Numbers as people write them.

use common::ratio::Ratio;

/// Writes a ratio as people do where it has an end after at most six places, and as a fraction where not.
pub fn number(ratio: Ratio) -> String {
    let (Some(num), Some(den)) = (ratio.num(), ratio.den()) else {
        return "?".to_owned();
    };
    if den == 1 {
        return num.to_string();
    }
    let scaled = ratio.checked_mul(Ratio::whole(1_000_000));
    match scaled.and_then(|scaled| Some((scaled.num()?, scaled.den()?))) {
        Some((millionths, 1)) => {
            let digits = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
            digits.trim_end_matches('0').to_owned()
        }
        _ => format!("{num}/{den}"),
    }
}

#[cfg(test)]
mod tests {
    use super::number;
    use common::ratio::Ratio;

    #[test]
    fn numbers_are_written_as_people_do() {
        let written = |num, den| number(Ratio::new(num, den).unwrap());
        assert_eq!(
            [
                written(8, 5),
                written(2, 1),
                written(21, 2),
                written(1, 3),
                written(1, 64)
            ],
            ["1.6", "2", "10.5", "1/3", "0.015625"]
        );
    }
}
