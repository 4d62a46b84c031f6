//! The contracts say what is true, and every RPC keeps to them whatever it is sent.

mod bad_input;
mod raw;
mod reasons;
mod rules;
