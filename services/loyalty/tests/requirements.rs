//! The rows of the requirements as program files: each is applied, and played through the public API by a member of its own.

use std::{fs, path::Path};

use harness::{at, suite};
use loyalty::{
    apply::{self, Manifest},
    demo::clients::{Clients, Transport},
};
use proto::{
    campaign::{
        ActivityInput, ApproveReserveReleaseRequest, BudgetStanding, CustomActivity, ListBudgetsRequest, Payment,
        ProposeReserveReleaseRequest, Purchase, PurchaseLine, RecordActivityRequest, Return, activity_input::Activity,
        budget_service_client::BudgetServiceClient,
    },
    member::AdvanceClockRequest,
};
use tonic::{Code, Request};
use uuid::Uuid;

use crate::calls::{available, enrol};

/// A program of a file, and a member of it. Its clock stands at the beginning of 2026 in Shanghai.
struct Played {
    clients: Clients,
    member: String,
    orders: u32,
}

impl Played {
    /// Applies a file to a program that nobody else has.
    async fn of(file: &str) -> Played {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/programs/requirements");
        let path = folder.join(format!("{file}.toml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let of_file = Manifest::parse(file, &text)
            .expect("the file has no mistakes")
            .program_id();
        let manifest = Manifest::parse(file, &text.replace(&of_file, &Uuid::now_v7().to_string())).unwrap();
        let url = format!("http://{}", suite().address());
        let clients = Clients::new(&url, &manifest.program_id()).unwrap();
        apply::apply(&manifest, clients.transport(0))
            .await
            .expect("the program can be applied");
        Played {
            member: enrol(&clients).await,
            clients,
            orders: 0,
        }
    }

    /// Sets the clock, as Shanghai shows it.
    async fn at(&self, local: &str) {
        let to = format!("{local}+08:00");
        let request = AdvanceClockRequest {
            request_id: to.clone(),
            to: Some(at(&to)),
            await_effects: true,
        };
        self.clients
            .programs()
            .advance_clock(request)
            .await
            .expect("the clock can be set");
    }

    /// Does something, and returns the points that it changes. Every consequence has come about then.
    async fn does(&mut self, activity: Activity) -> i64 {
        self.orders += 1;
        let input = ActivityInput {
            member_id: self.member.clone(),
            channel: "app".to_owned(),
            activity: Some(activity),
            ..ActivityInput::default()
        };
        let request = RecordActivityRequest {
            request_id: format!("request-{}", self.orders),
            input: Some(input),
            await_effects: true,
        };
        let recorded = self
            .clients
            .activities(0)
            .record_activity(request)
            .await
            .expect("it can be recorded");
        let decision = recorded.into_inner().activity.unwrap().decision.unwrap();
        decision.awards.iter().map(|award| award.points).sum()
    }

    fn budgets(&self) -> BudgetServiceClient<Transport> {
        BudgetServiceClient::new(self.clients.transport(0))
    }

    async fn buys(&mut self, yuan: i64) -> i64 {
        let order = self.order(vec![line("1", yuan)]);
        self.does(Activity::Purchase(order)).await
    }

    fn order(&self, lines: Vec<PurchaseLine>) -> Purchase {
        Purchase {
            order_id: format!("order-{}", self.orders + 1),
            currency_code: "CNY".to_owned(),
            lines,
            ..Purchase::default()
        }
    }

    async fn gives_back(&mut self, order: u32) -> i64 {
        let back = Return {
            order_id: format!("order-{order}"),
            lines: Vec::new(),
        };
        self.does(Activity::Return(back)).await
    }

    async fn does_custom(&mut self, kind: &str, attributes: &[(&str, &str)]) -> i64 {
        let attributes = attributes
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let custom = CustomActivity {
            kind: kind.to_owned(),
            reference: String::new(),
            attributes: attributes.collect(),
        };
        self.does(Activity::Custom(custom)).await
    }
}

fn line(line_id: &str, yuan: i64) -> PurchaseLine {
    PurchaseLine {
        line_id: line_id.to_owned(),
        quantity: 1,
        gross_minor_units: yuan * 100,
        ..PurchaseLine::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_23_points_per_hundred_and_per_ten() {
    let (mut hundred, mut ten) = (
        Played::of("23-points-per-hundred").await,
        Played::of("23-points-per-ten").await,
    );
    assert_eq!([hundred.buys(250).await, ten.buys(250).await], [200, 25]);
    assert_eq!([hundred.buys(105).await, ten.buys(105).await], [100, 10]);
    assert_eq!([hundred.gives_back(1).await, ten.gives_back(1).await], [-200, -25]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_levels_accelerate() {
    for (file, at_each_level) in [
        ("24-twenty-percent-a-level", [100, 120, 140, 160]),
        ("24-diamond-doubles", [100, 100, 100, 200]),
    ] {
        let mut played = Played::of(file).await;
        let mut earned = vec![played.buys(100).await];
        for spent in [1_000, 2_000, 3_000] {
            played.buys(spent).await;
            earned.push(played.buys(100).await);
        }
        assert_eq!(earned, at_each_level, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_and_45_ten_thousand_points_make_silver_which_doubles() {
    let mut played = Played::of("24-doubling-at-silver").await;
    assert_eq!(played.buys(9_999).await, 9_999);
    assert_eq!(played.buys(1).await, 1);
    assert_eq!(played.buys(100).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_25_double_days() {
    let mut played = Played::of("25-double-days").await;
    let mut earned = Vec::new();
    for day in [
        "2026-01-07T23:59:59",
        "2026-01-08T00:00:00",
        "2026-09-30T23:59:59",
        "2026-10-01T00:00:00",
        "2026-10-08T23:59:59",
        "2026-10-09T00:00:00",
    ] {
        played.at(day).await;
        earned.push(played.buys(100).await);
    }
    assert_eq!(earned, [100, 200, 100, 200, 200, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_26_different_times() {
    let mut played = Played::of("26-different-times").await;
    let mut earned = Vec::new();
    // 1 January 2026 is a Thursday and excepted, 6 January a Tuesday.
    for time in [
        "2026-01-01T19:00:00",
        "2026-01-02T17:59:59",
        "2026-01-02T18:00:00",
        "2026-01-02T20:00:00",
        "2026-01-03T19:00:00",
        "2026-01-06T22:00:00",
        "2026-01-07T01:59:59",
        "2026-01-07T02:00:00",
        "2026-01-07T22:30:00",
    ] {
        played.at(time).await;
        earned.push(played.buys(100).await);
    }
    assert_eq!(earned, [100, 100, 150, 100, 100, 120, 120, 100, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_27_first_purchase() {
    let mut played = Played::of("27-first-purchase").await;
    assert_eq!([played.buys(100).await, played.buys(100).await], [110, 100]);
    assert_eq!([played.gives_back(1).await, played.buys(100).await], [-110, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_29_check_in() {
    let mut played = Played::of("29-check-in").await;
    assert_eq!(
        [
            played.does_custom("check-in", &[]).await,
            played.does_custom("check-in", &[]).await
        ],
        [5, 0]
    );
    let mut month = 5;
    for day in 2..=31 {
        played.at(&format!("2026-01-{day:02}T08:00:00")).await;
        month += played.does_custom("check-in", &[]).await;
    }
    assert_eq!(month, 100);
    played.at("2026-02-01T00:00:00").await;
    assert_eq!(played.does_custom("check-in", &[]).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_31_share_and_quiz() {
    let mut played = Played::of("31-share-and-quiz").await;
    let mut shares = Vec::new();
    for _ in 0..4 {
        shares.push(played.does_custom("share", &[]).await);
    }
    assert_eq!(shares, [10, 10, 10, 0]);
    let mut quizzes = Vec::new();
    for score in ["79", "80", "100", "100"] {
        quizzes.push(played.does_custom("quiz", &[("score", score)]).await);
    }
    assert_eq!(quizzes, [0, 30, 20, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_32_and_33_points_without_an_end_and_for_a_year() {
    let (mut for_ever, mut a_year) = (Played::of("32-no-cap").await, Played::of("33-one-year").await);
    for played in [&mut for_ever, &mut a_year] {
        assert_eq!(played.buys(1_000_000).await, 1_000_000);
        played.at("2027-01-01T00:00:00").await;
    }
    let left = [
        available(&for_ever.clients, &for_ever.member).await,
        available(&a_year.clients, &a_year.member).await,
    ];
    assert_eq!(left, [1_000_000, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_38_both_readings_of_the_last_weekend() {
    let (mut last, mut full) = (
        Played::of("38-last-weekend").await,
        Played::of("38-last-full-weekend").await,
    );
    let mut earned = Vec::new();
    // 31 January 2026 is a Saturday.
    for day in [
        "2026-01-24T12:00:00",
        "2026-01-31T12:00:00",
        "2026-02-01T12:00:00",
        "2026-03-28T12:00:00",
    ] {
        for played in [&last, &full] {
            played.at(day).await;
        }
        earned.push([last.buys(100).await, full.buys(100).await]);
    }
    assert_eq!(earned, [[100, 200], [200, 100], [200, 100], [200, 200]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_70_large_campaigns_at_once() {
    let mut played = Played::of("70-large-campaigns").await;
    // Newcomer's gift of 50, and the double, which brings more than the 0 of the other.
    assert_eq!(played.buys(200).await, 200 + 200 + 50);
    // 400 points are more than the double, which is capped at 300.
    assert_eq!(played.buys(600).await, 600 + 400);
    let of_brand = PurchaseLine {
        brand: "acme".to_owned(),
        ..line("1", 100)
    };
    let tea = PurchaseLine {
        categories: vec!["tea".to_owned()],
        quantity: 4,
        ..line("2", 40)
    };
    let paid = Payment {
        method: "points".to_owned(),
        minor_units: 3_500,
    };
    let order = Purchase {
        payments: vec![paid],
        ..played.order(vec![of_brand, tea])
    };
    // 105 of 140 yuan count, of the brand 75 of 100. Double makes 105 more, the brand 150, the pieces of tea 20.
    assert_eq!(played.does(Activity::Purchase(order)).await, 105 + 105 + 150 + 20);
}

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
