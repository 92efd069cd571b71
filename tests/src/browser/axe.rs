//! What axe-core finds on a page, open shadow roots included.

use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

use super::Browser;

/// One rule of axe-core that a page breaks.
#[derive(Debug)]
pub struct Violation {
    rule: String,
    help: String,
    /// The path to each element, through shadow roots, and what is wrong with it.
    elements: Vec<String>,
}

impl Violation {
    /// The name of the rule in axe-core.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.rule, self.help)?;
        for element in &self.elements {
            writeln!(f, "  {element}")?;
        }
        Ok(())
    }
}

impl Browser {
    /// Runs every rule of axe-core, its best practices too, on the page as it is now.
    ///
    /// The script comes from the file that `AVIS_AXE` names: MPL, so we run it and do not ship it.
    ///
    /// # Panics
    ///
    /// When the script is missing or fails.
    pub async fn axe(&self) -> Vec<Violation> {
        let path = std::env::var_os("AVIS_AXE").map_or_else(
            || panic!("AVIS_AXE must name axe.min.js of axe-core 4 (`npm pack axe-core` brings it)"),
            PathBuf::from,
        );
        let source = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("AVIS_AXE={}: {error}", path.display()));
        // The session's own script context is exempt from the page's CSP, so this works on any page.
        self.js(&format!("if (!window.axe) {{ {source} }}"), vec![]).await;
        let found = self
            .js_async(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, {resultTypes: ['violations']}).then(
                   r => done(r.violations.map(v => ({
                     rule: v.id, help: v.help,
                     elements: v.nodes.map(n => JSON.stringify(n.target) + ' ' + n.failureSummary),
                   }))),
                   e => done(String(e)));",
                vec![],
            )
            .await;
        let Value::Array(found) = found else { panic!("axe-core failed: {found}") };
        found
            .iter()
            .map(|violation| Violation {
                rule: text(&violation["rule"]),
                help: text(&violation["help"]),
                elements: violation["elements"]
                    .as_array()
                    .map(|elements| elements.iter().map(text).collect())
                    .unwrap_or_default(),
            })
            .collect()
    }

    /// Wants axe-core to find nothing on `screen`, the name of what is being looked at.
    ///
    /// # Panics
    ///
    /// When it finds something, with all of it.
    pub async fn wants_no_violation(&self, screen: &str) {
        let violations = self.axe().await;
        assert!(
            violations.is_empty(),
            "axe-core on {screen} in {:?}:\n{}",
            self.engine(),
            violations.iter().map(ToString::to_string).collect::<String>()
        );
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
