//! `/api/v1/…`

mod avis;
mod demarches;
mod editions;
mod satisfaction;
mod token;
mod unknown_address;
