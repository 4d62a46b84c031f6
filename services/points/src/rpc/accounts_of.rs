//! A walk over the accounts of a program, or of one member, page by page.

use common::{db::Db, ids::MemberId, program::Program, refusal::Fault, shard::Shard};

use crate::store::{self, AccountPlace, StoredAccount};

/// How many accounts are read at a time.
const PAGE: i64 = 100;

/// A walk.
pub struct AccountsOf {
    db: Db,
    program: Program,
    only: Option<MemberId>,
    shards: std::vec::IntoIter<Shard>,
    here: Option<(Shard, AccountPlace)>,
}

impl AccountsOf {
    /// Begins to walk.
    pub fn new(db: &Db, program: &Program, only: Option<MemberId>) -> AccountsOf {
        let shards: Vec<Shard> = match only {
            Some(member_id) => vec![Shard::of(program.program_id, member_id)],
            None => Shard::all().collect(),
        };
        let mut walk = AccountsOf {
            db: db.clone(),
            program: program.clone(),
            only,
            shards: shards.into_iter(),
            here: None,
        };
        walk.next_shard();
        walk
    }

    /// Returns the next page; nothing when there are no more accounts.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredAccount>>, Fault> {
        while let Some((shard, after)) = self.here.clone() {
            let read = self
                .db
                .run(move |pool| async move { store::list_accounts(&pool, shard, &after, PAGE).await });
            let mut accounts = read.await?;
            accounts.retain(|stored| self.is_wanted(stored));
            match accounts.last() {
                Some(last) if accounts.len() as i64 == PAGE => self.here = Some((shard, last.place())),
                _ => self.next_shard(),
            }
            if !accounts.is_empty() {
                return Ok(Some(accounts));
            }
        }
        Ok(None)
    }

    fn next_shard(&mut self) {
        let member_id = self.only.unwrap_or(MemberId::nil());
        let before_all = ((self.program.program_id, member_id), String::new());
        self.here = self.shards.next().map(|shard| (shard, before_all));
    }

    fn is_wanted(&self, stored: &StoredAccount) -> bool {
        let (program_id, member_id) = stored.member;
        program_id == self.program.program_id && self.only.is_none_or(|only| only == member_id)
    }
}
