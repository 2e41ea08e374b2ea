//! JSON written straight into a line, its fields in the order in which they are written.

use std::fmt::{Display, Write};

/// An object that is being written; [`Object::end`] closes it.
pub(in crate::sink) struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

impl<'a> Object<'a> {
    pub fn new(out: &'a mut String) -> Object<'a> {
        out.push('{');
        Object { out, empty: true }
    }

    pub fn end(self) {
        self.out.push('}');
    }

    /// The place for the value of `key`.
    pub fn key(&mut self, key: &str) -> &mut String {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        push_string(self.out, key);
        self.out.push(':');
        self.out
    }

    /// A number.
    pub fn number(&mut self, key: &str, number: impl Into<i128>) {
        push(self.key(key), number.into());
    }

    /// An address, in hexadecimal: it may be more than a reader's numbers hold.
    pub fn address(&mut self, key: &str, address: u64) {
        push(self.key(key), format_args!("\"{address:#x}\""));
    }

    pub fn string(&mut self, key: &str, text: &str) {
        push_string(self.key(key), text);
    }

    /// A string, where there is one.
    pub fn some(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(key, text);
        }
    }

    pub fn flag(&mut self, key: &str, set: bool) {
        self.key(key).push_str(if set { "true" } else { "false" });
    }

    /// A flag that is absent unless set.
    pub fn mark(&mut self, key: &str, set: bool) {
        if set {
            self.flag(key, true);
        }
    }

    /// An object.
    pub fn object(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), write);
    }

    /// A list of what `write` makes of each item.
    pub fn list<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut String, T),
    ) {
        let out = self.key(key);
        out.push('[');
        for (n, item) in items.into_iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            write(out, item);
        }
        out.push(']');
    }

    /// A list of numbers.
    pub fn numbers<T: Into<i128>>(&mut self, key: &str, numbers: impl IntoIterator<Item = T>) {
        self.list(key, numbers, |out, number| push(out, number.into()));
    }

    /// Text as such where it is UTF-8, else in hexadecimal under another key.
    pub fn bytes(&mut self, key: &str, hex_key: &str, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.string(key, text),
            Err(_) => self.hex(hex_key, bytes),
        }
    }

    /// Bytes in hexadecimal.
    pub fn hex(&mut self, key: &str, bytes: &[u8]) {
        let out = self.key(key);
        out.push('"');
        for byte in bytes {
            push(out, format_args!("{byte:02x}"));
        }
        out.push('"');
    }
}

/// Writes one object.
pub(in crate::sink) fn object(out: &mut String, write: impl FnOnce(&mut Object<'_>)) {
    let mut object = Object::new(out);
    write(&mut object);
    object.end();
}

pub(in crate::sink) fn push(out: &mut String, what: impl Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{what}");
}

/// A string with its quotes (RFC 8259, section 7).
pub(in crate::sink) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // U+2028 and U+2029 end a line for some readers of lines.
            '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
                push(out, format_args!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_string_is_read_back_from_one_line(text in any::<String>()) {
            let mut out = String::new();
            push_string(&mut out, &text);
            prop_assert!(!out.contains(|c: char| c.is_control()));
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn an_object_keeps_the_order_of_its_fields() {
        let mut out = String::new();
        object(&mut out, |o| {
            o.number("z", u64::MAX);
            o.object("a", |_| ());
            o.list("l", [1, 2], push);
            o.mark("no", false);
            o.bytes("text", "hex", b"\xff\x00");
        });
        assert_eq!(
            out,
            r#"{"z":18446744073709551615,"a":{},"l":[1,2],"hex":"ff00"}"#
        );
    }
}
