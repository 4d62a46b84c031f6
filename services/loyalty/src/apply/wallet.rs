//! `[[wallet]]`: a kind of value that members collect.

use proto::points::{
    AdjustmentPolicy, Caps, Funder, OverdraftPolicy, PeriodCap, PointValue, PrepaidRegime, SpendOrder,
    StoredValuePolicy, TransferPolicy, UsedGiftPolicy, Wallet,
};

use super::{
    amounts::money,
    expiry,
    sheet::{Item, Table},
    words::{Facts, Frame, Words, spell},
};

const OVERDRAFT: Words<OverdraftPolicy> = &[
    ("forbid", OverdraftPolicy::Forbid),
    ("carry debt", OverdraftPolicy::CarryDebt),
    ("pending only", OverdraftPolicy::PendingOnly),
];
const TRANSFER: Words<TransferPolicy> = &[
    ("forbid", TransferPolicy::Unspecified),
    ("keep dates", TransferPolicy::KeepDates),
    ("reset dates", TransferPolicy::ResetDates),
];
const SPEND_ORDER: Words<SpendOrder> = &[
    ("proportional", SpendOrder::Unspecified),
    ("bonus first", SpendOrder::BonusFirst),
    ("principal first", SpendOrder::PrincipalFirst),
];
const REGIME: Words<PrepaidRegime> = &[
    ("none", PrepaidRegime::Unspecified),
    ("cn named", PrepaidRegime::CnNamed),
    ("cn anonymous", PrepaidRegime::CnAnonymous),
];
const USED_GIFTS: Words<UsedGiftPolicy> = &[
    ("keep", UsedGiftPolicy::Unspecified),
    ("deduct", UsedGiftPolicy::Deduct),
];
const CAPS: &str =
    r#"{ balance = 100000, earning = 5000, debit = 20000, earned_per = { period = "day", points = 1000 } }"#;

const ADJUSTMENTS: &str = r#"{ reasons = ["complaint"], points = 5000, points_per_operator_and_day = 20000 }"#;

const STORED_VALUE: &str =
    r#"{ bonus_wallet = "bonus", spend_order = "proportional", regime = "cn named", used_gifts = "deduct" }"#;
const VALUE: &str = r#"{ points = 100, worth = "1.00" }"#;
const FUNDERS: &str = r#"{ code = "acme", name = "Acme", price = { points = 100, worth = "0.80" } }"#;

