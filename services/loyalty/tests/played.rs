//! A program file that is played: applied to a program of its own, and used by a member through the public API.

use std::{fs, path::Path};

use harness::{at, suite};
use loyalty::{
    apply::{self, Manifest},
    demo::clients::{Clients, Transport},
};
use proto::{
    campaign::{
        ActivityInput, CustomActivity, Purchase, PurchaseLine, QuoteOrderRequest, RecordActivityRequest, Return,
        activity_input::Activity, budget_service_client::BudgetServiceClient,
    },
    member::AdvanceClockRequest,
};
use uuid::Uuid;

use crate::calls::enrol;

/// A program of a file, and a member of it. Its clock stands at the beginning of 2026 in Shanghai.
pub struct Played {
    pub clients: Clients,
    pub member: String,
    pub orders: u32,
}

impl Played {
    /// Applies a file to a program that nobody else has.
    pub async fn of(file: &str) -> Played {
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
        Played::by(clients).await
    }

    /// Enrols a member into a program that is applied already.
    pub async fn by(clients: Clients) -> Played {
        Played {
            member: enrol(&clients).await,
            clients,
            orders: 0,
        }
    }

    /// Sets the clock, as Shanghai shows it.
    pub async fn at(&self, local: &str) {
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
    pub async fn does(&mut self, activity: Activity) -> i64 {
        let input = self.input(activity);
        self.records(input).await
    }

    /// Does something at a time that has passed, as Shanghai shows it.
    pub async fn does_on(&mut self, local: &str, activity: Activity) -> i64 {
        let input = ActivityInput {
            occurred_at: Some(at(&format!("{local}+08:00"))),
            ..self.input(activity)
        };
        self.records(input).await
    }

    fn input(&self, activity: Activity) -> ActivityInput {
        ActivityInput {
            member_id: self.member.clone(),
            channel: "app".to_owned(),
            activity: Some(activity),
            ..ActivityInput::default()
        }
    }

    async fn records(&mut self, input: ActivityInput) -> i64 {
        self.orders += 1;
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

    pub fn budgets(&self) -> BudgetServiceClient<Transport> {
        BudgetServiceClient::new(self.clients.transport(0))
    }

    /// Returns what an order of one line costs, in yuan, after all discounts.
    pub async fn price(&mut self, line: PurchaseLine) -> i64 {
        let input = self.input(Activity::Purchase(self.order(vec![line])));
        let request = QuoteOrderRequest {
            input: Some(input),
            floors: Vec::new(),
        };
        let quoted = self.clients.activities(0).quote_order(request).await;
        quoted.expect("an order can be quoted").into_inner().price_minor_units / 100
    }

    pub async fn buys(&mut self, yuan: i64) -> i64 {
        let order = self.order(vec![line("1", yuan)]);
        self.does(Activity::Purchase(order)).await
    }

    pub fn order(&self, lines: Vec<PurchaseLine>) -> Purchase {
        Purchase {
            order_id: format!("order-{}", self.orders + 1),
            currency_code: "CNY".to_owned(),
            lines,
            ..Purchase::default()
        }
    }

    pub async fn gives_back(&mut self, order: u32) -> i64 {
        let back = Return {
            order_id: format!("order-{order}"),
            lines: Vec::new(),
        };
        self.does(Activity::Return(back)).await
    }

    pub async fn does_custom(&mut self, kind: &str, attributes: &[(&str, &str)]) -> i64 {
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

pub fn line(line_id: &str, yuan: i64) -> PurchaseLine {
    PurchaseLine {
        line_id: line_id.to_owned(),
        quantity: 1,
        gross_minor_units: yuan * 100,
        ..PurchaseLine::default()
    }
}
