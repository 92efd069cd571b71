//! The bytes that people download, against what design.md allows ("Budgets").

use anyhow::{Result, bail};

/// What one part weighs on the wire, and what it may weigh. In bytes; a kB is 1,000 of them.
pub(crate) struct Weight {
    pub(crate) what: String,
    pub(crate) bytes: usize,
    pub(crate) budget: usize,
}

impl Weight {
    fn is_over(&self) -> bool {
        self.bytes > self.budget
    }
}

pub(crate) fn print(weights: &[Weight]) {
    let width = weights.iter().map(|weight| weight.what.chars().count()).max().unwrap_or_default();
    for weight in weights {
        println!(
            "  {:width$}  {:>9} of {:>9}{}",
            weight.what,
            kilobytes(weight.bytes),
            kilobytes(weight.budget),
            if weight.is_over() { "  OVER BUDGET" } else { "" }
        );
    }
}

/// Fails, naming every part that is over its budget.
pub(crate) fn check(weights: &[Weight]) -> Result<()> {
    let over: Vec<&str> =
        weights.iter().filter(|weight| weight.is_over()).map(|weight| weight.what.as_str()).collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

/// In kB with three decimals, so that 3,001 bytes do not read like 3.0 kB.
fn kilobytes(bytes: usize) -> String {
    format!("{}.{:03} kB", bytes / 1000, bytes % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(what: &str, bytes: usize) -> Weight {
        Weight { what: what.to_owned(), bytes, budget: 3000 }
    }

    #[test]
    fn a_budget_may_be_used_up_to_its_last_byte() {
        assert!(check(&[weight("loader", 3000)]).is_ok());
    }

    #[test]
    fn one_byte_more_fails_and_names_the_part() {
        let error = check(&[weight("glue", 2), weight("loader", 3001)]).unwrap_err();
        assert_eq!(error.to_string(), "over budget: loader");
    }

    #[test]
    fn a_byte_over_budget_shows() {
        assert_eq!(kilobytes(3001), "3.001 kB");
    }
}
