//! What is strange about the campaigns of a program, through the contract.

use proto::campaign as pb;

use crate::support::{Shop, add_points, double, publish_campaign};

#[tokio::test]
async fn what_is_strange_about_campaigns_is_told_as_data_and_in_words() {
    let shop = Shop::open().await;
    let tagged = |code: &str, priority| pb::Campaign {
        exclusive_tags: vec!["one".to_owned()],
        priority,
        ..double(code)
    };
    publish_campaign(&shop.program, "c-1", tagged("first", 1))
        .await
        .unwrap();
    let gift = pb::Campaign {
        effects: vec![add_points(5)],
        ..tagged("second", 0)
    };
    publish_campaign(&shop.program, "c-2", gift).await.unwrap();
    let ask = async |language: pb::Language| {
        let request = pb::LintRulesRequest {
            language: language.into(),
        };
        shop.program
            .rules()
            .lint_rules(request)
            .await
            .unwrap()
            .into_inner()
            .findings
    };
    let found = ask(pb::Language::Unspecified).await;
    let kinds: Vec<pb::FindingKind> = found.iter().map(pb::Finding::kind).collect();
    assert_eq!(kinds, [pb::FindingKind::Shadowed, pb::FindingKind::HighestFactor]);
    assert_eq!(found[0].campaigns, ["second", "first"]);
    assert_eq!(
        found[0].sentence,
        "second never applies: whenever it could, first does, and they do not go together."
    );
    let factor = found[1].factor.unwrap();
    assert_eq!((factor.num, factor.den, found[1].on.as_str()), (2, 1, "2026-01-01"));
    let in_chinese = ask(pb::Language::Chinese).await;
    assert_eq!(
        in_chinese[0].sentence,
        "活动 second 永远不会生效：凡它可以生效时，与之互斥的 first 总会先生效。"
    );
}
