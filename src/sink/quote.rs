//! Strings as strace writes them: C escapes, octal as short as it can be.

/// Which strings are written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Hex {
    /// None: octal and C escapes.
    #[default]
    Never,
    /// `-x`: those that hold anything but printable ASCII and white space.
    NonAscii,
    /// `-xx`: all.
    All,
    /// `--strings-in-hex=non-ascii-chars`: none, but escapes are hexadecimal, not octal.
    Escapes,
}

impl Hex {
    /// Whether this string is.
    #[must_use]
    pub fn applies(self, bytes: &[u8]) -> bool {
        let plain = |b: &u8| matches!(b, b' '..=b'~' | 0x09..=0x0d);
        match self {
            Hex::Never | Hex::Escapes => false,
            Hex::NonAscii => !bytes.iter().all(plain),
            Hex::All => true,
        }
    }
}

/// Appends `bytes` as `\x61\x62`.
pub fn hex_into(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for b in bytes {
        out.push_str("\\x");
        out.push(char::from(DIGITS[usize::from(b >> 4)]));
        out.push(char::from(DIGITS[usize::from(b & 0xf)]));
    }
}

/// Appends `bytes` with strace's escapes, without surrounding quotes. The bytes in `also`
/// are written in octal too (strace: `<>` within a descriptor's decoration).
pub fn escape_into(out: &mut String, bytes: &[u8], also: &[u8]) {
    escape(out, bytes, also, push_octal);
}

/// Appends what stands in angle brackets behind a number: `<name>`.
pub fn decorate(out: &mut String, name: &[u8], hex: Hex) {
    out.push('<');
    escape_name_into(out, name, hex);
    out.push('>');
}

/// Appends a name between angle brackets.
pub fn escape_name_into(out: &mut String, name: &[u8], hex: Hex) {
    match hex {
        Hex::Escapes => escape(out, name, b"<>", |out, c, _| hex_into(out, &[c])),
        hex if hex.applies(name) => hex_into(out, name),
        _ => escape_into(out, name, b"<>"),
    }
}

/// The same with hexadecimal escapes where others are octal.
pub fn escape_hex_into(out: &mut String, bytes: &[u8]) {
    escape(out, bytes, b"", |out, c, _| hex_into(out, &[c]));
}

fn escape(out: &mut String, bytes: &[u8], also: &[u8], number: fn(&mut String, u8, bool)) {
    for (i, &c) in bytes.iter().enumerate() {
        match c {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            b' '..=b'~' if !also.contains(&c) => out.push(char::from(c)),
            _ => {
                let digit_follows = bytes.get(i + 1).is_some_and(|b| matches!(b, b'0'..=b'7'));
                number(out, c, digit_follows);
            }
        }
    }
}

/// `\1`, or `\001` where a digit follows that would be read as part of it.
fn push_octal(out: &mut String, c: u8, full: bool) {
    out.push('\\');
    if full || c >= 0o100 {
        out.push(char::from(b'0' + (c >> 6)));
    }
    if full || c >= 0o10 {
        out.push(char::from(b'0' + (c >> 3 & 7)));
    }
    out.push(char::from(b'0' + (c & 7)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(bytes: &[u8], also: &[u8]) -> String {
        let mut out = String::new();
        escape_into(&mut out, bytes, also);
        out
    }

    #[test]
    fn escapes_are_strace_s() {
        // strace 6.1 -y on files of these names.
        assert_eq!(
            escaped("/tmp/txt/del\n<é>\"".as_bytes(), b"<>"),
            r#"/tmp/txt/del\n\74\303\251\76\""#
        );
        assert_eq!(escaped(b"we ird\\>\x7f#\x01", b"<>"), r"we ird\\\76\177#\1");
        assert_eq!(escaped(b"\x01" as &[u8], b""), r"\1");
        assert_eq!(escaped(b"\x011a", b""), r"\0011a");
        assert_eq!(escaped(b"\r\t\x0b\x0c<", b""), r"\r\t\v\f<");
    }

    #[test]
    fn names_between_brackets_are_escaped_as_strace_does() {
        // strace 6.1 -Y of processes of these names, with -x and --strings-in-hex=non-ascii-chars.
        let cases = [
            (Hex::Never, &b"<q>\x1b1\"\n"[..], r#"<\74q\76\0331\"\n>"#),
            (Hex::NonAscii, b"<q>", r"<\74q\76>"),
            (Hex::NonAscii, b"<\xff", r"<\x3c\xff>"),
            (Hex::All, b"a", r"<\x61>"),
            (Hex::Escapes, b"<\x1b\n", r"<\x3c\x1b\n>"),
        ];
        for (hex, name, expected) in cases {
            let mut out = String::new();
            decorate(&mut out, name, hex);
            assert_eq!(out, expected);
        }
    }
}
