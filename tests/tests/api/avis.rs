//! `/avis/{demarche}`: the hosted form, as a browser without scripts sends it.

mod bad_input;
mod form;
mod framing;
mod languages;
mod page;
mod steps;

pub(crate) use form::Form;
