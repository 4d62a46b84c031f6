//! What members have, for reading: from the mirror where it answers, else from Postgres.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use common::{
    canary,
    db::Db,
    ids::{MemberId, ProgramId},
    program::Program,
    redis_link::NoAnswer,
    shard::Shard,
    versions::Catalogue,
};
use futures::{
    FutureExt as _,
    future::{Shared, join_all},
};
use sqlx::PgPool;
use tokio::sync::oneshot;

use super::{
    accounts::{load_accounts, read_row},
    members::MemberKey,
    mirror::{Found, Mirror},
    nearby::Nearby,
    wallets::WalletTerms,
};
use crate::domain::{Account, Snapshot, WalletCode};

/// How fresh a read must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As the mirror has it.
    AnyCommitted,
    /// Not older than a place of the member's shard.
    AtLeast(i64),
    /// As the record has it now.
    Newest,
}

/// What was found of a member's account.
#[derive(Clone, Debug)]
pub enum Reading<T> {
    /// The account; empty when the member never had anything in the wallet.
    Found(T),
    /// There is no such member.
    NoMember,
    /// There is no such wallet.
    NoWallet,
}

impl<T> Reading<T> {
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Reading::Found(found) => Reading::Found(make(found)),
            Reading::NoMember => Reading::NoMember,
            Reading::NoWallet => Reading::NoWallet,
        }
    }
}

/// Reads balances. Cheap to clone.
#[derive(Clone)]
pub struct Balances {
    db: Db,
    wallets: Arc<Catalogue<WalletTerms>>,
    mirror: Mirror,
    nearby: Nearby,
    under_way: Arc<Mutex<HashMap<Asked, UnderWay>>>,
}

type Asked = (ProgramId, MemberId, WalletCode);
/// A read of the record that others may wait for.
type UnderWay = Shared<oneshot::Receiver<Reading<Arc<Snapshot>>>>;

impl Balances {
    /// Prepares to read.
    pub fn new(db: &Db, wallets: &Arc<Catalogue<WalletTerms>>, mirror: &Mirror, nearby: &Nearby) -> Balances {
        Balances {
            db: db.clone(),
            wallets: wallets.clone(),
            mirror: mirror.clone(),
            nearby: nearby.clone(),
            under_way: Arc::default(),
        }
    }

    /// Reads what a member has in a wallet.
    pub async fn read(
        &self,
        program: &Program,
        member_id: MemberId,
        wallet: &WalletCode,
        freshness: Freshness,
    ) -> Result<Reading<Arc<Snapshot>>, sqlx::Error> {
        let least = match freshness {
            Freshness::AnyCommitted => 0,
            Freshness::AtLeast(_) if canary::sings("token-ignored") => 0,
            Freshness::AtLeast(seq) => seq,
            Freshness::Newest => return self.read_snapshot(program, member_id, wallet).await,
        };
        let nearby = self.nearby.get(program.program_id, member_id, wallet);
        if let Some(snapshot) = nearby.filter(|snapshot| snapshot.seq >= least) {
            return Ok(Reading::Found(snapshot));
        }
        match self.mirror.find(program.program_id, member_id, wallet).await {
            Found::Snapshot(snapshot) if snapshot.seq >= least => {
                let snapshot = Arc::new(snapshot);
                self.nearby.put(&snapshot);
                Ok(Reading::Found(snapshot))
            }
            // Another's read that is under way may have begun before what this one must see.
            _ if least > 0 => self.read_snapshot(program, member_id, wallet).await,
            found => {
                self.read_once(program, member_id, wallet, matches!(found, Found::Nonsense))
                    .await
            }
        }
    }

