//! Some lines of an order.

use super::names::Names;
use super::purchase::PurchaseLine;

/// Some lines of an order: those that meet everything that is set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LineFilter {
    /// With one of these numbers; without any, with any.
    pub skus: Names,
    /// In one of these categories; without any, in any.
    pub categories: Names,
    /// Of one of these brands; without any, of any.
    pub brands: Names,
    /// But in none of these categories.
    pub except_categories: Names,
    /// And of none of these brands.
    pub except_brands: Names,
}

impl LineFilter {
    /// Tells whether a line is one of them.
    pub fn matches(&self, line: &PurchaseLine) -> bool {
        let in_one_of = |names: &Names| line.categories.iter().any(|category| names.contains(category));
        (self.skus.is_empty() || self.skus.contains(&line.sku))
            && (self.categories.is_empty() || in_one_of(&self.categories))
            && (self.brands.is_empty() || self.brands.contains(&line.brand))
            && !in_one_of(&self.except_categories)
            && !self.except_brands.contains(&line.brand)
    }
}

/// Tells whether a line counts, where only some may.
pub(super) fn counts(lines: Option<&LineFilter>, line: &PurchaseLine) -> bool {
    lines.is_none_or(|filter| filter.matches(line))
}
