//! `/api/v1/…`

mod avis;
mod demarches;
mod satisfaction;
mod unknown_address;
