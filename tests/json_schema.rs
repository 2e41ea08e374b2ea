//! Every line of `--format json` is what man/gostrace-json.schema.json says, the schema names
//! nothing that does not occur, and gostrace-json(5) says what the schema says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/arbitrary.rs"]
mod arbitrary;

use arbitrary::Random;
use gostrace::sink::{JsonSink, Shows, Sink};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const SCHEMA: &str = include_str!("../man/gostrace-json.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// The lines that so many made-up runs write.
fn lines(runs: u64, shows: Shows) -> Vec<Value> {
    let mut out = Vec::new();
    for seed in 0..runs {
        let mut random = Random::new(seed);
        let mut sink = JsonSink::new(&mut out, shows);
        for _ in 0..20 {
            sink.event(&random.event()).unwrap();
        }
        sink.finish(&random.summary()).unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_line_is_valid_and_no_line_is_of_two_kinds() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    for line in lines(150, Shows::default()) {
        let wrong: Vec<String> = validator
            .iter_errors(&line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{line:#}\n{wrong:#?}");
    }
}

#[test]
fn a_line_with_a_field_that_the_schema_lacks_is_refused() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    for mut line in lines(10, Shows::default()) {
        assert!(validator.is_valid(&line));
        line["surprise"] = Value::Bool(true);
        assert!(!validator.is_valid(&line), "{line:#}");
    }
}

/// Collects the path of each property and enumerated value, by the object that defines it.
fn occurring(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                found.insert(key.clone());
                if let Value::String(text) = value {
                    found.insert(format!("{key}={text}"));
                }
                occurring(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| occurring(item, found)),
        _ => {}
    }
}

fn promised(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                for (key, value) in properties {
                    found.insert(key.clone());
                    let consts = value["oneOf"].as_array().into_iter().flatten();
                    let consts = consts.filter_map(|v| v["const"].as_str());
                    found.extend(consts.map(|name| format!("{key}={name}")));
                }
            }
            fields.values().for_each(|value| promised(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| promised(item, found)),
        _ => {}
    }
}

#[test]
fn whatever_the_schema_names_occurs() {
    let (mut occurs, mut named) = (BTreeSet::new(), BTreeSet::new());
    for line in lines(300, Shows::default()) {
        occurring(&line, &mut occurs);
    }
    promised(&schema(), &mut named);
    assert!(named.len() > 200, "{}", named.len());
    let never: Vec<_> = named.difference(&occurs).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn what_is_not_to_be_shown_is_not_there() {
    let shows = Shows {
        goroutine: false,
        stack: None,
    };
    for line in lines(50, shows) {
        for field in [
            "goroutine",
            "class",
            "stack",
            "stack_unknown",
            "class_unknown",
        ] {
            assert!(line.get(field).is_none(), "{line:#}");
        }
    }
    let shows = Shows {
        goroutine: true,
        stack: Some(1),
    };
    let short = lines(150, shows);
    let stacks = short.iter().filter_map(|line| line.get("stack"));
    let cut: Vec<_> = stacks.filter(|stack| stack["end"] == "depth").collect();
    assert!(!cut.is_empty());
    for stack in cut {
        assert!(stack["frames"].as_array().unwrap().len() <= 1, "{stack:#}");
    }
}

fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    match text.strip_prefix(['.', '\'']) {
        Some(_) => format!("\\&{text}"),
        None => text,
    }
}

/// What kind of value a property has, in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(constant) = schema.get("const").filter(|_| schema.get("type").is_none()) {
        return constant.to_string();
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) if name == "boolean" && schema.get("const").is_some() => "true".into(),
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        _ => "string".to_owned(),
    }
}

