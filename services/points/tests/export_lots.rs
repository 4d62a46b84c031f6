use futures::TryStreamExt as _;
use harness::refusal;
use proto::points as pb;
use tonic::Code;

use crate::{
    story::{earn, first_day, five_weeks, liability},
    support::{Ledger, wallet},
};

async fn export(ledger: &Ledger, cut: Option<pb::LedgerCut>, resume_token: &str) -> Vec<pb::ExportLotsResponse> {
    let request = pb::ExportLotsRequest {
        wallet: "points".to_owned(),
        cut,
        resume_token: resume_token.to_owned(),
    };
    let stream = ledger.program.exports().export_lots(request).await;
    stream
        .expect("lots can be exported")
        .into_inner()
        .try_collect()
        .await
        .expect("the export goes to its end")
}

fn lots_of(answers: &[pb::ExportLotsResponse]) -> Vec<pb::LotRecord> {
    answers.iter().flat_map(|answer| answer.lots.clone()).collect()
}

fn sum(lots: &[pb::LotRecord], of: fn(&pb::LotRecord) -> i64) -> i64 {
    lots.iter().map(of).sum()
}

#[tokio::test]
async fn every_point_of_every_lot_is_somewhere_and_they_sum_to_the_liability() {
    for ledger in [first_day().await, five_weeks().await] {
        let told = liability(&ledger).await;
        earn(&ledger, 11, "", "r-15").await;
        let lots = lots_of(&export(&ledger, told.cut.clone(), "").await);
        let amounts = told.amounts.unwrap();
        assert_eq!(sum(&lots, |lot| lot.available), amounts.available);
        assert_eq!(sum(&lots, |lot| lot.pending), amounts.pending);
        assert_eq!(sum(&lots, |lot| lot.held), amounts.held);
        for lot in &lots {
            let parts = [
                lot.available,
                lot.pending,
                lot.held,
                lot.settled,
                lot.spent,
                lot.transferred_out,
                lot.expired,
                lot.reversed,
            ];
            assert_eq!(parts.iter().sum::<i64>(), lot.points, "{lot:?}");
        }
        let now = lots_of(&export(&ledger, None, "").await);
        assert_eq!(sum(&now, |lot| lot.available), amounts.available + 11);
    }
}

#[tokio::test]
async fn a_lot_tells_what_became_of_it() {
    let ledger = first_day().await;
    let lots = lots_of(&export(&ledger, None, "").await);
    let of = |request_id: &str, member_id: &str| {
        let is_it = |lot: &&pb::LotRecord| lot.request_id == request_id && lot.member_id == member_id;
        lots.iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{request_id} made no lot: {lots:#?}"))
    };
    let acme = of("r-1", &ledger.member_id);
    assert_eq!((acme.funder.as_str(), acme.kind()), ("acme", pb::EntryKind::Earn));
    assert_eq!(
        (acme.points, acme.spent, acme.transferred_out, acme.held),
        (1_000, 450, 120, 100)
    );
    assert_eq!(acme.available, 330);
    let brand = of("r-3", &ledger.member_id);
    assert_eq!((brand.points, brand.reversed), (300, 300));
    let came: Vec<_> = lots
        .iter()
        .filter(|lot| lot.kind() == pb::EntryKind::TransferIn)
        .collect();
    assert_eq!((came.len(), came[0].points, came[0].spent), (1, 120, 120));
    assert_eq!(came[0].expires_at, acme.expires_at, "points keep their dates");
    let settled = of("r-5", &came[0].member_id);
    assert_eq!((settled.points, settled.settled, settled.available), (20, 20, 0));
}

#[tokio::test]
async fn an_export_that_broke_off_is_resumed_with_nothing_twice() {
    let ledger = Ledger::with(wallet("points")).await;
    let postings = vec![crate::support::earn(1); 50];
    for number in 0..12 {
        ledger.post(&format!("r-{number}"), postings.clone()).await.unwrap();
    }
    ledger.another().await.earn(7, "r-1").await;
    let answers = export(&ledger, None, "").await;
    assert!(answers.len() > 2 && answers.iter().all(|answer| answer.lots.len() <= 500));
    let lots = lots_of(&answers);
    assert_eq!((lots.len(), sum(&lots, |lot| lot.available)), (601, 607));
    ledger.earn(5, "r-12").await;
    for (place, answer) in answers.iter().enumerate() {
        let rest = export(&ledger, None, &answer.resume_token).await;
        assert_eq!(rest[0].cut, answers[0].cut, "it goes where it went");
        assert_eq!(lots_of(&rest), lots_of(&answers[place + 1..]));
    }
}

#[tokio::test]
async fn a_token_of_another_export_is_refused() {
    let ledger = Ledger::open().await;
    let token = export(&ledger, None, "").await[0].resume_token.clone();
    let request = pb::ExportLotsRequest {
        resume_token: token,
        ..pb::ExportLotsRequest::default()
    };
    let refused = refusal(ledger.program.exports().export_lots(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
    );
}
