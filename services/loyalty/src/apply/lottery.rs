//! `[[lottery]]`: what tickets cost and what they may draw; one lottery, or one for each of some months.

use common::{time, zone::Zone};
use jiff::{ToSpan as _, civil::Date};
use proto::rewards_catalog::{Lottery, OddsMode, Price, Prize};

use super::{
    amounts::{instant, money, spell_instant},
    sheet::{Item, Table},
    words::{Facts, Frame, Words, spell},
};

const ODDS: Words<OddsMode> = &[("fixed", OddsMode::FixedOdds), ("deck", OddsMode::Deck)];
const MONTHS: &str = r#"{ first = "2026-01", last = "2026-12" }"#;
/// The most months that one section opens a lottery for.
const MOST_MONTHS: usize = 60;

/// Reads the lotteries of a section. Those of months have the month behind the code, open with it and close with it, in the program's zone.
pub fn read(table: &Table<'_>, frame: &Frame) -> Vec<Lottery> {
    let ticket = table.need("ticket", "ticket_price", r#"{ wallet = "points", points = 100 }"#);
    let prizes = table.every("prize", "prizes");
    let lottery = Lottery {
        code: table.text("code", "code", r#""draw""#),
        display_name: table.text("name", "display_name", r#""The draw of the month""#),
        description: table
            .find("description", "description")
            .map(|item| item.text())
            .unwrap_or_default(),
        ticket_price: ticket.and_then(|item| item.table("a table", read_price)),
        opens_at: None,
        closes_at: None,
        tickets_per_member: table
            .find("tickets_per_member", "tickets_per_member")
            .map_or(0, |item| item.small()),
        odds_mode: table.word("odds", "odds_mode", ODDS),
        prizes: prizes
            .iter()
            .filter_map(|item| item.table("tables, each under [[lottery.prize]]", |table| read_prize(table, frame)))
            .collect(),
    };
    match table.find("months", "opens_at") {
        Some(months) => every_month(&lottery, &months, &frame.zone),
        None => vec![once(lottery, table, &frame.zone)],
    }
}

fn once(lottery: Lottery, table: &Table<'_>, zone: &Zone) -> Lottery {
    let at = |key, field| {
        let item = table.need(key, field, "2026-01-01");
        item.and_then(|item| instant(&item, zone)).map(time::to_wire)
    };
    Lottery {
        opens_at: at("opens", "opens_at"),
        closes_at: at("closes", "closes_at"),
        ..lottery
    }
}

fn every_month(lottery: &Lottery, months: &Item<'_>, zone: &Zone) -> Vec<Lottery> {
    let read = months.table(MONTHS, |table| {
        let month = |key| table.need(key, "", r#""2026-01""#).and_then(|item| read_month(&item));
        month("first").zip(month("last"))
    });
    let Some((first, last)) = read.flatten() else {
        return Vec::new();
    };
    let following = |month: &Date| month.checked_add(1.month()).ok();
    let all = std::iter::successors(Some(first), following).take_while(|month| *month <= last);
    let all: Vec<Date> = all.take(MOST_MONTHS + 1).collect();
    if all.is_empty() || all.len() > MOST_MONTHS {
        months.wrong(format_args!(
            "must be 1 to {MOST_MONTHS} months, the first of them first"
        ));
    }
    let begins = |month: Date| {
        zone.tz()
            .to_timestamp(month.to_datetime(jiff::civil::Time::midnight()))
            .ok()
    };
    let of_month = |month: &Date| Lottery {
        code: format!("{}-{}", lottery.code, month.strftime("%Y-%m")),
        opens_at: begins(*month).map(time::to_wire),
        closes_at: following(month).and_then(begins).map(time::to_wire),
        ..lottery.clone()
    };
    all.iter().map(of_month).collect()
}

fn read_month(item: &Item<'_>) -> Option<Date> {
    let text = item.text();
    let day = Some(format!("{text}-01")).filter(|day| day.len() == "2026-01-01".len());
    let month = day.and_then(|day| day.parse().ok());
    if month.is_none() {
        item.wrong(r#"must be a month in quotation marks, such as "2026-01""#);
    }
    month
}

fn read_price(table: &Table<'_>) -> Price {
    Price {
        wallet: table.text("wallet", "wallet", r#""points""#),
        points: table.whole("points", "points", "100"),
    }
}

fn read_prize(table: &Table<'_>, frame: &Frame) -> Prize {
    let text = |key, field| table.find(key, field).map(|item| item.text()).unwrap_or_default();
    let whole = |key, field| table.find(key, field).map_or(0, |item| item.whole());
    Prize {
        code: table.text("code", "code", r#""first""#),
        reward: text("reward", "reward"),
        quantity: whole("quantity", "quantity"),
        weight: whole("weight", "weight"),
        fallback: text("fallback", "fallback"),
        worth_minor_units: table
            .find("worth", "worth_minor_units")
            .map_or(0, |item| money(&item, &frame.currency, 0)),
    }
}

/// Describes a lottery.
pub fn facts(lottery: &Lottery, frame: &Frame) -> Facts {
    let Lottery {
        code: _,
        display_name,
        description,
        ticket_price,
        opens_at,
        closes_at,
        tickets_per_member,
        odds_mode,
        prizes,
    } = lottery;
    let Price { wallet, points } = ticket_price.clone().unwrap_or_default();
    let spell_at = |at: &Option<_>| at.map(|at| spell_instant(at, &frame.zone));
    let facts = Facts::default()
        .with("name", display_name)
        .with_some("description", (!description.is_empty()).then_some(description))
        .with("ticket", format!("{points} of {wallet}"))
        .with_some("opens", spell_at(opens_at))
        .with_some("closes", spell_at(closes_at))
        .with_number("tickets_per_member", *tickets_per_member)
        .with("odds", spell(*odds_mode, ODDS));
    let codes: Vec<String> = prizes.iter().map(|prize| prize.code.clone()).collect();
    let facts = facts.with_list("prizes", &codes);
    prizes.iter().fold(facts, |facts, prize| {
        facts.with(format!("prize {}", prize.code), words_of_prize(prize, frame))
    })
}

fn words_of_prize(prize: &Prize, frame: &Frame) -> String {
    let Prize {
        code: _,
        reward,
        quantity,
        weight,
        fallback,
        worth_minor_units,
    } = prize;
    let words = [
        Some(if reward.is_empty() { "nothing" } else { reward }.to_owned()),
        (*quantity != 0).then(|| format!("{quantity} of it")),
        (*weight != 0).then(|| format!("weight {weight}")),
        (!fallback.is_empty()).then(|| format!("else {fallback}")),
        (*worth_minor_units != 0).then(|| format!("worth {}", frame.currency.spell(*worth_minor_units))),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