/// Reads a wallet.
pub fn read(table: &Table<'_>, frame: &Frame) -> Wallet {
    let funders = table.find("funders", "funders").map(|item| item.one_or_more());
    let notices = table
        .find("expiry_notice_days", "expiry_notice_days")
        .map(|item| item.one_or_more());
    let small = |key, field| table.find(key, field).map(|item| item.small());
    Wallet {
        code: table.text("code", "code", r#""points""#),
        display_name: table.text("name", "display_name", r#""Points""#),
        unit: table.text("unit", "unit", r#""point""#),
        scale: small("scale", "scale").unwrap_or_default(),
        expiry: table
            .need("expiry", "expiry", "{ after_days = 365 }")
            .and_then(|item| expiry::read(&item)),
        overdraft: table.word("overdraft", "overdraft", OVERDRAFT),
        debt_limit: table.find("debt_limit", "debt_limit").map_or(0, |item| item.whole()),
        expiry_from_activation: table.flag("expiry_from_activation", "expiry_from_activation"),
        restore_grace_days: small("restore_grace_days", "restore_grace_days"),
        hold_grace_days: small("hold_grace_days", "hold_grace_days").unwrap_or_default(),
        transfer: table.find("transfer", "transfer").map_or(0, |item| item.word(TRANSFER)),
        caps: table.find("caps", "caps").and_then(|item| item.table(CAPS, caps)),
        adjustments: table
            .find("adjustments", "adjustments")
            .and_then(|item| item.table(ADJUSTMENTS, adjustments)),
        stored_value: table
            .find("stored_value", "stored_value")
            .and_then(|item| item.table(STORED_VALUE, stored_value)),
        value: value(table, "value", frame),
        expiry_notice_days: notices.unwrap_or_default().iter().map(|item| item.small()).collect(),
        funders: funders
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.table(FUNDERS, |table| funder(table, frame)))
            .collect(),
    }
}

fn stored_value(table: &Table<'_>) -> StoredValuePolicy {
    let bonus_wallet = table.find("bonus_wallet", "bonus_wallet").map(|item| item.text());
    StoredValuePolicy {
        bonus_wallet: bonus_wallet.unwrap_or_default(),
        spend_order: table
            .find("spend_order", "spend_order")
            .map_or(0, |item| item.word(SPEND_ORDER)),
        regime: table.find("regime", "regime").map_or(0, |item| item.word(REGIME)),
        max_balance: table.find("max_balance", "max_balance").map_or(0, |item| item.whole()),
        used_gifts: table
            .find("used_gifts", "used_gifts")
            .map_or(0, |item| item.word(USED_GIFTS)),
    }
}

fn value(table: &Table<'_>, key: &'static str, frame: &Frame) -> Option<PointValue> {
    table.find(key, key)?.table(VALUE, |table| {
        let worth = table.need("worth", "minor_units", r#""1.00""#);
        PointValue {
            points: table.whole("points", "points", "100"),
            minor_units: worth.map_or(0, |item| money(&item, &frame.currency, 0)),
        }
    })
}

fn funder(table: &Table<'_>, frame: &Frame) -> Funder {
    Funder {
        code: table.text("code", "code", r#""acme""#),
        display_name: table.text("name", "display_name", r#""Acme""#),
        price: value(table, "price", frame),
    }
}

fn adjustments(table: &Table<'_>) -> AdjustmentPolicy {
    let whole = |key, field| table.find(key, field).map_or(0, |item| item.whole());
    let reasons = table.need("reasons", "reason_codes", r#"["complaint"]"#);
    AdjustmentPolicy {
        reason_codes: reasons.map(|item| item.texts()).unwrap_or_default(),
        points: whole("points", "points"),
        points_per_operator_and_day: whole("points_per_operator_and_day", "points_per_operator_and_day"),
    }
}

fn caps(table: &Table<'_>) -> Caps {
    let whole = |key, field| table.find(key, field).map_or(0, |item| item.whole());
    let earned_per = table.find("earned_per", "earned_per");
    let earned_per = earned_per.map(|item| item.one_or_more()).unwrap_or_default();
    Caps {
        balance: whole("balance", "balance"),
        earning: whole("earning", "earning"),
        debit: whole("debit", "debit"),
        earned_per: earned_per.iter().filter_map(period_cap).collect(),
    }
}

fn period_cap(item: &Item<'_>) -> Option<PeriodCap> {
    item.table(CAPS, |table| PeriodCap {
        period: table.word("period", "period", expiry::PERIOD),
        points: table.whole("points", "points", "1000"),
    })
}

/// Describes a wallet.
pub fn facts(wallet: &Wallet, frame: &Frame) -> Facts {
    let Wallet {
        code: _,
        display_name,
        unit,
        scale,
        expiry,
        overdraft,
        debt_limit,
        expiry_from_activation,
        restore_grace_days,
        hold_grace_days,
        transfer,
        caps,
        adjustments,
        stored_value,
        value,
        funders,
        expiry_notice_days,
    } = wallet;
    let Caps {
        balance,
        earning,
        debit,
        earned_per,
    } = caps.clone().unwrap_or_default();
    let adjusted = adjustments.clone().unwrap_or_default();
    let prepaid = stored_value.clone().unwrap_or_default();
    let of_prepaid = |text: String| stored_value.as_ref().map(|_| text);
    let per_period = |cap: &PeriodCap| format!("{} a {}", cap.points, spell(cap.period, expiry::PERIOD));
    let per_period: Vec<String> = earned_per.iter().map(per_period).collect();
    let funders: Vec<String> = funders.iter().map(|funder| spell_funder(funder, frame)).collect();
    let notices: Vec<String> = expiry_notice_days
        .iter()
        .map(|days| format!("{days} days before"))
        .collect();
    let transfer = Some(*transfer).filter(|transfer| *transfer != TransferPolicy::Unspecified as i32);
    Facts::default()
        .with("name", display_name)
        .with("unit", unit)
        .with_number("scale", *scale)
        .with("expiry", expiry::describe(expiry.as_ref()))
        .with("overdraft", spell(*overdraft, OVERDRAFT))
        .with_number("most owed", *debt_limit)
        .with_flag("expiry from activation", *expiry_from_activation)
        .with_some("restore grace", restore_grace_days.map(|days| format!("{days} days")))
        .with_number("hold grace days", *hold_grace_days)
        .with_list("told of expiry", &notices)
        .with_some("transfer", transfer.map(|transfer| spell(transfer, TRANSFER)))
        .with_number("most to have", balance)
        .with_number("most to earn at once", earning)
        .with_number("most to spend at once", debit)
        .with_list("most to earn", &per_period)
        .with_list("adjusted by hand for", &adjusted.reason_codes)
        .with_number("most to adjust at once", adjusted.points)
        .with_number(
            "most to adjust for one person and day",
            adjusted.points_per_operator_and_day,
        )
        .with_some(
            "stored value, spent",
            of_prepaid(spell(prepaid.spend_order, SPEND_ORDER)),
        )
        .with_some(
            "bonus in wallet",
            Some(prepaid.bonus_wallet).filter(|code| !code.is_empty()),
        )
        .with_some("by law", of_prepaid(spell(prepaid.regime, REGIME)))
        .with_some("used gifts", of_prepaid(spell(prepaid.used_gifts, USED_GIFTS)))
        .with_number("most stored value to have", prepaid.max_balance)
        .with_some("worth", value.map(|value| spell_value(value, frame)))
        .with_list("funders", &funders)
}

fn spell_value(value: PointValue, frame: &Frame) -> String {
    format!("{} for {}", value.points, frame.currency.spell(value.minor_units))
}

fn spell_funder(funder: &Funder, frame: &Frame) -> String {
    let price = funder.price.map(|price| spell_value(price, frame));
    format!(
        "{} ({}) pays {}",
        funder.code,
        funder.display_name,
        price.unwrap_or_else(|| "nothing".to_owned())
    )
}
