//! The suite as a whole: from enrolment to redemption, and what must hold when processes and servers die in the middle.

mod calls;
mod contradictions_among_plans;
mod crash_points;
mod enrol_to_redeem;
mod exported;
mod feeds;
mod forecast;
mod kill_nine;
mod played;
mod process;
mod redis_lost;
mod reference;
mod requirements;
mod requirements_of_birthdays;
mod requirements_of_levels;
mod requirements_of_lotteries;
mod requirements_of_messages;
mod requirements_of_money;
mod requirements_of_partners;
mod requirements_of_prospects;
mod requirements_of_rewards;
mod requirements_of_rules;
mod requirements_of_targets;
mod requirements_over_time;
mod sampled;
mod sealed;
