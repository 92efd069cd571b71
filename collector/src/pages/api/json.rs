//! JSON as people read it: what fits on a line stands on one.

use serde_json::Value;

/// The longest line, in characters.
const WIDTH: usize = 84;

/// A value, laid out; a text that is no JSON as it is.
pub(super) fn shown(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, depth: usize) {
    let line = on_one_line(value);
    let used = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
    let (open, close) = match value {
        Value::Object(_) => ('{', '}'),
        Value::Array(_) => ('[', ']'),
        _ => return out.push_str(&line),
    };
    if used + line.chars().count() <= WIDTH {
        return out.push_str(&line);
    }
    out.push(open);
    let mut first = true;
    let mut next = |out: &mut String| {
        out.push_str(if std::mem::take(&mut first) { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                next(out);
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push_str(": ");
                write(out, member, depth + 1);
            }
        }
        Value::Array(items) => {
            for item in items {
                next(out);
                write(out, item, depth + 1);
            }
        }
        _ => {}
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

/// The value on one line, with a blank behind commas and colons.
pub(super) fn on_one_line(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), on_one_line(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_on_a_line_stands_on_one_and_all_of_it_is_there() {
        let value = json!({
            "period": {"from": "2025-01-01", "to": "2025-12-31", "closed": true},
            "interval": [7.6219, 8.0082],
            "minimum": {"satisfaction": 100, "ease": 100, "clarity": 100, "malfunctions": 100, "help_reachable": 100},
            "none": {},
        });
        let shown = shown(&value);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
        assert!(shown.starts_with("{\n  \"period\": {\"from\": \"2025-01-01\", \"to\""), "{shown}");
        assert!(shown.contains("\n  \"minimum\": {\n    \"satisfaction\": 100,\n"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
    }
}
