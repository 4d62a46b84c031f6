//! SQL, and the mirror of balances in Redis.
//!
//! Set-wise for the writer: what a batch concerns is loaded with one statement a table and saved with one or two. Reads for RPCs take the program as
//! the caller's token names it.

mod account_state;
mod accounts;
mod adjustments;
mod audit;
mod balances;
mod books;
mod checkpoints;
mod daily_totals;
mod due;
mod entries;
mod entry;
mod entry_row;
mod exports;
mod instant;
mod kept;
mod kept_portion;
mod lots;
mod members;
mod mirror;
mod mirror_reads;
mod mirror_source;
mod mirrored;
mod nearby;
mod notice_plans;
mod place;
mod proof;
mod requests;
mod seals;
mod top_ups;
mod transfers;
mod waits;
mod wallets;

pub use accounts::{Accounts, MemberAccounts, load_accounts, save_accounts};
pub use adjustments::{Adjustments, OperatorDay, list_adjustments};
pub use audit::{AccountPlace, StoredAccount, follow_entries, list_accounts};
pub use balances::{Balances, Freshness, Reading};
pub use books::{Books, read_books};
pub use checkpoints::{LastSealed, SignedCheckpoint, list_checkpoints, list_checkpoints_from};
pub use daily_totals::{find_uncounted, fold_some};
pub use due::find_due;
pub use entries::{
    StoredEntry, find_entries, find_entry, list_attempts, list_entries, list_later_entries, list_recorded,
};
pub use entry::{EntryMark, amounts_to_wire, entry_to_wire, kind_to_wire, portion_from_wire, portion_to_wire};
pub use exports::{LotOfAccount, find_heads, find_recorded_from, list_lots_of, read_stretch};
pub use kept::Kept;
pub use lots::{Lot, explain_entry, find_lots};
pub use members::{MemberKey, find_member, save_members};
pub use mirror::{Mirror, Publication, Standing};
pub use mirror_source::{read_changed, read_mirror_cursors, save_mirror_cursors};
pub use nearby::Nearby;
pub use notice_plans::{
    NewNoticeRule, NoticePlan, find_notice_plan, list_members_of, move_notice_plan, save_notice_rules,
};
pub use place::Place;
pub use proof::{Proof, prove};
pub use requests::find_requests;
pub use seals::{Found, SealedSegment, Sealing, find_inclusion, list_segments, read_segment, seal};
pub use top_ups::{TopUps, list_top_ups};
pub use transfers::{Left, forget_transfer, list_left_alone, save_transfers};
pub use wallets::{WalletTerms, expiry_from_wire, most_by_law, period_from_wire};
