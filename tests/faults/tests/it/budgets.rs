//! A budget under fire: many more want it than it has, through four replicas, while whatever they stand on is killed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use faults::{Cluster, Fault, fault::Deck};
use futures::future::join_all;
use loyalty::{
    apply::{self, Manifest},
    demo::clients::{Clients, persist},
};
use proto::{
    campaign::{
        Activity, ActivityInput, AwardState, BudgetUsage, GetActivityRequest, ListBudgetsRequest, Purchase,
        PurchaseLine, RecordActivityRequest, Return, ReturnedLine, activity_input,
        budget_service_client::BudgetServiceClient,
    },
    member::EnrollMemberRequest,
    points::{Consistency, GetBalanceRequest, consistency::Requirement},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::{directory, product};

const REPLICAS: usize = 4;
const WRITERS: usize = 128;
const MEMBERS: usize = 48;
/// How often something is killed or cut while they write.
const FAULTS: usize = 6;
/// What the budget has, in minor units: each purchase would take 50 to 150 of it.
const CAP: i64 = 20_000;

/// Twice the points for a budget, and a gift that a partner pays for: so an award has two parts, which are posted one after the other.
const PROGRAM: &str = r#"
[program]
id = "0190b5a6-7c2e-7d3a-8f10-00000000fa01"
name = "Budget under fire"
zone = "UTC"
currency = "EUR"

[[wallet]]
code = "points"
name = "Points"
unit = "point"
expiry = "never"
overdraft = "carry debt"
value = { points = 100, worth = "1.00" }
funders = [{ code = "acme", name = "Acme", price = { points = 100, worth = "0.80" } }]

[[accrual]]
code = "base"
wallet = "points"
earn = { points = 1, per = "1.00", step = "full" }
base = { price = "after discounts", with_tax = false, with_freight = false }
composition = "additive"
rounding = "floor"

[[budget]]
code = "spring"
name = "Spring"
period = "year"
cap = "200.00"

[[campaign]]
code = "double"
name = "Double"
accrual = "base"
trigger = "purchase"
effect = { multiply = "2" }
budget = "spring"
on_shortage = "partial"
cost_per_point = "0.01"

[[campaign]]
code = "gift"
name = "Gift"
accrual = "base"
trigger = "purchase"
effect = { add_points = 7, funder = "acme" }
"#;

/// What the writers share.
struct Scene {
    clients: Vec<Clients>,
    members: Vec<String>,
    is_over: AtomicBool,
    calls: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_never_pass_their_cap_with_four_replicas_128_writers_and_kills() {
    let mut cluster = Cluster::of(&product(), &directory("budgets"), REPLICAS).await.unwrap();
    let scene = Arc::new(Scene::set(&cluster).await);
    let writers = (0..WRITERS).map(|number| tokio::spawn(scene.clone().write(number)));
    let writers: Vec<_> = writers.collect();
    let watch = tokio::spawn(scene.clone().watch());

    let mut rng = StdRng::seed_from_u64(rand::random());
    let mut deck = Deck::of(&[
        Fault::KillReplica,
        Fault::StopPostgres,
        Fault::KillBackend,
        Fault::CutDatabase,
        Fault::DeafDatabase,
    ]);
    for _ in 0..FAULTS {
        tokio::time::sleep(Duration::from_millis(rng.random_range(100..400))).await;
        // Whoever kills most often finds most.
        deck.draw(&mut rng).inject(&mut cluster, &mut rng).await.unwrap();
        Fault::KillReplica.inject(&mut cluster, &mut rng).await.unwrap();
    }
    scene.is_over.store(true, Ordering::Release);
    let mut recorded: Vec<Activity> = Vec::new();
    for writer in writers {
        recorded.extend(writer.await.unwrap());
    }
    watch.await.unwrap();
    scene.check(&mut recorded).await;
}

impl Scene {
    async fn set(cluster: &Cluster) -> Scene {
        let manifest = Manifest::parse("under-fire.toml", PROGRAM).expect("it makes sense");
        let clients = (0..REPLICAS).map(|replica| cluster.clients(replica, &manifest.program_id()));
        let clients: Vec<Clients> = clients.collect::<Result<_, _>>().unwrap();
        apply::apply(&manifest, clients[0].transport(0)).await.unwrap();
        let enrol = async |number| {
            let request = EnrollMemberRequest {
                request_id: format!("enrol-{number}"),
                channel: "web".to_owned(),
                await_effects: true,
                ..EnrollMemberRequest::default()
            };
            let enrolled = persist(|| {
                let (mut client, request) = (clients[0].members(0), request.clone());
                async move { client.enroll_member(request).await }
            });
            enrolled.await.unwrap().member.unwrap().member_id
        };
        Scene {
            members: join_all((0..MEMBERS).map(enrol)).await,
            clients,
            is_over: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
        }
    }

    /// Takes the replicas in turns: whoever has to ask again asks another.
    fn next(&self) -> &Clients {
        &self.clients[self.calls.fetch_add(1, Ordering::Relaxed) % REPLICAS]
    }

    /// Buys until it is over; of every second order a part comes back. Returns what was recorded.
    async fn write(self: Arc<Scene>, number: usize) -> Vec<Activity> {
        let mut rng = StdRng::seed_from_u64(number as u64);
        let member_id = &self.members[number % MEMBERS];
        let mut recorded = Vec::new();
        for order in 0.. {
            if self.is_over.load(Ordering::Acquire) {
                break;
            }
            let order_id = format!("{number}-{order}");
            let lines = ["1", "2"].map(|line_id| PurchaseLine {
                line_id: line_id.to_owned(),
                quantity: 1,
                gross_minor_units: rng.random_range(2_500..=7_500),
                ..PurchaseLine::default()
            });
            let purchase = activity_input::Activity::Purchase(Purchase {
                order_id: order_id.clone(),
                currency_code: "EUR".to_owned(),
                lines: lines.into(),
                ..Purchase::default()
            });
            recorded.push(self.record(member_id, order_id.clone(), purchase).await);
            if order % 2 == 1 {
                let back = activity_input::Activity::Return(Return {
                    order_id: order_id.clone(),
                    lines: vec![ReturnedLine {
                        line_id: "2".to_owned(),
                        gross_minor_units: 0,
                    }],
                });
                recorded.push(self.record(member_id, format!("{order_id}-back"), back).await);
            }
        }
        recorded
    }

    async fn record(&self, member_id: &str, request_id: String, did: activity_input::Activity) -> Activity {
        let request = RecordActivityRequest {
            request_id,
            input: Some(ActivityInput {
                member_id: member_id.to_owned(),
                channel: "web".to_owned(),
                activity: Some(did),
                ..ActivityInput::default()
            }),
            park_days: 0,
            await_effects: false,
        };
        let recorded = persist(|| {
            let (mut client, request) = (self.next().activities(0), request.clone());
            async move { client.record_activity(request).await }
        });
        recorded.await.expect("it is recorded in the end").activity.unwrap()
    }

    async fn usage(&self) -> BudgetUsage {
        let listed = persist(|| {
            let mut client = BudgetServiceClient::new(self.next().transport(0));
            async move { client.list_budgets(ListBudgetsRequest {}).await }
        });
        listed.await.unwrap().budgets[0].usage[0].clone()
    }

    /// Looks all the while whether more is spent than there is.
    async fn watch(self: Arc<Scene>) {
        while !self.is_over.load(Ordering::Acquire) {
            let usage = self.usage().await;
            assert!((0..=CAP).contains(&usage.spent_minor_units), "{usage:?}");
            assert_eq!(usage.over_minor_units, 0);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Holds what callers were told against the budget and the ledger: each activity counts once, and all of its parts.
    async fn check(&self, recorded: &mut Vec<Activity>) {
        let last = PurchaseLine {
            line_id: "1".to_owned(),
            quantity: 1,
            gross_minor_units: 1_000_000,
            ..PurchaseLine::default()
        };
        // What is left, wherever it lies, goes to one who asks for more.
        let last = activity_input::Activity::Purchase(Purchase {
            order_id: "last".to_owned(),
            currency_code: "EUR".to_owned(),
            lines: vec![
                last.clone(),
                PurchaseLine {
                    line_id: "2".to_owned(),
                    gross_minor_units: 1_000_000,
                    ..last
                },
            ],
            ..Purchase::default()
        });
        recorded.push(self.record(&self.members[0], "last".to_owned(), last).await);

        let charges = recorded
            .iter()
            .flat_map(|activity| &activity.decision.as_ref().unwrap().charges);
        let (spent, over): (Vec<i64>, Vec<i64>) = charges.map(|of| (of.minor_units, of.over_minor_units)).unzip();
        let usage = self.usage().await;
        assert_eq!((usage.spent_minor_units, usage.over_minor_units), (CAP, 0));
        assert_eq!((spent.iter().sum::<i64>(), over.iter().sum::<i64>()), (CAP, 0));

        let mut expected: BTreeMap<&str, i64> = BTreeMap::new();
        for activity in recorded.iter() {
            self.wait_until_awarded(activity).await;
            let awards = &activity.decision.as_ref().unwrap().awards;
            let member_id = activity.input.as_ref().unwrap().member_id.as_str();
            *expected.entry(member_id).or_default() += awards.iter().map(|award| award.points).sum::<i64>();
        }
        for (member_id, points) in expected {
            assert_eq!(self.available(member_id).await, points, "{member_id}");
        }
        assert!(recorded.len() > WRITERS, "they did write while things were killed");
    }

    async fn wait_until_awarded(&self, activity: &Activity) {
        let mut state = activity.state();
        let request = GetActivityRequest {
            member_id: activity.input.as_ref().unwrap().member_id.clone(),
            activity_id: activity.activity_id.clone(),
        };
        for _ in 0..300 {
            if matches!(state, AwardState::Awarded | AwardState::None) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            let found = persist(|| {
                let (mut client, request) = (self.next().activities(0), request.clone());
                async move { client.get_activity(request).await }
            });
            state = found.await.unwrap().activity.unwrap().state();
        }
        panic!("{activity:?} is {state:?}");
    }

    async fn available(&self, member_id: &str) -> i64 {
        let request = GetBalanceRequest {
            member_id: member_id.to_owned(),
            wallet: "points".to_owned(),
            consistency: Some(Consistency {
                requirement: Some(Requirement::FullyConsistent(())),
            }),
            ..GetBalanceRequest::default()
        };
        let told = persist(|| {
            let (mut client, request) = (self.next().points(0), request.clone());
            async move { client.get_balance(request).await }
        });
        told.await.unwrap().balance.unwrap().amounts.unwrap().available
    }
}