    /// Reads what many members have, each in a wallet: what the mirror does not answer is read from the record with one statement.
    pub async fn read_many(
        &self,
        program: &Program,
        asked: &[(MemberId, WalletCode, Freshness)],
    ) -> Result<Vec<Reading<Arc<Snapshot>>>, sqlx::Error> {
        let mirrored = asked.iter().map(|(member_id, wallet, freshness)| async move {
            let snapshot = match freshness {
                Freshness::Newest => None,
                Freshness::AnyCommitted | Freshness::AtLeast(_) => self.mirrored(program, *member_id, wallet).await,
            };
            snapshot.filter(|snapshot| match freshness {
                Freshness::AtLeast(seq) => snapshot.seq >= *seq,
                Freshness::AnyCommitted | Freshness::Newest => true,
            })
        });
        let mirrored = join_all(mirrored).await;
        let missing = asked.iter().zip(&mirrored).filter(|(_, found)| found.is_none());
        let missing: BTreeSet<MemberKey> = missing
            .map(|((member_id, ..), _)| (program.program_id, *member_id))
            .collect();
        if missing.is_empty() {
            return Ok(mirrored
                .into_iter()
                .flatten()
                .map(|it| Reading::Found(Arc::new(it)))
                .collect());
        }
        let (wallets, of) = (self.wallets.clone(), program.clone());
        let (recorded, versions) = self
            .db
            .run(move |pool| async move {
                let connection = &mut *pool.acquire().await?;
                let recorded = load_accounts(connection, &missing).await?;
                Ok::<_, sqlx::Error>((recorded, wallets.of_program(connection, &of).await?))
            })
            .await?;
        let readings = asked.iter().zip(mirrored).map(|((member_id, wallet, _), mirrored)| {
            if let Some(snapshot) = mirrored {
                return Reading::Found(Arc::new(snapshot));
            }
            let Some(member) = recorded.get(&(program.program_id, *member_id)) else {
                return Reading::NoMember;
            };
            let account = match member.accounts.get(wallet) {
                Some(account) => account.clone(),
                None if versions.latest(wallet.as_str()).is_some() => Account::empty(wallet.clone()),
                None => return Reading::NoWallet,
            };
            Reading::Found(Arc::new(Snapshot::of(program.program_id, *member_id, &account)))
        });
        Ok(readings.collect())
    }

    /// Fills an account into the mirror as the record has it, whatever is mirrored of it. Returns whether it could be: not when something newer of its
    /// shard was published meanwhile.
    pub async fn refill(
        &self,
        program: &Program,
        member_id: MemberId,
        wallet: &WalletCode,
    ) -> Result<Result<bool, NoAnswer>, sqlx::Error> {
        let (reading, head) = self.read_record(program, member_id, wallet).await?;
        let Reading::Found(account) = reading else {
            return Ok(Ok(true));
        };
        let snapshot = Snapshot::of(program.program_id, member_id, &account);
        Ok(self.mirror.fill(&snapshot, head, true).await)
    }

    /// Returns what the mirror has of an account, where it has anything.
    pub async fn mirrored(&self, program: &Program, member_id: MemberId, wallet: &WalletCode) -> Option<Snapshot> {
        match self.mirror.find(program.program_id, member_id, wallet).await {
            Found::Snapshot(snapshot) => Some(snapshot),
            Found::Nothing | Found::Nonsense | Found::NoAnswer => None,
        }
    }

    /// Reads an account from the record.
    pub async fn read_account(
        &self,
        program: &Program,
        member_id: MemberId,
        wallet: &WalletCode,
    ) -> Result<Reading<Account>, sqlx::Error> {
        Ok(self.read_record(program, member_id, wallet).await?.0)
    }

    async fn read_snapshot(
        &self,
        program: &Program,
        member_id: MemberId,
        wallet: &WalletCode,
    ) -> Result<Reading<Arc<Snapshot>>, sqlx::Error> {
        let account = self.read_account(program, member_id, wallet).await?;
        let snapshot = account.map(|account| Arc::new(Snapshot::of(program.program_id, member_id, &account)));
        if let Reading::Found(snapshot) = &snapshot {
            self.nearby.put(snapshot);
        }
        Ok(snapshot)
    }

