//! What the rewards catalog does, over real gRPC against a real Postgres and Redis: a file for each RPC, with the way in and
//! each way it refuses, and one for redemptions that are interrupted.

mod shop;

mod adjust_stock;
mod cancel_redemption;
mod get_redemption;
mod get_reward;
mod interrupted;
mod list_redemptions;
mod list_rewards;
mod publish_reward;
mod quote_redemption;
mod redeem_reward;
