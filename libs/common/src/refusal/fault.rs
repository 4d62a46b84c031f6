//! Trouble of our own making, or of what we depend on.

use std::error::Error;

use tonic::{Code, Status};

use super::Refusal;
use crate::telemetry::current_rpc;

/// A fault: logged once when it becomes an answer, and told to the caller without our insides.
#[derive(Debug)]
pub enum Fault {
    /// A mistake of ours. The caller sees INTERNAL.
    Internal(anyhow::Error),
    /// Something we need cannot be reached now. The caller sees UNAVAILABLE.
    Unavailable(anyhow::Error),
}

impl Fault {
    /// Reports a mistake of ours.
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(anyhow::Error::from_boxed(error.into()))
    }

    /// Reports that something we need cannot be reached.
    pub fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(anyhow::Error::from_boxed(error.into()))
    }
}

impl Fault {
    /// Tells whether asking again later can help: the connection failed, the server is going down or full, or a lock was not to be had.
    pub fn is_passing(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                let class = code.get(..2).unwrap_or_default();
                matches!(class, "08" | "40" | "53" | "57" | "58") || matches!(&*code, "25P03" | "55P03")
            }),
            _ => false,
        }
    }
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Internal(error) => {
                tracing::error!(
                    rpc = current_rpc().as_deref(),
                    error = format!("{error:#}"),
                    "a fault of ours"
                );
                Refusal::new(
                    Code::Internal,
                    "INTERNAL",
                    "an internal fault; ask again with the same request id",
                )
                .into()
            }
            Fault::Unavailable(error) => {
                tracing::warn!(
                    rpc = current_rpc().as_deref(),
                    error = format!("{error:#}"),
                    "something we need cannot be reached"
                );
                let message = "temporarily unavailable; ask again with the same request id";
                Refusal::new(Code::Unavailable, "TEMPORARILY_UNAVAILABLE", message).into()
            }
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        if Self::is_passing(&error) {
            Self::unavailable(error)
        } else {
            Self::internal(error)
        }
    }
}

impl From<redis::RedisError> for Fault {
    fn from(error: redis::RedisError) -> Self {
        Self::unavailable(error)
    }
}

/// Another service's answer, where none of its refusals is one of ours: whatever it says, to our caller it is our trouble.
impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let error = anyhow::anyhow!("another service answered {:?}: {}", status.code(), status.message());
        match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted | Code::Aborted => {
                Self::Unavailable(error)
            }
            _ => Self::Internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_the_caller_nothing_of_our_insides() {
        for fault in [
            Fault::internal(anyhow::anyhow!("secret")),
            Fault::unavailable(anyhow::anyhow!("secret")),
        ] {
            let status = Status::from(fault);
            assert!(!format!("{status:?}").contains("secret"));
        }
    }

    #[test]
    fn a_pool_without_a_free_connection_is_unavailable_and_a_missing_column_is_internal() {
        assert_eq!(
            Status::from(Fault::from(sqlx::Error::PoolTimedOut)).code(),
            Code::Unavailable
        );
        assert_eq!(
            Status::from(Fault::from(sqlx::Error::ColumnNotFound("x".into()))).code(),
            Code::Internal
        );
    }
}
