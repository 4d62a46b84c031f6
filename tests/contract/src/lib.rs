//! Checks of the contracts; see `tests/it`.

#![forbid(unsafe_code)]
