//! The server as its callers meet it: real HTTP/2, real tokens, real generated services.

mod deadlines;
mod identity;
mod limits;
mod malformed;
mod peers;
mod serving;
mod support;
mod telemetry;
