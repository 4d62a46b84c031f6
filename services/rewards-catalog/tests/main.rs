//! What the rewards catalog does, over real gRPC against a real Postgres and Redis: a file for each RPC, with the way in and
//! each way it refuses, and one for redemptions that are interrupted.

mod raffle;
mod shop;

mod adjust_stock;
mod buy_ticket;
mod cancel_redemption;
mod draw_ticket;
mod get_lottery;
mod get_redemption;
mod get_reward;
mod interrupted;
mod list_redemptions;
mod list_rewards;
mod list_tickets;
mod publish_lottery;
mod publish_reward;
mod quote_redemption;
mod redeem_reward;
mod reveal_seed;
mod verify_draw;
