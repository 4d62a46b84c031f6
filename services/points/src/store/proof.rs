//! Proves an account: tells it once more from its entries alone, and compares that with what is stored and what is mirrored.

use common::{db::Db, ids::EntryId, program::Program};
use proto::points::FindingKind;

use super::{
    audit::{StoredAccount, follow_entries},
    balances::Balances,
};
use crate::domain::{Replay, Snapshot};

/// What came of proving an account.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// How many entries were read.
    pub entries: i64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something is wrong with an account.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The entry at which it shows; nothing when no single entry does.
    pub entry_id: Option<EntryId>,
    /// A sentence for people.
    pub detail: String,
}

/// Proves an account as of its last entry. Nothing is locked.
pub async fn prove(
    db: &Db,
    balances: &Balances,
    program: &Program,
    stored: &StoredAccount,
) -> Result<Proof, sqlx::Error> {
    let (program_id, member_id) = stored.member;
    let mut proof = Proof::default();
    let Some(account) = &stored.account else {
        proof.note(FindingKind::Account, "the stored account makes no sense");
        return Ok(proof);
    };
    let mut replay = Replay::new(account.wallet.clone());
    let told = follow_entries(db, stored.member, &account.wallet, account.last_seq, None, |entry| {
        proof.entries += 1;
        match replay.follow(&entry) {
            Ok(()) => Ok(()),
            // What follows a contradiction contradicts too.
            Err(contradiction) => Err(Finding {
                kind: FindingKind::Entry,
                entry_id: Some(entry.entry_id),
                detail: contradiction.to_string(),
            }),
        }
    });
    match told.await {
        Ok(Err(finding)) => proof.findings.push(finding),
        Ok(Ok(())) if replay.account().as_told() != account.as_told() => {
            proof.note(FindingKind::Account, "the account is not what its entries tell");
        }
        Ok(Ok(())) => {}
        // What was written was not this.
        Err(sqlx::Error::Decode(error)) => proof.note(FindingKind::Entry, &error.to_string()),
        Err(error) => return Err(error),
    }
    if stored.sums != Some(account.amounts()) {
        proof.note(FindingKind::Sums, "the sums beside the account are not its own");
    }
    let mirrored = balances.mirrored(program, member_id, &account.wallet).await;
    let expected = Snapshot::of(program_id, member_id, account);
    if mirrored.is_some_and(|mirrored| mirrored.seq == account.last_seq && mirrored != expected) {
        proof.note(FindingKind::Mirror, "the mirror has something else at the same entry");
    }
    Ok(proof)
}

impl Proof {
    fn note(&mut self, kind: FindingKind, detail: &str) {
        self.findings.push(Finding {
            kind,
            entry_id: None,
            detail: detail.to_owned(),
        });
    }
}
