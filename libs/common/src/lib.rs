//! The plumbing that the services of the Loyalty Suite share: serving, identity, refusals, configuration, telemetry, storage and feeds.
//!
//! It knows no business: nothing in here has heard of a wallet, a level or a reward. What a service decides lives in that
//! service; what every service must do in the same way lives here, once.

#![forbid(unsafe_code)]

pub mod auth;
pub mod binary;
pub mod canary;
pub mod config;
pub mod currency;
pub mod db;
pub mod feed;
pub mod fingerprint;
pub mod gather;
pub mod ids;
pub mod journal;
pub mod page;
pub mod parse;
pub mod peers;
pub mod points;
pub mod process;
pub mod program;
pub mod program_cache;
pub mod ratio;
pub mod redis_link;
pub mod refusal;
pub mod server;
pub mod shard;
pub mod telemetry;
pub mod time;
pub mod versions;
pub mod writer;
pub mod zone;
