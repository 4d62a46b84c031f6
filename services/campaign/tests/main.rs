//! The campaign service over real gRPC, Postgres and Redis.
