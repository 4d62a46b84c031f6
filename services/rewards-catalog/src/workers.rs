//! What the service does by itself.

pub mod draw_tickets;
pub mod resume_redemptions;
pub mod resume_tickets;
