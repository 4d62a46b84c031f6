//! What is strange, in sentences.

use super::{Finding, Strange};
use crate::domain::explain::{Language, number};

/// Says what is strange.
pub fn sentence(Finding { is, campaigns }: &Finding, language: Language) -> String {
    match language {
        Language::English => english(is, campaigns),
        Language::Chinese => chinese(is, campaigns),
    }
}

fn english(is: &Strange, campaigns: &[String]) -> String {
    let of = campaigns.first().map(String::as_str).unwrap_or_default();
    let all = campaigns.join(", ");
    match is {
        Strange::NeverRuns => format!("{of} runs on none of the next 400 days."),
        Strange::UnknownLevel { ladder, level } => {
            format!("{of} asks for level {level} on {ladder}, which nobody is on: there is none.")
        }
        Strange::CannotHold => format!("{of} never applies: what it asks for exclude one another."),
        Strange::Shadowed => format!(
            "{of} never applies: whenever it could, {} does, and they do not go together.",
            campaigns.get(1).map(String::as_str).unwrap_or_default()
        ),
        Strange::FeedsItself { accrual, ladder } => {
            let more = if campaigns.is_empty() {
                String::new()
            } else {
                format!(", those of {all} among them")
            };
            format!(
                "The points of {accrual} are multiplied by the level on {ladder}, and points raise that level{more}: what is given makes more be given."
            )
        }
        Strange::LiftsAgain { ladder } => {
            format!(
                "{of} is for changes of levels and lifts members on {ladder}: one change may lead to the next, up to the highest."
            )
        }
        Strange::Unlimited => format!("{of} has no limit, and is for what can be done as often as one likes."),
        Strange::OtherWeekend { on } => {
            format!(
                "{of} runs on the last weekend of the month, which can be read in two ways: on {on} one reading has it and the other has not."
            )
        }
        Strange::HighestFactor { accrual, factor, on } => {
            format!(
                "From {on} on, points of {accrual} are multiplied by as much as {} where all of these apply: {all}.",
                number(*factor)
            )
        }
        Strange::HighestDiscount { per_mille, on } => {
            format!(
                "From {on} on, as much as {}.{} % is taken off where all of these apply: {all}.",
                per_mille / 10,
                per_mille % 10
            )
        }
    }
}

fn chinese(is: &Strange, campaigns: &[String]) -> String {
    let of = campaigns.first().map(String::as_str).unwrap_or_default();
    let all = campaigns.join("、");
    match is {
        Strange::NeverRuns => format!("活动 {of} 在今后 400 天内没有一天生效。"),
        Strange::UnknownLevel { ladder, level } => format!("活动 {of} 要求 {ladder} 的等级 {level}，而该等级不存在。"),
        Strange::CannotHold => format!("活动 {of} 永远不会生效：其条件互相排斥。"),
        Strange::Shadowed => format!(
            "活动 {of} 永远不会生效：凡它可以生效时，与之互斥的 {} 总会先生效。",
            campaigns.get(1).map(String::as_str).unwrap_or_default()
        ),
        Strange::FeedsItself { accrual, ladder } => {
            format!("{accrual} 的积分按 {ladder} 的等级加倍，而积分又提升该等级：送得越多，送得更多。")
        }
        Strange::LiftsAgain { ladder } => {
            format!("活动 {of} 由等级变动触发，又提升 {ladder} 的等级：可能连续升至最高级。")
        }
        Strange::Unlimited => format!("活动 {of} 没有次数或积分上限，而触发它的行为可以无限重复。"),
        Strange::OtherWeekend { on } => {
            format!("活动 {of} 在每月最后一个周末生效，而这有两种理解：{on} 仅按其中一种算在内。")
        }
        Strange::HighestFactor { accrual, factor, on } => {
            format!(
                "自 {on} 起，{accrual} 的积分最多可达 {} 倍，若下列活动同时生效：{all}。",
                number(*factor)
            )
        }
        Strange::HighestDiscount { per_mille, on } => {
            format!(
                "自 {on} 起，最多可减 {}.{}%，若下列活动同时生效：{all}。",
                per_mille / 10,
                per_mille % 10
            )
        }
    }
}
