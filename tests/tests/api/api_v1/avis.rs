//! `/api/v1/avis`

mod bad_input;
mod cors;
mod delete;
mod idempotency;
mod limits;
mod methods;
mod patch;
mod post;
mod secret;
mod set_aside;
