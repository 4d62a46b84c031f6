//! What the service does by itself.

pub mod resume_redemptions;
