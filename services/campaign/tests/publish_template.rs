use harness::refusal;
use proto::{campaign as pb, value::ContactChannel};
use tonic::Code;

use crate::{
    messages::{posting, publish_template, reminding, shop, template, text},
    support::{accrual, publish_accrual, publish_campaign},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_cannot_be_written_is_refused_with_every_place() {
    let program = posting().suite.program().await;
    let wrong = pb::MessageTemplate {
        channels: vec![ContactChannel::Sms.into(), ContactChannel::Sms.into()],
        texts: vec![
            text("{name}\nBcc: all", "{points} } {attribute.Name}"),
            text("again", "{attribute.on}"),
        ],
        ..template()
    };
    let refused = refusal(publish_template(&program, "t-1", wrong).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "TEMPLATE_INVALID")
    );
    let fields = [
        "template.channels[1]",
        "template.texts[0].subject",
        "template.texts[0].body",
        "template.texts[0].body",
        "template.texts[0].subject",
        "template.texts[1].language",
    ];
    assert_eq!(refused.fields, fields);
    publish_accrual(&program, "accrual", accrual()).await.unwrap();
    let refused = refusal(publish_campaign(&program, "c-1", reminding("visit")).await);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["template"].as_str()
        ),
        (Code::NotFound, "TEMPLATE_NOT_FOUND", "remind")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_published_version_by_version_and_told_in_words() {
    let shop = shop(template()).await;
    let again = publish_template(&shop.program, "t-2", template())
        .await
        .unwrap()
        .into_inner();
    assert_eq!((again.changed, again.template_version.unwrap().version), (false, 1));
    let changed = pb::MessageTemplate {
        display_name: "Come soon".to_owned(),
        ..template()
    };
    let changed = publish_template(&shop.program, "t-3", changed)
        .await
        .unwrap()
        .into_inner();
    let rules = shop
        .program
        .rules()
        .list_rules(pb::ListRulesRequest::default())
        .await
        .unwrap();
    assert_eq!(
        rules.into_inner().template_versions,
        [changed.template_version.unwrap()]
    );
    let told = async |language: pb::Language| {
        let request = pb::ExplainCampaignRequest {
            campaign: "remind".to_owned(),
            language: language.into(),
        };
        let told = shop.program.rules().explain_campaign(request).await.unwrap();
        told.into_inner().sentences.join(" ")
    };
    let (english, chinese) = (told(pb::Language::Unspecified).await, told(pb::Language::Chinese).await);
    assert!(english.contains("the message remind"), "{english}");
    assert!(chinese.contains("消息 remind"), "{chinese}");
}
