//! The books of a wallet, and what its points were worth at any time.

use std::sync::Arc;

use common::{
    auth::Caller,
    program::Program,
    refusal::{Fault, Violations},
    time,
    versions::Versions,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use proto::{points as pb, value::Money};
use tonic::Status;

use crate::{
    context::Context,
    domain::{FunderCode, PointValue, Refusal, Stretch, WalletCode},
    error::Error,
    store::{self, Books, WalletTerms, period_from_wire},
};

/// How many periods a report has at most.
const PERIODS: usize = 400;

/// The books of a wallet.
pub struct BooksOf {
    pub books: Books,
    program: Arc<Program>,
    versions: Arc<Versions<WalletTerms>>,
    wallet: WalletCode,
    now: Timestamp,
}

impl BooksOf {
    /// Reads the books of a wallet of the caller's program, by the days on which entries occurred or were recorded.
    pub async fn read(cx: &Context, caller: &Caller, wallet: WalletCode, by_occurred: bool) -> Result<BooksOf, Status> {
        let missing = || Error::WalletNotFound { wallet: wallet.clone() };
        let program = cx.programs.find(caller.program()).await.map_err(Fault::from)?;
        let program = program.ok_or_else(missing)?;
        let (catalogue, of) = (cx.wallets.clone(), program.clone());
        let read = cx
            .db
            .run(move |pool| async move { catalogue.of_program(&mut *pool.acquire().await?, &of).await });
        let versions = read.await.map_err(Fault::from)?;
        versions.latest(wallet.as_str()).ok_or_else(missing)?;
        let (of, code) = (program.clone(), wallet.clone());
        let read = cx
            .db
            .run(move |pool| async move { store::read_books(&pool, &of, &code, by_occurred).await });
        Ok(BooksOf {
            books: read.await.map_err(Fault::from)?,
            now: program.now_for_reading(),
            program,
            versions,
            wallet,
        })
    }

    /// Returns the day that it is in the program.
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.program.zone.tz().clone()).date()
    }

    /// Returns what points are worth now.
    pub fn value_now(&self) -> Option<PointValue> {
        self.value_at(self.now)
    }

    /// Returns what points were worth at the end of a day, or are now when that is still to come.
    pub fn value_after(&self, day: Date) -> Option<PointValue> {
        self.value_at(self.end_of(day))
    }

    /// Returns what points were worth before a day.
    pub fn value_before(&self, day: Date) -> Option<PointValue> {
        self.value_after(day.yesterday().ok()?)
    }

    /// Returns the price that the wallet named last for a funder before a day ended.
    pub fn price_on(&self, funder: &FunderCode, day: Date) -> Option<PointValue> {
        let mut version = self.versions.in_force(self.wallet.as_str(), self.end_of(day));
        while let Some(here) = version {
            let named = here.definition.prices.iter().find(|(code, _)| code == funder);
            if let Some((_, price)) = named {
                return *price;
            }
            version = self.versions.version(self.wallet.as_str(), here.version - 1);
        }
        None
    }

    /// Returns by how much what the journal tells differs from what the accounts have: outstanding, and owed.
    pub fn differences(&self) -> Result<(i64, i64), Error> {
        let (told, amounts) = (self.books.told(), self.books.amounts);
        let counted = told.and_then(|told| {
            let outstanding = told.outstanding()?.checked_sub(self.outstanding()?)?;
            Some((outstanding, told.debt()?.checked_sub(amounts.debt)?))
        });
        self.counted(counted)
    }

    /// Returns what all accounts have: available, pending and held.
    pub fn outstanding(&self) -> Option<i64> {
        let amounts = self.books.amounts;
        amounts
            .available
            .checked_add(amounts.pending)?
            .checked_add(amounts.held)
    }

    /// Returns what was counted, or refuses what cannot be.
    pub fn counted<T>(&self, counted: Option<T>) -> Result<T, Error> {
        let wallet = || self.wallet.clone();
        counted.ok_or_else(|| Refusal::BalanceOutOfRange { wallet: wallet() }.into())
    }

    /// Returns money of the program.
    pub fn money(&self, minor_units: i64) -> Money {
        Money {
            currency_code: self.program.currency_code.clone(),
            minor_units,
        }
    }

    /// Returns the program's currency.
    pub fn currency_code(&self) -> String {
        self.program.currency_code.clone()
    }

    /// Returns up to where the journal is counted.
    pub fn cut(&self) -> Option<pb::LedgerCut> {
        Some(pb::LedgerCut {
            seqs: self.books.cut.clone(),
        })
    }

    fn value_at(&self, at: Timestamp) -> Option<PointValue> {
        self.versions.in_force(self.wallet.as_str(), at)?.definition.value
    }

    /// Returns the last instant of a day, or now when that is still to come.
    fn end_of(&self, day: Date) -> Timestamp {
        let next = day
            .tomorrow()
            .and_then(|next| next.to_zoned(self.program.zone.tz().clone()));
        let last = next.and_then(|next| next.timestamp().checked_sub(SignedDuration::from_micros(1)));
        time::to_micros(last.unwrap_or(Timestamp::MAX)).min(self.now)
    }
}

/// Returns what points are worth as it travels.
pub fn value_to_wire(value: PointValue) -> pb::PointValue {
    pb::PointValue {
        points: value.points(),
        minor_units: value.minor_units(),
    }
}

/// Reads which periods are asked for.
pub fn periods(
    violations: &mut Violations,
    period: pb::Period,
    first_day: &str,
    last_day: &str,
) -> Option<Vec<Stretch>> {
    let period = period_from_wire(period);
    violations.check(period.is_some(), "period", "is not chosen");
    let (first, last) = (
        day(violations, "first_day", first_day),
        day(violations, "last_day", last_day),
    );
    let (first, last) = first.zip(last)?;
    violations.check(first <= last, "last_day", "is before the first");
    if first > last {
        return None;
    }
    let periods = Stretch { first, last }.split(period?, PERIODS);
    violations.check(
        periods.is_some(),
        "last_day",
        format!("makes more than {PERIODS} periods"),
    );
    periods
}

/// Reads to which day entries belong: whether by when they occurred.
pub fn by_occurred(violations: &mut Violations, basis: pb::DayBasis) -> Option<bool> {
    match basis {
        pb::DayBasis::Occurred => Some(true),
        pb::DayBasis::Recorded => Some(false),
        pb::DayBasis::Unspecified => {
            violations.add("basis", "is not chosen");
            None
        }
    }
}

fn day(violations: &mut Violations, field: &str, text: &str) -> Option<Date> {
    let day = text
        .parse::<Date>()
        .ok()
        .filter(|day| (1900..2200).contains(&day.year()));
    violations.check(day.is_some(), field, "is not a day between the years 1900 and 2199");
    day
}
