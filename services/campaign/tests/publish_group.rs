use harness::{Program, refusal, suite};
use proto::campaign as pb;
use tonic::Code;

use crate::support::{
    Shop, accrual, add_points, brought_back, double, fared, from_cents, group, publish_accrual, publish_campaign,
    publish_group, when, worth,
};

fn in_group(code: &str, campaign: pb::Campaign) -> pb::Campaign {
    pb::Campaign {
        group: code.to_owned(),
        ..campaign
    }
}

async fn program_with_accrual() -> Program {
    let program = suite().program().await;
    publish_accrual(&program, "accrual", accrual()).await.unwrap();
    program
}

#[tokio::test]
async fn a_group_is_published_version_by_version() {
    let program = program_with_accrual().await;
    let best = group("festival", pb::GroupMode::BestForMember);
    let first = publish_group(&program, "g-1", best.clone()).await.unwrap().into_inner();
    let version = first.group_version.clone().unwrap();
    assert_eq!(
        (first.changed, version.version, version.group),
        (true, 1, Some(best.clone()))
    );
    assert_eq!(
        publish_group(&program, "g-1", best.clone()).await.unwrap().into_inner(),
        first
    );
    let again = publish_group(&program, "g-2", best).await.unwrap().into_inner();
    assert_eq!((again.changed, again.group_version.unwrap().version), (false, 1));
    let stack = group("festival", pb::GroupMode::StackAll);
    assert_eq!(
        publish_group(&program, "g-3", stack)
            .await
            .unwrap()
            .into_inner()
            .group_version
            .unwrap()
            .version,
        2
    );
    let listed = program
        .rules()
        .list_rules(pb::ListRulesRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.group_versions.len(), 1);
}

#[tokio::test]
async fn a_group_lies_in_one_that_is_known_and_never_in_itself() {
    let program = program_with_accrual().await;
    let within = |code: &str, parent: &str| pb::Group {
        parent: parent.to_owned(),
        ..group(code, pb::GroupMode::StackAll)
    };
    let refused = refusal(publish_group(&program, "g-1", within("inner", "outer")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "GROUP_NOT_FOUND")
    );
    assert_eq!(refused.metadata["group"], "outer");
    publish_group(&program, "g-2", within("outer", "")).await.unwrap();
    publish_group(&program, "g-3", within("inner", "outer")).await.unwrap();
    let refused = refusal(publish_group(&program, "g-4", within("outer", "inner")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "GROUP_INVALID")
    );
    assert_eq!(refused.fields, ["group.parent"]);
    let top = pb::Group {
        top: 0,
        ..group("top", pb::GroupMode::Top)
    };
    assert_eq!(refusal(publish_group(&program, "g-5", top).await).fields, ["group.top"]);
}

#[tokio::test]
async fn a_campaign_lies_in_a_group_that_is_known() {
    let program = program_with_accrual().await;
    let refused = refusal(publish_campaign(&program, "c-1", in_group("festival", double("double"))).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "GROUP_NOT_FOUND")
    );
}

#[tokio::test]
async fn a_group_lets_the_best_apply_and_the_receipt_names_the_others() {
    let shop = Shop::open().await;
    publish_group(&shop.program, "g-1", group("festival", pb::GroupMode::BestForMember))
        .await
        .unwrap();
    let gift = pb::Campaign {
        effects: vec![add_points(150)],
        ..double("gift")
    };
    publish_campaign(&shop.program, "c-1", in_group("festival", double("double")))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-2", in_group("festival", gift))
        .await
        .unwrap();
    let small = shop.buys("1", 10_000).await;
    assert_eq!(worth(&small), 250);
    let decision = small.decision.unwrap();
    assert_eq!(decision.campaigns[0].not_fired(), pb::NotFiredReason::NotChosen);
    assert_eq!(
        (
            decision.campaigns[0].campaign.as_str(),
            decision.campaigns[0].because_of.as_str()
        ),
        ("double", "gift")
    );
    assert_eq!(worth(&shop.buys("2", 20_000).await), 400);
}

#[tokio::test]
async fn a_group_chooses_for_what_is_kept_and_what_a_return_gives_is_taken_back_first() {
    let shop = Shop::open().await;
    publish_group(&shop.program, "g-1", group("festival", pb::GroupMode::FirstMatch))
        .await
        .unwrap();
    let large = pb::Campaign {
        priority: 9,
        ..when(from_cents(10_000), double("large"))
    };
    let thousand = pb::Campaign {
        effects: vec![add_points(1_000)],
        ..double("thousand")
    };
    publish_campaign(&shop.program, "c-1", in_group("festival", large))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-2", in_group("festival", thousand))
        .await
        .unwrap();
    let bought = shop.buys("1", 10_000).await;
    assert_eq!(worth(&bought), 200);
    let back = shop.record("back-1", brought_back("1", &[("1", 1_000)])).await;
    let given = back.activity.unwrap();
    assert_eq!((worth(&given), back.balances[0].available), (890, 1_090));
    assert_eq!(
        fared(&given),
        [
            ("large".to_owned(), pb::NotFiredReason::BelowMinimum),
            ("thousand".to_owned(), pb::NotFiredReason::Unspecified)
        ]
    );
    let rest = shop.record("back-2", brought_back("1", &[])).await.activity.unwrap();
    assert_eq!((worth(&rest), shop.available().await), (-1_090, 0));
    let reversed = rest.decision.unwrap().reversed;
    let reversed: Vec<_> = reversed.iter().map(|of| (of.activity_id.as_str(), of.points)).collect();
    assert_eq!(
        reversed,
        [(given.activity_id.as_str(), 890), (bought.activity_id.as_str(), 200)]
    );
}
