//! Who watches what campaigns bring about hears how it stands, and then only what changes, wherever it was recorded.

use std::time::Duration;

use harness::{Program, refusal};
use proto::campaign as pb;
use tonic::{Code, Streaming};

use crate::reports::two_replicas;
use crate::support::{Shop, brought_back, did, double, publish_campaign, thanks_for};

type Sums = (String, String, i64, i64, i64);

async fn watch(program: &Program, campaign: &str, days_back: i32) -> Streaming<pb::WatchResultsResponse> {
    let request = pb::WatchResultsRequest {
        campaign: campaign.to_owned(),
        days_back,
    };
    let watching = program.results().watch_results(request).await;
    watching.expect("it can be watched").into_inner()
}

/// Returns the next answer: of each day and campaign how often it applied, the points and the sales.
async fn heard(watching: &mut Streaming<pb::WatchResultsResponse>) -> Vec<Sums> {
    let answer = tokio::time::timeout(Duration::from_secs(20), watching.message()).await;
    let answer = answer.expect("something is told").unwrap().expect("it goes on");
    let days = answer.days.into_iter().map(|day| {
        let result = day.result.unwrap();
        (
            day.day,
            result.campaign,
            result.times,
            result.points,
            result.sales_minor_units,
        )
    });
    days.collect()
}

/// Waits until something is told, and sees to it that it is that a campaign stands so on a day, and nothing else.
async fn hears_only(watching: &mut Streaming<pb::WatchResultsResponse>, sums: &Sums) {
    let mut told = Vec::new();
    while told.is_empty() {
        told = heard(watching).await;
    }
    assert_eq!(told, std::slice::from_ref(sums));
}

fn sums(day: &str, campaign: &str, (times, points, sales): (i64, i64, i64)) -> Sums {
    (day.to_owned(), campaign.to_owned(), times, points, sales)
}

#[tokio::test]
async fn whoever_watches_hears_how_it_stands_and_then_what_changes_on_whichever_replica() {
    let [suite, other] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    let there = shop.program.at(other.channel());
    let mut all = watch(&there, "", 1).await;
    assert_eq!(heard(&mut all).await, [], "nothing happened");
    shop.buys("1", 10_000).await;
    let first = sums("2026-01-01", "double", (1, 100, 10_000));
    hears_only(&mut all, &first).await;

    // A campaign that is published later, and one that changes nothing: only what changed is told.
    publish_campaign(&shop.program, "c-2", thanks_for("review", 5))
        .await
        .unwrap();
    shop.record("review", did("review")).await;
    let review = sums("2026-01-01", "review", (1, 5, 0));
    hears_only(&mut all, &review).await;
    shop.record("back", brought_back("1", &[("1", 4_000)])).await;
    let less = sums("2026-01-01", "double", (1, 60, 6_000));
    hears_only(&mut all, &less).await;

    // Whoever comes now hears the whole, of one campaign nothing else, and nothing of days that are past.
    assert_eq!(
        heard(&mut watch(&shop.program, "", 0).await).await,
        [less.clone(), review]
    );
    let mut one = watch(&shop.program, "double", 0).await;
    assert_eq!(heard(&mut one).await, [less]);
    shop.program.advance_to("2026-01-02T17:00:00Z").await;
    shop.buys("2", 2_000).await;
    let next_day = sums("2026-01-02", "double", (1, 20, 2_000));
    hears_only(&mut one, &next_day).await;
    assert_eq!(heard(&mut watch(&there, "double", 0).await).await, [next_day]);
}

#[tokio::test]
async fn nobody_hears_of_another_program_or_of_what_is_not_there() {
    let (shop, neighbour) = (Shop::open().await, Shop::open().await);
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    shop.buys("1", 10_000).await;
    let mut own = watch(&shop.program, "double", 31).await;
    hears_only(&mut own, &sums("2026-01-01", "double", (1, 100, 10_000))).await;
    let mut results = neighbour.program.results();
    let request = |campaign: &str, days_back| pb::WatchResultsRequest {
        campaign: campaign.to_owned(),
        days_back,
    };
    let unknown = refusal(results.watch_results(request("double", 0)).await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "CAMPAIGN_NOT_FOUND")
    );
    let wrong = refusal(results.watch_results(request("No code", 32)).await);
    assert_eq!(
        (wrong.code, wrong.fields),
        (
            Code::InvalidArgument,
            vec!["campaign".to_owned(), "days_back".to_owned()]
        )
    );
    publish_campaign(&neighbour.program, "c-1", double("double"))
        .await
        .unwrap();
    assert_eq!(heard(&mut watch(&neighbour.program, "", 31).await).await, []);
}
