//! `points.account`: what members have, one row a wallet.

use std::collections::{BTreeSet, HashMap};

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use jiff_sqlx::ToSqlx as _;
use proto::member::MemberStatus;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{account_state, members::MemberKey};
use crate::domain::{Account, AccountSet, Lately, WalletCode, wakes_at};

/// The members that a batch concerns, with all that they have.
pub type Accounts = HashMap<MemberKey, MemberAccounts>;

/// A member, with what they have in every wallet.
#[derive(Clone, Debug)]
pub struct MemberAccounts {
    /// Where the member stands.
    pub status: MemberStatus,
    /// What they have, by wallet. A wallet in which they never had anything may be missing.
    pub accounts: AccountSet,
    /// Which of them changed since they were loaded.
    touched: Vec<WalletCode>,
    /// Which of them have a row.
    stored: Vec<WalletCode>,
}

impl MemberAccounts {
    /// Returns the member as it would be loaded again after it was saved.
    pub fn into_saved(mut self) -> MemberAccounts {
        for wallet in std::mem::take(&mut self.touched) {
            if !self.stored.contains(&wallet) {
                self.stored.push(wallet);
            }
        }
        self.accounts.retain(|account| {
            account.lately = Lately::default();
            self.stored.contains(&account.wallet)
        });
        self
    }

    /// Notes that the account in a wallet changed.
    pub fn touch(&mut self, wallet: &WalletCode) {
        if !self.touched.contains(wallet) {
            self.touched.push(wallet.clone());
        }
    }

    /// Returns the accounts that changed since they were loaded.
    pub fn touched(&self) -> impl Iterator<Item = &Account> {
        self.accounts
            .iter()
            .filter(|account| self.touched.contains(&account.wallet))
    }

    /// Returns a member who never had anything.
    pub fn new(status: MemberStatus) -> MemberAccounts {
        MemberAccounts {
            status,
            accounts: AccountSet::default(),
            touched: Vec::new(),
            stored: Vec::new(),
        }
    }
}

/// Loads members with their accounts. One that is not known is left out.
pub async fn load_accounts(
    connection: &mut PgConnection,
    members: &BTreeSet<MemberKey>,
) -> Result<Accounts, sqlx::Error> {
    if members.is_empty() {
        return Ok(Accounts::new());
    }
    let shards: Vec<i16> = members
        .iter()
        .map(|(program, member)| Shard::of(*program, *member).get())
        .collect();
    let programs: Vec<Uuid> = members.iter().map(|(program, _)| program.uuid()).collect();
    let ids: Vec<Uuid> = members.iter().map(|(_, member)| member.uuid()).collect();
    // The lateral limits pin an index probe for each member, however few rows the planner believes there are.
    let rows = sqlx::query!(
        r#"select known.program_id as "program_id!", known.member_id as "member_id!", known.status as "status!",
                  account.wallet as "wallet?", account.last_seq as "last_seq?", account.state as "state?"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (of_shard, of_program, of_member)
            cross join lateral (
                  select program_id, member_id, status from points.member
                   where shard = of_shard and program_id = of_program and member_id = of_member
                   limit 1) as known
             left join lateral (
                  select wallet, last_seq, state from points.account
                   where shard = of_shard and program_id = of_program and member_id = of_member
                   limit 1000) as account on true"#,
        &shards,
        &programs as &[Uuid],
        &ids as &[Uuid],
    )
    .fetch_all(connection)
    .await?;
    let mut accounts = Accounts::with_capacity(members.len());
    for row in rows {
        let key = (ProgramId::from(row.program_id), MemberId::from(row.member_id));
        let status =
            MemberStatus::try_from(i32::from(row.status)).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let member = accounts.entry(key).or_insert_with(|| MemberAccounts::new(status));
        if let (Some(wallet), Some(last_seq), Some(state)) = (row.wallet, row.last_seq, row.state) {
            let account = read_row(&wallet, last_seq, &state)?;
            member.stored.push(account.wallet.clone());
            member.accounts.put(account);
        }
    }
    Ok(accounts)
}

/// Makes an account of what its row says.
pub(super) fn read_row(wallet: &str, last_seq: i64, state: &[u8]) -> Result<Account, sqlx::Error> {
    let account = WalletCode::new(wallet).and_then(|wallet| account_state::decode(wallet, last_seq, state));
    account.ok_or_else(|| sqlx::Error::Decode(format!("the stored account in wallet {wallet} makes no sense").into()))
}

/// Saves the accounts that changed. A row that is there is updated, not upserted: that spares the log a lock for each.
pub fn save_accounts(accounts: &Accounts, writes: &mut Writes) {
    let (mut known, mut new) = (Columns::default(), Columns::default());
    for (key, member) in accounts {
        for account in member.touched() {
            let columns = if member.stored.contains(&account.wallet) {
                &mut known
            } else {
                &mut new
            };
            columns.push(*key, account);
        }
    }
    known.write(UPDATE, writes);
    new.write(INSERT, writes);
}

/// Account rows, column by column.
#[derive(Default)]
struct Columns {
    shards: Vec<i16>,
    programs: Vec<Uuid>,
    members: Vec<Uuid>,
    wallets: Vec<String>,
    last_seqs: Vec<i64>,
    next_due_at: Vec<Option<jiff_sqlx::Timestamp>>,
    available: Vec<i64>,
    pending: Vec<i64>,
    held: Vec<i64>,
    debt: Vec<i64>,
    states: Vec<Vec<u8>>,
}

impl Columns {
    fn push(&mut self, (program_id, member_id): MemberKey, account: &Account) {
        let amounts = account.amounts();
        self.shards.push(Shard::of(program_id, member_id).get());
        self.programs.push(program_id.uuid());
        self.members.push(member_id.uuid());
        self.wallets.push(account.wallet.to_string());
        self.last_seqs.push(account.last_seq);
        self.next_due_at.push(wakes_at(account).map(|at| at.to_sqlx()));
        self.available.push(amounts.available.get());
        self.pending.push(amounts.pending.get());
        self.held.push(amounts.held.get());
        self.debt.push(amounts.debt.get());
        self.states.push(account_state::encode(account));
    }

    fn write(self, sql: &'static str, writes: &mut Writes) {
        if self.shards.is_empty() {
            return;
        }
        let part = Part::new(sql)
            .bind(self.shards)
            .bind(self.programs)
            .bind(self.members)
            .bind(self.wallets)
            .bind(self.last_seqs)
            .bind(self.next_due_at)
            .bind(self.available)
            .bind(self.pending)
            .bind(self.held)
            .bind(self.debt)
            .bind(self.states);
        writes.add(part);
    }
}

const UPDATE: &str = "
    update points.account as account
       set last_seq = moved.last_seq, next_due_at = moved.next_due_at, available = moved.available, pending = moved.pending,
           held = moved.held, debt = moved.debt, state = moved.state
      from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[])
           as moved (shard, program_id, member_id, wallet, last_seq, next_due_at, available, pending, held, debt, state)
     where account.shard = moved.shard and account.program_id = moved.program_id
       and account.member_id = moved.member_id and account.wallet = moved.wallet";

const INSERT: &str = "
    insert into points.account
           (shard, program_id, member_id, wallet, last_seq, next_due_at, available, pending, held, debt, state)
    select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::bigint[],
                         $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[])";
