//! Text that others chose: names of processes and files, what stands in a target's memory. Its control
//! characters could steer a terminal or fake a line; nothing that people read has them as they are.

use std::borrow::Cow;

/// The text with its control characters escaped: `\n`, `\u{1b}`.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Appends the text as [`clean`] has it.
pub fn push(out: &mut String, text: &str) {
    out.push_str(&clean(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_ends_a_line_is_escaped_and_the_rest_is_left() {
        let plain = "größer (deleted) \\ \u{fffd}";
        assert!(matches!(clean(plain), Cow::Borrowed(text) if text == plain));
        assert_eq!(clean("a\x1b[2J\r\n\tb"), r"a\u{1b}[2J\r\n\tb");
        // DEL, and the one-character form of ESC [.
        assert_eq!(clean("\x7f\u{9b}1m\0"), r"\u{7f}\u{9b}1m\u{0}");
    }
}
