//! `ExportEntries`: the journal, as entries, shard by shard.

use common::{
    auth::{Caller, ProgramScope},
    page::Filter,
    refusal::{Fault, Violations},
    shard::Shard,
};
use jiff::Timestamp;
use proto::points as pb;
use tokio::sync::mpsc;
use tonic::Status;

use super::{
    exports::{Resume, WAITING, any_wallet, begin, cut},
    fields::optional_time,
};
use crate::{context::Context, domain::WalletCode, store};

/// Asks for entries.
pub struct ExportEntries {
    wallet: Option<WalletCode>,
    recorded_from: Option<Timestamp>,
    recorded_until: Option<Timestamp>,
    cut: Option<Vec<i64>>,
    resume_token: String,
    filter: Filter,
}

impl TryFrom<pb::ExportEntriesRequest> for ExportEntries {
    type Error = Violations;

    fn try_from(wire: pb::ExportEntriesRequest) -> Result<ExportEntries, Violations> {
        let mut violations = Violations::default();
        let wallet = any_wallet(&mut violations, &wire.wallet);
        let recorded_from = optional_time(&mut violations, "recorded_from", wire.recorded_from.as_ref());
        let recorded_until = optional_time(&mut violations, "recorded_until", wire.recorded_until.as_ref());
        let filter = Filter::of(&pb::ExportEntriesRequest {
            resume_token: String::new(),
            ..wire.clone()
        });
        let cut = cut(&mut violations, wire.cut);
        let read = || {
            Some(ExportEntries {
                wallet: wallet?,
                recorded_from: recorded_from?,
                recorded_until: recorded_until?,
                cut: cut?,
                resume_token: wire.resume_token,
                filter,
            })
        };
        let read = read();
        violations.finish(read)
    }
}

type Answer = Result<pb::ExportEntriesResponse, Status>;

/// After which entry an export goes on: the shard, and the place there.
type Place = (i16, i64);

/// Begins to export entries.
pub async fn export_entries(
    cx: &Context,
    caller: &Caller,
    asked: ExportEntries,
) -> Result<mpsc::Receiver<Answer>, Status> {
    let scope = caller.program();
    let token = (asked.filter, asked.resume_token.as_str());
    let begun = begin(cx, scope, token, asked.cut.clone(), (0, 0)).await?;
    let (told, telling) = mpsc::channel(WAITING);
    let export = Export {
        cx: cx.clone(),
        scope,
        asked,
        told,
    };
    tokio::spawn(export.run(begun));
    Ok(telling)
}

/// An export that is under way.
struct Export {
    cx: Context,
    scope: ProgramScope,
    asked: ExportEntries,
    told: mpsc::Sender<Answer>,
}

impl Export {
    async fn run(self, begun: Resume<Place>) {
        if let Err(fault) = self.tell_all(begun).await {
            // Whoever asked may be gone.
            let _ = self.told.send(Err(fault.into())).await;
        }
    }

    async fn tell_all(&self, begun: Resume<Place>) -> Result<(), Fault> {
        let firsts = self.places(&begun.cut, self.asked.recorded_from, 1).await?;
        let ends = self.places(&begun.cut, self.asked.recorded_until, i64::MAX).await?;
        let mut here = begun.clone();
        if !self.tell(Some(&begun.cut), Vec::new(), &here).await {
            return Ok(());
        }
        let (first_shard, first_after) = begun.after;
        for shard in Shard::all().filter(|shard| shard.get() >= first_shard) {
            let index = shard.index();
            let until = begun.cut[index].min(ends[index].saturating_sub(1));
            let resumed = if shard.get() == first_shard { first_after } else { 0 };
            let mut after = resumed.max(firsts[index] - 1);
            while after < until {
                let scope = self.scope;
                let read = self
                    .cx
                    .db
                    .run(move |pool| async move { store::read_stretch(&pool, scope, shard, after, until).await });
                let (mut entries, last) = read.await?;
                after = last;
                here.after = (shard.get(), last);
                entries.retain(|entry| self.is_wanted(entry));
                if !entries.is_empty() && !self.tell(None, entries, &here).await {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Returns the first place of each shard at which something was recorded at a time or later; or what is said, without a time.
    async fn places(&self, cut: &[i64], at: Option<Timestamp>, without: i64) -> Result<Vec<i64>, Fault> {
        let Some(at) = at else {
            return Ok(vec![without; cut.len()]);
        };
        let heads = cut.to_vec();
        let find = self
            .cx
            .db
            .run(move |pool| async move { store::find_recorded_from(&pool, &heads, at).await });
        Ok(find.await?)
    }

    fn is_wanted(&self, entry: &pb::Entry) -> bool {
        let wallet = self.asked.wallet.as_ref();
        wallet.is_none_or(|wallet| wallet.as_str() == entry.wallet)
    }

    /// Tells some entries; whether anybody listens.
    async fn tell(&self, cut: Option<&Vec<i64>>, entries: Vec<pb::Entry>, here: &Resume<Place>) -> bool {
        let answer = pb::ExportEntriesResponse {
            cut: cut.map(|seqs| pb::LedgerCut { seqs: seqs.clone() }),
            entries,
            resume_token: self.cx.page_tokens.seal(self.scope, self.asked.filter, here),
        };
        self.told.send(Ok(answer)).await.is_ok()
    }
}
