use futures::TryStreamExt as _;
use harness::{at, refusal};
use jiff::Timestamp;
use proto::points as pb;
use tonic::Code;

use crate::{
    story::{earn, five_weeks, liability, roll_forward},
    support::Ledger,
};

fn request() -> pb::ExportEntriesRequest {
    pb::ExportEntriesRequest::default()
}

async fn export(ledger: &Ledger, request: pb::ExportEntriesRequest) -> Vec<pb::ExportEntriesResponse> {
    let stream = ledger.program.exports().export_entries(request).await;
    stream
        .expect("entries can be exported")
        .into_inner()
        .try_collect()
        .await
        .expect("the export goes to its end")
}

fn entries_of(answers: &[pb::ExportEntriesResponse]) -> Vec<pb::Entry> {
    answers.iter().flat_map(|answer| answer.entries.clone()).collect()
}

#[tokio::test]
async fn every_entry_is_exported_once_and_they_sum_to_the_roll_forward() {
    let ledger = five_weeks().await;
    let cut = liability(&ledger).await.cut;
    // What comes later is not of that cut.
    earn(&ledger, 11, "", "r-15").await;
    let of_cut = pb::ExportEntriesRequest {
        cut: cut.clone(),
        ..request()
    };
    let answers = export(&ledger, of_cut.clone()).await;
    assert_eq!(answers[0].cut, cut);
    assert!(answers[1..].iter().all(|answer| answer.cut.is_none()));
    let entries = entries_of(&answers);

    let mine: Vec<_> = entries
        .iter()
        .filter(|entry| entry.member_id == ledger.member_id)
        .cloned()
        .collect();
    let mut known = ledger.entries().await;
    assert_eq!(known.pop().map(|entry| entry.points), Some(11));
    assert_eq!(mine, known);

    let sum = |kinds: &[pb::EntryKind], of: fn(&pb::Entry) -> i64| -> i64 {
        entries
            .iter()
            .filter(|entry| kinds.contains(&entry.kind()))
            .map(of)
            .sum()
    };
    use pb::EntryKind::*;
    let year = roll_forward(
        &ledger,
        pb::Period::Year,
        pb::DayBasis::Occurred,
        ("2026-01-01", "2026-02-04"),
    )
    .await;
    let lines = year[0].lines.unwrap();
    assert_eq!(lines.issued, sum(&[Earn], |entry| entry.points));
    assert_eq!(lines.redeemed, sum(&[Spend, Capture], |entry| entry.points));
    assert_eq!(lines.transferred_out, sum(&[TransferOut], |entry| entry.points));
    let lost = |entry: &pb::Entry| entry.lost_points;
    assert_eq!(
        lines.expired,
        sum(&[Expire], |entry| entry.points) + sum(&[Release, Restore], lost)
    );

    for answer in &answers {
        let resumed = pb::ExportEntriesRequest {
            resume_token: answer.resume_token.clone(),
            ..of_cut.clone()
        };
        let place = answers.iter().position(|other| other == answer).unwrap();
        let rest = export(&ledger, resumed).await;
        assert_eq!(
            (&rest[0].cut, entries_of(&rest)),
            (&cut, entries_of(&answers[place + 1..]))
        );
    }
}

#[tokio::test]
async fn only_what_was_recorded_in_a_stretch_of_time_is_exported() {
    let ledger = five_weeks().await;
    let entries = entries_of(&export(&ledger, request()).await);
    let recorded = |entry: &pb::Entry| common_time(entry.recorded_at.as_ref().unwrap());
    let mut times: Vec<Timestamp> = entries.iter().map(recorded).collect();
    times.sort();
    let (from, until) = (times[times.len() / 3], times[times.len() * 2 / 3]);
    let stretch = pb::ExportEntriesRequest {
        recorded_from: Some(at(&from.to_string())),
        recorded_until: Some(at(&until.to_string())),
        ..request()
    };
    let expected: Vec<_> = entries
        .iter()
        .filter(|entry| (from..until).contains(&recorded(entry)))
        .cloned()
        .collect();
    assert!(!expected.is_empty() && expected.len() < entries.len());
    assert_eq!(entries_of(&export(&ledger, stretch).await), expected);
    let none = pb::ExportEntriesRequest {
        wallet: "growth".to_owned(),
        ..request()
    };
    assert_eq!(entries_of(&export(&ledger, none).await), []);
}

fn common_time(wire: &prost_types::Timestamp) -> Timestamp {
    Timestamp::new(wire.seconds, wire.nanos).unwrap()
}

#[tokio::test]
async fn a_program_exports_what_is_its_own() {
    let (mine, other) = (Ledger::open().await, Ledger::open().await);
    mine.earn(1, "r-1").await;
    other.earn(2, "r-1").await;
    let points: Vec<_> = entries_of(&export(&mine, request()).await)
        .iter()
        .map(|entry| entry.points)
        .collect();
    assert_eq!(points, [1]);
}

#[tokio::test]
async fn a_token_of_another_export_and_a_cut_that_is_none_are_refused() {
    let ledger = Ledger::open().await;
    ledger.earn(1, "r-1").await;
    let token = export(&ledger, request()).await[0].resume_token.clone();
    let other = pb::ExportEntriesRequest {
        wallet: "points".to_owned(),
        resume_token: token,
        ..request()
    };
    let refused = refusal(ledger.program.exports().export_entries(other).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
    );
    let cut = pb::ExportEntriesRequest {
        cut: Some(pb::LedgerCut { seqs: vec![1, 2, 3] }),
        ..request()
    };
    let refused = refusal(ledger.program.exports().export_entries(cut).await);
    assert_eq!(
        (refused.code, refused.fields.as_slice()),
        (Code::InvalidArgument, ["cut.seqs".to_owned()].as_slice())
    );
}
