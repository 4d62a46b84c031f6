//! What the ledger decides: pure functions from an account, a command and an instant to the entries that record it.
//!
//! There are no statuses, only quantities: an account is the points that lie in it, its holds and its debt, and every amount is derived from them.
//! Every point has a number, and a lot is a run of them; which lot a number belongs to stands in the entries and decides nothing.
//! Deliberately absent: a clock, SQL, protobuf, and any rule of who may ask.

mod account;
mod account_set;
mod activate_points;
mod adjustment;
mod amounts;
mod capture_hold;
mod command;
mod due;
mod earn_points;
mod entry;
pub mod evidence;
mod expiry;
mod extend_hold;
mod extend_points;
mod funded;
mod history;
mod hold;
mod hold_points;
mod lines;
mod lot_book;
mod notices;
mod numbers;
mod portions;
mod refusal;
mod release_hold;
mod replay;
mod restore_spend;
mod reverse_entry;
mod roll_forward;
mod snapshot;
mod spend_points;
mod stamp;
mod stored_value;
mod take_out;
#[cfg(test)]
mod tests;
mod transfer_points;
mod value;
mod wallet;
mod write_off_debt;

pub use account::{Account, EarnedIn, Lapse, Lately, TakenBack};
pub use account_set::AccountSet;
pub use activate_points::ActivatePoints;
pub use adjustment::{
    AdjustmentPolicy, AdjustmentRefusal, AdjustmentState, Change, OPEN_HOURS, Operator, Proposal, check_approval,
    check_open, check_proposal,
};
pub use amounts::Amounts;
pub use capture_hold::CaptureHold;
pub use command::{Command, Posting, decide, decide_batch};
pub use due::{apply_due, foresee, next_due_at, wakes_at};
pub use earn_points::EarnPoints;
pub use entry::{EntryDraft, EntryKind, Original};
pub use expiry::{Activities, ExpiryPolicy, MonthDay, Period};
pub use extend_hold::ExtendHold;
pub use extend_points::{ExtendPoints, Which};
pub use funded::{FundedPoints, fund};
pub use history::{History, PastAmounts};
pub use hold::{Hold, HoldState, HoldStatus};
pub use hold_points::{DEFAULT_TTL_SECONDS, HoldPoints};
pub use lines::{Line, Lines};
pub use lot_book::{LotBook, LotStory};
pub use notices::{LeadTimes, Notice, Notices, Told};
pub use numbers::Numbers;
pub use portions::{EventName, Portion, Portions, Wait};
pub use refusal::{BatchRefusal, Refusal};
pub use release_hold::ReleaseHold;
pub use replay::{Contradiction, Replay};
pub use restore_spend::{Initiator, RestoreSpend};
pub use reverse_entry::ReverseEntry;
pub use roll_forward::{Breakage, DayTotal, MoneyRolled, Rolled, Stretch, roll_forward};
pub use snapshot::{Snapshot, SnapshotHold, SnapshotPart};
pub use spend_points::SpendPoints;
pub use stamp::Stamp;
pub use stored_value::{Shares, SpendOrder, StoredValue};
pub use take_out::{TakeOut, TakenAs};
pub use transfer_points::{TransferIn, TransferOut};
pub use value::PointValue;
pub use wallet::{Caps, FunderCode, OverdraftPolicy, PeriodCap, TransferPolicy, Wallet, WalletCode};
pub use write_off_debt::WriteOffDebt;
