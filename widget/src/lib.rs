//! The form: what it does ([`form`]), how it looks ([`CSS`]), and the two places it is shown: on the collector's
//! own page as HTML (`hosted`, feature `ssr`), and in any page's browser (`browser`, feature `csr`).

#[cfg(feature = "csr")]
pub mod browser;
mod css;
pub mod form;
#[cfg(feature = "ssr")]
pub mod hosted;
#[cfg(any(feature = "csr", feature = "ssr"))]
mod views;

/// The style sheet of the form. The hosted page inlines it; in the browser the shadow root adopts it.
pub const CSS: &str = css::TEXT;
