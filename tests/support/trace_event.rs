//! Chrome's "Trace Event Format" as far as it is documented
//! (docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU, "Event Descriptions"):
//! which fields each phase needs, and of which type.

use serde_json::Value;

/// The events of a file in the array form, whose closing bracket may be missing.
pub fn parse(text: &str) -> Result<Vec<Value>, String> {
    let whole = match text.trim_end().ends_with(']') {
        true => text.to_owned(),
        false => format!("{}]", text.trim_end().trim_end_matches(',')),
    };
    serde_json::from_str(&whole).map_err(|e| e.to_string())
}

/// What is wrong with an event.
pub fn check(event: &Value) -> Result<(), String> {
    let field = |name: &str, holds: &dyn Fn(&Value) -> bool| match event.get(name) {
        Some(value) if holds(value) => Ok(()),
        other => Err(format!("{name} is {other:?} in {event}")),
    };
    let text = |v: &Value| v.as_str().is_some_and(|s| !s.is_empty());
    let id = |v: &Value| v.as_i64().is_some_and(|n| u32::try_from(n).is_ok());
    let time = |v: &Value| v.as_f64().is_some_and(|n| n >= 0.0 && n.is_finite());
    field("name", &text)?;
    field("ph", &text)?;
    field("pid", &id)?;
    field("tid", &id)?;
    field("args", &Value::is_object)?;
    match event["ph"].as_str() {
        // Complete events: no time but with a duration.
        Some("X") => {
            field("cat", &text)?;
            field("ts", &time)?;
            field("dur", &time)
        }
        // Instants: of a thread, a process, or everything.
        Some("i") => {
            field("cat", &text)?;
            field("ts", &time)?;
            field("s", &|s| matches!(s.as_str(), Some("t" | "p" | "g")))
        }
        // Metadata: names, without a time.
        Some("M") => {
            field("name", &|n| {
                matches!(n.as_str(), Some("process_name" | "thread_name"))
            })?;
            match event["args"]["name"].as_str() {
                Some(name) if !name.is_empty() => Ok(()),
                _ => Err(format!("no args.name in {event}")),
            }
        }
        other => Err(format!("phase {other:?} in {event}")),
    }
}
