//! The suite in one process, and what an operator does with it: serve, migrate, apply a program, see it run on real purchases, measure it.
//!
//! The services do not know that they share a process here. Absent on purpose: any way to change data other than the public contracts.

#![forbid(unsafe_code)]

pub mod apply;
pub mod bench;
pub mod demo;
pub mod evidence;
pub mod export;
pub mod server;
pub mod suite;
