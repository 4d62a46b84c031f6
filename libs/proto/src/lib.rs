//! The contracts of the Loyalty Suite as Rust.
//!
//! Everything here is generated from `proto/loyalty` when the crate is built: messages, clients, servers, and a
//! [`Validate`] implementation for every message, which checks the `buf.validate` rules of the contract and reports all
//! violations at once. A package `loyalty.points.v1` is the module [`loyalty::points::v1`], or [`points`] for short.
//! There is no behaviour here; what the services do with a message is theirs.

#![forbid(unsafe_code)]

pub mod codec;
mod validate;

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, ExtensionDescriptor, MethodDescriptor};

pub use generated::loyalty;
pub use loyalty::{
    auth::v1 as auth, campaign::v1 as campaign, event::v1 as event, member::v1 as member, points::v1 as points,
    rewards_catalog::v1 as rewards_catalog, tier::v1 as tier, value::v1 as value,
};
pub use validate::{Place, Validate, Violation};

/// Every contract with its imports and options, encoded, as server reflection wants it.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/loyalty.binpb"));

/// Returns the descriptors of every contract, options included.
pub fn descriptors() -> &'static DescriptorPool {
    static DESCRIPTORS: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the build wrote valid descriptors"));
    &DESCRIPTORS
}

/// Returns who may call an RPC, or nothing when its contract does not say.
pub fn auth_rule(method: &MethodDescriptor) -> Option<auth::Rule> {
    static RULE: LazyLock<ExtensionDescriptor> = LazyLock::new(|| {
        descriptors()
            .get_extension_by_name("loyalty.auth.v1.rule")
            .expect("the contracts define the rule")
    });
    let options = method.options();
    if !options.has_extension(&RULE) {
        return None;
    }
    options.get_extension(&RULE).as_message()?.transcode_to().ok()
}

#[allow(clippy::all, rustdoc::all)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/modules.rs"));
    include!(concat!(env!("OUT_DIR"), "/validators.rs"));
}
