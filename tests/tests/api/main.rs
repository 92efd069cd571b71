//! The collector's addresses and commands as somebody outside meets them, held against the contract.
//!
//! A module is an address, a test's name is a sentence of what it does.
#![expect(clippy::panic, clippy::unwrap_used, reason = "test code, also outside `#[test]` functions")]

mod api_open_api;
mod api_trpc;
mod api_v1;
mod assets;
mod avis;
mod command_line;
mod data;
mod databases;
mod demarches;
mod description;
mod doctor;
mod editions;
mod health;
mod helpers;
mod home;
mod importer;
mod integration;
mod keys;
mod logs;
mod masking;
mod metrics;
mod observatoire;
mod operations;
mod quarantine;
mod retrait;
mod transfer;
mod v1;
