//! The rows of the requirements about budgets and prices as program files, played like those about points.

use proto::campaign::{
    ApproveReserveReleaseRequest, BudgetStanding, ListBudgetsRequest, ProposeReserveReleaseRequest, PurchaseLine,
};
use tonic::{Code, Request};

use crate::calls::{available, comes_to, enrol_as};
use crate::played::{Played, line};

/// What was spent of each budget in the time that runs, in yuan, and what can be spent.
async fn spent(played: &Played) -> Vec<(String, i64, i64)> {
    let listed = played.budgets().list_budgets(ListBudgetsRequest {}).await;
    let listed = listed.expect("budgets can be listed").into_inner().budgets;
    let of = |standing: BudgetStanding| {
        let code = standing.budget_version.unwrap().budget.unwrap().code;
        let usage = &standing.usage[0];
        (code, usage.spent_minor_units / 100, usage.available_minor_units / 100)
    };
    listed.into_iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_77_a_budget_is_divided_among_channels() {
    let mut played = Played::of("77-budget-by-channel").await;
    assert_eq!(played.buys(50_000).await, 100_000);
    let (six, two, one) = (6_000_000, 2_000_000, 1_000_000);
    let expected = [
        ("content", 0, one),
        ("online", 500, six - 500),
        ("other", 0, one),
        ("stores", 0, two),
        ("year", 500, 10_000_000 - 500),
    ];
    let expected = expected.map(|(code, spent, left)| (code.to_owned(), spent, left));
    assert_eq!(spent(&played).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_78_a_month_uses_95_percent_and_the_rest_when_another_person_approves_it() {
    let mut played = Played::of("78-monthly-limit-and-reserve").await;
    assert_eq!(played.buys(900).await, 1_800);
    assert_eq!(played.buys(900).await, 900 + 50);
    let proposal = ProposeReserveReleaseRequest {
        request_id: "flood".to_owned(),
        budget: "month".to_owned(),
        at: None,
        minor_units: 50,
        purpose: "the flood in the south".to_owned(),
    };
    let proposed = played
        .budgets()
        .propose_reserve_release(by("marketing", proposal))
        .await;
    let approval = ApproveReserveReleaseRequest {
        request_id: "flood".to_owned(),
        release_id: proposed.unwrap().into_inner().reserve_release.unwrap().release_id,
    };
    let by_themselves = played
        .budgets()
        .approve_reserve_release(by("marketing", approval.clone()))
        .await;
    assert_eq!(by_themselves.unwrap_err().code(), Code::PermissionDenied);
    let approved = played.budgets().approve_reserve_release(by("finance", approval)).await;
    approved.expect("finance approves it");
    assert_eq!(played.buys(900).await, 900 + 50);
    // A month is over, and its money with it.
    played.at("2026-02-01T00:00:00").await;
    assert_eq!(played.buys(900).await, 1_800);
    assert_eq!(
        spent(&played).await,
        [("month".to_owned(), 9, 0), ("year".to_owned(), 19, 81)]
    );
}

fn by<T>(operator: &str, request: T) -> Request<T> {
    let mut request = Request::new(request);
    let operator = operator.parse().expect("a name is plain text");
    request.metadata_mut().insert("loyalty-actor", operator);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn row_51_levels_take_off_prices_running_or_of_the_first_price() {
    for (file, at_each_level, in_the_festival) in [
        ("51-level-discounts-running", [1_000, 900, 850, 800], 640),
        ("51-level-discounts-initial", [1_000, 950, 900, 850], 650),
    ] {
        let mut played = Played::of(file).await;
        let mut prices = vec![played.price(line("1", 1_000)).await];
        for spent in [1_000, 2_000, 2_000] {
            played.buys(spent).await;
            prices.push(played.price(line("1", 1_000)).await);
        }
        assert_eq!(prices, at_each_level, "{file}");
        played.at("2026-10-07T23:59:59").await;
        assert_eq!(played.price(line("1", 1_000)).await, in_the_festival, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_71_everything_costs_80_percent_at_the_carnival() {
    let played = Played::of("71-carnival").await;
    let book = || PurchaseLine {
        categories: vec!["books".to_owned()],
        ..line("1", 1_000)
    };
    assert_eq!(
        [played.price(line("1", 1_000)).await, played.price(book()).await],
        [1_000, 950]
    );
    played.at("2026-06-18T00:00:00").await;
    assert_eq!(
        [played.price(line("1", 1_000)).await, played.price(book()).await],
        [800, 800]
    );
    played.at("2026-06-21T00:00:00").await;
    assert_eq!(
        [played.price(line("1", 1_000)).await, played.price(book()).await],
        [1_000, 950]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn row_28_whoever_registers_in_the_first_three_months_gets_a_thousand_points() {
    let played = Played::of("28-sign-up-bonus").await;
    comes_to(&played.clients, &played.member, "points", 1_000).await;
    played.at("2026-03-31T23:59:59").await;
    let last = enrol_as(&played.clients, "the last in time").await;
    comes_to(&played.clients, &last, "points", 1_000).await;
    played.at("2026-04-01T00:00:00").await;
    let late = enrol_as(&played.clients, "late").await;
    assert_eq!(spent(&played).await, [("newcomers".to_owned(), 20, 19_980)]);
    assert_eq!(available(&played.clients, &late).await, 0);
}
