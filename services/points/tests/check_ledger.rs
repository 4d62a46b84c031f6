use futures::TryStreamExt as _;
use harness::refusal;
use proto::points::{self as pb, check_ledger_response::News};
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet, wallet_of_days};

/// Checks the ledger of one member or of all, and returns what was found and how far it went.
pub async fn check(ledger: &Ledger, member_id: &str) -> (Vec<pb::LedgerFinding>, pb::CheckProgress) {
    let request = pb::CheckLedgerRequest {
        member_id: member_id.to_owned(),
    };
    let news = ledger.client().check_ledger(request).await.unwrap().into_inner();
    let news: Vec<pb::CheckLedgerResponse> = news.try_collect().await.unwrap();
    let (mut findings, mut progress) = (Vec::new(), pb::CheckProgress::default());
    for news in news.into_iter().filter_map(|response| response.news) {
        match news {
            News::Finding(finding) => findings.push(finding),
            News::Progress(so_far) => progress = so_far,
        }
    }
    assert_eq!(progress.findings, findings.len() as i64);
    (findings, progress)
}

#[tokio::test]
async fn a_ledger_in_which_everything_happened_is_whole() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let earned = ledger.earn(100, "r-1").await;
    let spent = ledger.spend(60, "r-2").await;
    ledger.try_restore(&spent.entry_id, 20, "r-3").await.unwrap();
    let hold = ledger.hold(30, "r-4").await;
    ledger.try_capture(&hold.hold_id, 10, "r-5").await.unwrap();
    ledger.reverse(&earned.entry_id, 90, "r-6").await;
    ledger.earn(500, "r-7").await;
    ledger.program.advance_to("2026-03-01T00:00:00Z").await;
    let waiting = pb::EarnPointsRequest {
        activates_on: "delivered".to_owned(),
        ..ledger.earn_request(7, "r-8")
    };
    ledger.client().earn_points(waiting).await.unwrap();
    let other = ledger.another().await;
    other.earn(1, "r-1").await;

    let (findings, progress) = check(&ledger, "").await;
    assert_eq!((findings.as_slice(), progress.accounts), ([].as_slice(), 2));
    let entries = ledger.entries().await.len() as i64;
    assert_eq!(progress.entries, entries + 1);
    let (_, of_one) = check(&ledger, &ledger.member_id).await;
    assert_eq!((of_one.accounts, of_one.entries), (1, entries));
}

#[tokio::test]
async fn an_account_that_was_tampered_with_is_found() {
    let ledger = Ledger::with(wallet("points")).await;
    ledger.earn(100, "r-1").await;
    let other = ledger.another().await;
    other.earn(1_000, "r-1").await;
    // One gets what the other has.
    let mut database = harness::suite().database().await;
    let statement = "update points.account as mine
                        set state = theirs.state, available = theirs.available
                       from points.account as theirs
                      where mine.member_id = $1::uuid and theirs.member_id = $2::uuid";
    let changed = sqlx::query(statement)
        .bind(&ledger.member_id)
        .bind(&other.member_id)
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    let (findings, _) = check(&ledger, "").await;
    let kinds: Vec<_> = findings
        .iter()
        .map(|finding| (finding.member_id.as_str(), finding.kind()))
        .collect();
    let mine = ledger.member_id.as_str();
    assert!(kinds.contains(&(mine, pb::FindingKind::Account)), "{findings:?}");
    assert!(kinds.iter().all(|(member, _)| *member == mine), "{findings:?}");
}

#[tokio::test]
async fn what_makes_no_sense_any_more_is_found_and_ends_nothing() {
    let (account, entry) = (Ledger::open().await, Ledger::open().await);
    let mut database = harness::suite().database().await;
    for (ledger, nonsense, kind) in [
        (
            &account,
            "update points.account set state = '\\xff' where member_id = $1::uuid",
            pb::FindingKind::Account,
        ),
        (
            &entry,
            "update points.journal set event = '\\xff' where member_id = $1::uuid",
            pb::FindingKind::Entry,
        ),
    ] {
        ledger.earn(100, "r-1").await;
        let other = ledger.another().await;
        other.earn(1, "r-1").await;
        let changed = sqlx::query(nonsense)
            .bind(&ledger.member_id)
            .execute(&mut database)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1);
        let (findings, progress) = check(ledger, "").await;
        let kinds: Vec<_> = findings
            .iter()
            .map(|finding| (finding.member_id.as_str(), finding.kind()))
            .collect();
        assert_eq!(kinds, [(ledger.member_id.as_str(), kind)]);
        assert_eq!(progress.accounts, 2, "the other account is checked too");
    }
}

#[tokio::test]
async fn sums_that_are_not_the_accounts_own_are_found() {
    let ledger = Ledger::with(wallet("points")).await;
    ledger.earn(100, "r-1").await;
    let mut database = harness::suite().database().await;
    sqlx::query("update points.account set available = available + 1 where member_id = $1::uuid")
        .bind(&ledger.member_id)
        .execute(&mut database)
        .await
        .unwrap();
    let (findings, _) = check(&ledger, &ledger.member_id).await;
    let kinds: Vec<_> = findings.iter().map(pb::LedgerFinding::kind).collect();
    assert_eq!(kinds, [pb::FindingKind::Sums]);
}

#[tokio::test]
async fn a_member_who_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let request = pb::CheckLedgerRequest {
        member_id: Uuid::now_v7().to_string(),
    };
    let refused = refusal(ledger.client().check_ledger(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
}
