//! Holds what callers were told against what the record says, when everything is well again.

mod account;
mod book;
mod journal;
mod reads;
mod requests;
mod rest;

use std::collections::HashMap;

use anyhow::Result;
use loyalty::demo::clients::persist;
use proto::points::{self as pb, check_ledger_response::News};

use crate::{
    cluster::Cluster,
    history::{Call, History, Read},
    load::Stage,
};

pub use book::Book;
pub use rest::come_to_rest;

/// What is wrong, in words for people.
pub type Findings = Vec<String>;

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Checked {
    /// Changes whose effect was looked for.
    pub calls: u64,
    /// Of these, how many were done.
    pub done: u64,
    /// Of these, how many were refused.
    pub refused: u64,
    /// Balances that were held against the entries.
    pub reads: u64,
    /// Entries from which accounts were told once more.
    pub entries: u64,
    /// Changes that took effect although the caller, after attempts without an answer, was refused in the end.
    pub late_effects: u64,
}

impl Checked {
    /// Adds what was looked at elsewhere.
    pub fn add(&mut self, other: Checked) {
        self.calls += other.calls;
        self.done += other.done;
        self.refused += other.refused;
        self.reads += other.reads;
        self.entries += other.entries;
        self.late_effects += other.late_effects;
    }
}

/// Holds a history against the record.
pub async fn check(cluster: &Cluster, stage: &Stage, history: &History) -> Result<(Checked, Findings)> {
    let mut findings: Findings = history.wrong.clone();
    let book = Book::read(stage).await?;
    let mut checked = Checked {
        calls: history.calls.len() as u64,
        reads: history.reads.len() as u64,
        entries: book.entries().count() as u64,
        ..Checked::default()
    };
    requests::check(stage, history, &book, &mut checked, &mut findings).await?;
    findings.extend(tell_accounts(&book, &history.reads));
    findings.extend(journal::check(&mut cluster.database().await?).await?);
    for replica in 0..stage.clients.len() {
        findings.extend(audit(stage, replica).await?);
    }
    Ok((checked, findings))
}

/// Sees that what was done in an earlier round is still there, and that nothing was added to it.
pub async fn check_again(stage: &Stage, calls: &[Call]) -> Result<Findings> {
    let mut findings = Findings::new();
    let book = Book::read(stage).await?;
    let history = History {
        calls: calls.to_vec(),
        ..History::default()
    };
    requests::check(stage, &history, &book, &mut Checked::default(), &mut findings).await?;
    findings.extend(tell_accounts(&book, &[]));
    Ok(findings)
}

/// Tells every account once more from its entries, and holds what was read of it against that.
fn tell_accounts(book: &Book, reads: &[Read]) -> Findings {
    let of_member = |(member_id, entries): (&String, &Vec<pb::Entry>)| {
        let reads: Vec<&Read> = reads
            .iter()
            .filter(|read| read.balance.member_id == *member_id)
            .collect();
        reads::check(entries, &reads)
    };
    book.members().flat_map(of_member).collect()
}

/// Lets the product prove its ledger, by its own means.
async fn audit(stage: &Stage, replica: usize) -> Result<Findings> {
    let found = persist(|| {
        let mut client = stage.clients[replica].points(0);
        async move {
            let mut request = tonic::Request::new(pb::CheckLedgerRequest::default());
            request.set_timeout(std::time::Duration::from_secs(20));
            let mut stream = client.check_ledger(request).await?.into_inner();
            let mut found = HashMap::new();
            while let Some(response) = stream.message().await? {
                if let Some(News::Finding(finding)) = response.news {
                    found.insert(format!("CheckLedger: {finding:?}"), ());
                }
            }
            Ok(tonic::Response::new(found))
        }
    });
    Ok(found.await?.into_keys().collect())
}
