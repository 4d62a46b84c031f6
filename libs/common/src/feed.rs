//! Feeds: what a service did, in order, for whoever wants to know.
//!
//! A service's feed is its journal. The [`Hub`] knows where each shard stands and keeps the newest rows in memory; the [`FeedServer`] streams
//! from there, and from the table what is older. A [`Follower`] reads another service's feed and hands each event to the shard writer, which takes it
//! in exactly once. [`Progress`] tells how far that has come, and [`Effects`] lets a caller wait for it. There is no broker.

mod effects;
mod follower;
mod hub;
mod progress;
mod replicas;
mod server;

pub use effects::Effects;
pub use follower::{BringUp, Follower, FollowerSettings, bring_up};
pub use hub::Hub;
pub use progress::Progress;
pub use server::{Feed, FeedServer};
