//! What of a budget is kept for emergencies, and how it opens.

use harness::refusal;
use proto::campaign as pb;
use tonic::{Code, Request};

use crate::budgets::{budget, shop, standing};
use crate::support::worth;

fn by<T>(operator: &str, request: T) -> Request<T> {
    let mut request = Request::new(request);
    request
        .metadata_mut()
        .insert("loyalty-actor", operator.parse().unwrap());
    request
}

fn proposal(request_id: &str, minor_units: i64) -> pb::ProposeReserveReleaseRequest {
    pb::ProposeReserveReleaseRequest {
        request_id: request_id.to_owned(),
        budget: "spring".to_owned(),
        at: None,
        minor_units,
        purpose: "the flood in the south".to_owned(),
    }
}

fn approval(request_id: &str, release_id: &str) -> pb::ApproveReserveReleaseRequest {
    pb::ApproveReserveReleaseRequest {
        request_id: request_id.to_owned(),
        release_id: release_id.to_owned(),
    }
}

#[tokio::test]
async fn the_reserve_opens_when_another_person_approves_it() {
    let reserved = pb::Budget {
        reserve_per_mille: 50,
        ..budget("spring", 1_000)
    };
    let shop = shop(reserved, pb::OnShortage::Partial).await;
    assert_eq!(worth(&shop.buys("1", 100_000).await), 1_950);
    let mut budgets = shop.program.budgets();

    let refused = refusal(budgets.propose_reserve_release(by("ann", proposal("p-1", 51))).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["left_minor_units"].as_str()),
        ("OVER_RESERVE", "50")
    );
    let elsewhere = pb::ProposeReserveReleaseRequest {
        budget: "summer".to_owned(),
        ..proposal("p-2", 1)
    };
    assert_eq!(
        refusal(budgets.propose_reserve_release(by("ann", elsewhere)).await).reason,
        "BUDGET_NOT_FOUND"
    );
    let proposed = budgets
        .propose_reserve_release(by("ann", proposal("p-3", 30)))
        .await
        .unwrap();
    let proposed = proposed.into_inner().reserve_release.unwrap();
    assert_eq!(
        (proposed.proposed_by.as_str(), proposed.approved_by.as_str()),
        ("ann", "")
    );
    assert_eq!(worth(&shop.buys("2", 10_000).await), 100);

    let own = refusal(
        budgets
            .approve_reserve_release(by("ann", approval("a-1", &proposed.release_id)))
            .await,
    );
    assert_eq!((own.code, own.reason.as_str()), (Code::PermissionDenied, "SAME_PERSON"));
    let nothing = uuid::Uuid::now_v7().to_string();
    let unknown = refusal(
        budgets
            .approve_reserve_release(by("bob", approval("a-2", &nothing)))
            .await,
    );
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "RELEASE_NOT_FOUND")
    );
    for _ in 0..2 {
        let approved = budgets
            .approve_reserve_release(by("bob", approval("a-3", &proposed.release_id)))
            .await;
        assert_eq!(
            approved.unwrap().into_inner().reserve_release.unwrap().approved_by,
            "bob"
        );
    }
    let again = refusal(
        budgets
            .approve_reserve_release(by("bob", approval("a-4", &proposed.release_id)))
            .await,
    );
    assert_eq!(again.reason, "RELEASE_NOT_OPEN");

    assert_eq!(worth(&shop.buys("3", 10_000).await), 130);
    let standing = standing(&shop.program, "spring").await;
    assert_eq!(
        (standing.usage[0].reserve_minor_units, standing.reserve_releases.len()),
        (20, 1)
    );
}