    /// Reads the record, one read at a time of each account, and lets the mirror know.
    async fn read_once(
        &self,
        program: &Program,
        member_id: MemberId,
        wallet: &WalletCode,
        replace: bool,
    ) -> Result<Reading<Arc<Snapshot>>, sqlx::Error> {
        let asked = (program.program_id, member_id, wallet.clone());
        match self.join(&asked) {
            Joined::Waits(reading) => match reading.await {
                Ok(reading) => Ok(reading),
                // Who read for us has failed; what we find ourselves says why.
                Err(_) => self.read_snapshot(program, member_id, wallet).await,
            },
            // In a task of its own, so that whoever waits gets the answer also when the first who asked goes away.
            Joined::Leads(answer) => {
                let leading = self.clone().lead(program.clone(), asked, replace, answer);
                tokio::spawn(leading).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
            }
        }
    }

    fn join(&self, asked: &Asked) -> Joined {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reading) = under_way.get(asked) {
            return Joined::Waits(reading.clone());
        }
        let (answer, reading) = oneshot::channel();
        under_way.insert(asked.clone(), reading.shared());
        Joined::Leads(answer)
    }

    async fn lead(
        self,
        program: Program,
        asked: Asked,
        replace: bool,
        answer: oneshot::Sender<Reading<Arc<Snapshot>>>,
    ) -> Result<Reading<Arc<Snapshot>>, sqlx::Error> {
        let (program_id, member_id, wallet) = &asked;
        let read = self.read_record(&program, *member_id, wallet).await;
        let read = read.map(|(account, head)| {
            (
                account.map(|account| Arc::new(Snapshot::of(*program_id, *member_id, &account))),
                head,
            )
        });
        if let Ok((Reading::Found(snapshot), head)) = &read {
            self.nearby.put(snapshot);
            // When it cannot be filled in, the next reader comes here again.
            let _ = self.mirror.fill(snapshot, *head, replace).await;
        }
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&asked);
        let (reading, _) = read?;
        let _ = answer.send(reading.clone());
        Ok(reading)
    }

    /// Reads the record, together with the head of the shard.
    async fn read_record(
        &self,
        program: &Program,
        member_id: MemberId,
        wallet: &WalletCode,
    ) -> Result<(Reading<Account>, i64), sqlx::Error> {
        let (wallets, program, wallet) = (self.wallets.clone(), program.clone(), wallet.clone());
        self.db
            .run(move |pool| async move {
                let row = find_account(&pool, &program, member_id, &wallet).await?;
                if !row.member_is_known {
                    return Ok((Reading::NoMember, row.head));
                }
                if let Some(account) = row.account {
                    return Ok((Reading::Found(account), row.head));
                }
                let versions = wallets.of_program(&mut *pool.acquire().await?, &program).await?;
                let is_wallet = versions.latest(wallet.as_str()).is_some();
                let reading = if is_wallet {
                    Reading::Found(Account::empty(wallet))
                } else {
                    Reading::NoWallet
                };
                Ok((reading, row.head))
            })
            .await
    }
}

/// How a read takes part in one that may be under way.
enum Joined {
    Waits(UnderWay),
    Leads(oneshot::Sender<Reading<Arc<Snapshot>>>),
}

/// What the record says of a member's account.
struct AccountRow {
    head: i64,
    member_is_known: bool,
    account: Option<Account>,
}

/// Finds an account together with the head of its shard, in one snapshot.
async fn find_account(
    pool: &PgPool,
    program: &Program,
    member_id: MemberId,
    wallet: &WalletCode,
) -> Result<AccountRow, sqlx::Error> {
    let row = sqlx::query!(
        r#"select head.last_seq as head, member.status as "status?", account.last_seq as "last_seq?", account.state as "state?"
             from points.shard as head
             left join points.member as member
               on member.shard = head.shard and member.program_id = $2 and member.member_id = $3
             left join points.account as account
               on account.shard = head.shard and account.program_id = $2 and account.member_id = $3 and account.wallet = $4
            where head.shard = $1"#,
        Shard::of(program.program_id, member_id).get(),
        program.program_id.uuid(),
        member_id.uuid(),
        wallet.as_str(),
    )
    .fetch_one(pool)
    .await?;
    let account = match (row.last_seq, row.state) {
        (Some(last_seq), Some(state)) => Some(read_row(wallet.as_str(), last_seq, &state)?),
        _ => None,
    };
    Ok(AccountRow {
        head: row.head,
        member_is_known: row.status.is_some(),
        account,
    })
}
