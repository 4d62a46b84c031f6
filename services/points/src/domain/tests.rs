//! Stories of the ledger's rules, and properties that hold whatever happens.

mod batches;
mod earning;
mod fold;
mod holding;
mod ledger;
mod model;
mod properties;
mod restoring;
mod reversing;
mod snapshots;
mod spending;
mod steps;
mod stored_value;
