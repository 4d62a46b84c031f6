//! The stories a ladder must tell, and the properties that hold whatever happens.

mod fixtures;
mod grants;
mod ladders;
mod members;
mod properties;
mod reviews;
mod versions;
