//! `/api/v1/…`

mod avis;
mod demarches;
mod editions;
mod satisfaction;
mod unknown_address;
