//! The rows of a table that a batch concerns.

use std::collections::{BTreeMap, BTreeSet};

/// The rows of a table that a batch concerns: first as they were loaded, then as the decisions leave them.
#[derive(Debug)]
pub struct Table<K, V> {
    rows: BTreeMap<K, V>,
    changed: BTreeSet<K>,
}

impl<K: Copy + Ord, V> Table<K, V> {
    /// Takes the rows as they were loaded.
    pub fn loaded(rows: BTreeMap<K, V>) -> Table<K, V> {
        Table {
            rows,
            changed: BTreeSet::new(),
        }
    }

    /// Returns a row as it is now.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// Puts a new row, or one in the place of another.
    pub fn put(&mut self, key: K, row: V) {
        self.changed.insert(key);
        self.rows.insert(key, row);
    }

    /// Returns the rows that were put.
    pub fn changed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.changed.iter().filter_map(|key| self.rows.get_key_value(key))
    }

    /// Tells whether no row was put.
    pub fn is_unchanged(&self) -> bool {
        self.changed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_put_is_changed_and_the_last_put_holds() {
        let mut table = Table::loaded(BTreeMap::from([(1, "one"), (2, "two")]));
        assert!(table.is_unchanged());
        table.put(2, "deux");
        table.put(3, "drei");
        table.put(3, "trois");
        assert_eq!(table.changed().collect::<Vec<_>>(), [(&2, &"deux"), (&3, &"trois")]);
        assert_eq!((table.get(&1), table.get(&4)), (Some(&"one"), None));
    }
}