/// The fields of an object: name, kind, whether it is always there, what it means.
fn write_fields(page: &mut String, schema: &Value, prefix: &str) {
    let Some(fields) = schema["properties"].as_object() else {
        return;
    };
    let always: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut order: Vec<&String> = fields.keys().collect();
    order.sort_by_key(|key| SCHEMA.find(&format!("\"{key}\":")));
    for key in order {
        if prefix.is_empty() && matches!(key.as_str(), "v" | "type") && fields.contains_key("v") {
            continue;
        }
        let field = &fields[key];
        let sometimes = if always.contains(&key.as_str()) {
            ""
        } else {
            ", optional"
        };
        let (name, kind) = (roff(&format!("{prefix}{key}")), roff(&kind(field)));
        writeln!(page, ".TP\n\\fB{name}\\fR ({kind}{sometimes})").unwrap();
        writeln!(
            page,
            "{}",
            roff(field["description"].as_str().unwrap_or("See below."))
        )
        .unwrap();
        for choice in field["oneOf"].as_array().into_iter().flatten() {
            let name = choice["const"].as_str().unwrap_or_default();
            let means = choice["description"].as_str().unwrap_or_default();
            writeln!(page, ".br\n\\fI{}\\fR: {}", roff(name), roff(means)).unwrap();
        }
        if let Some(choices) = field["enum"].as_array() {
            let names: Vec<_> = choices.iter().filter_map(Value::as_str).map(roff).collect();
            writeln!(page, ".br\nOne of {}.", names.join(", ")).unwrap();
        }
        write_fields(page, field, &format!("{prefix}{key}."));
        write_fields(page, &field["items"], &format!("{prefix}{key}[]."));
    }
}

/// gostrace-json(5), from the schema.
fn man_page(schema: &Value) -> String {
    let definitions: &Map<String, Value> = schema["$defs"].as_object().unwrap();
    let lines: Vec<&str> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["$ref"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    let mut page = String::from(
        ".\\\" Made from gostrace-json.schema.json by GOSTRACE_BLESS=1 cargo test --test json_schema\n\
        .TH gostrace\\-json 5 \"\" gostrace \"File Formats\"\n\
        .SH NAME\ngostrace\\-json \\- output of gostrace \\-\\-format json, version 1\n\
        .SH DESCRIPTION\n\
        Each line is one JSON object, one event, with the version of the schema in \\fBv\\fR and the kind of \
        event in \\fBtype\\fR.\nUnder the same version fields may be added; none changes its meaning or goes \
        away. What is not known is absent, or has the reason in a field whose name ends in \
        \\fB_unknown\\fR.\nNumbers are whole and have up to 64 bits, more than a double holds: times since \
        the epoch in nanoseconds do.\n\
        .PP\nA schema (JSON Schema, draft 2020\\-12) that each line meets is in the file \
        \\fIgostrace\\-json.schema.json\\fR beside this page's source.\n.SH LINES\n",
    );
    for name in &lines {
        let line = &definitions[*name];
        writeln!(
            page,
            ".SS {}\n{}",
            roff(name),
            roff(line["description"].as_str().unwrap())
        )
        .unwrap();
        write_fields(&mut page, line, "");
    }
    page.push_str(".SH PARTS\n");
    let mut parts: Vec<&String> = definitions.keys().collect();
    parts.retain(|name| !lines.contains(&name.as_str()));
    for name in parts {
        let part = &definitions[name];
        writeln!(
            page,
            ".SS {}\n{}",
            roff(name),
            roff(part["description"].as_str().unwrap())
        )
        .unwrap();
        write_fields(&mut page, part, "");
    }
    page.push_str(
        ".SH EXAMPLES\nThe calls that took longest, with the Go function that made them:\n.PP\n.EX\n\
        gostrace \\-\\-format json \\-\\-slow 10ms \\-p PID | jq \\-c \\(aqselect(.type == \"syscall\") | \
        [.duration_ns, .name, .stack.frames[0].func]\\(aq\n.EE\n\
        .SH SEE ALSO\n.BR gostrace (1)\n",
    );
    page
}

/// `GOSTRACE_BLESS=1 cargo test --test json_schema` writes the page anew.
#[test]
fn man_page_says_what_the_schema_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/man/gostrace-json.5");
    let current = man_page(&schema());
    if std::env::var_os("GOSTRACE_BLESS").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        checked_in == current,
        "man/gostrace-json.5 is out of date; run GOSTRACE_BLESS=1 cargo test --test json_schema"
    );
}
