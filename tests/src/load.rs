//! Load: as many avis as a server takes, or so many a second, and what that cost.
//!
//! One thread, raw HTTP/1.1 over connections that stay open, one request at a time on each: what the generator burns,
//! the server beside it on the same processors cannot have, so it does as little as it can. Requests are rendered
//! beforehand (`bodies`); only the idempotency key changes. Of an answer, the status and the length are read.
//!
//! Two ways to ask. In a *closed loop* each connection asks again as soon as it was answered, which finds out how much
//! a server can do. In an *open loop* requests come at a steady rate whatever the server does, as people do, and each
//! latency counts from the moment its request was due: a server that stalls for a second makes a thousand people
//! wait, not one.
//!
//! Linux only: it waits with epoll.

mod bodies;
mod connection;
mod generator;
mod reads;
pub mod usage;

pub use bodies::{DEMARCHES, FIRST_DEMARCHE};
pub use generator::{Answered, Closed, Generator, Latency, Open};
pub use reads::{Reads, read};
