//! Go release numbers, as build info spells them.

use std::fmt;

/// A Go release. Vendor suffixes and experiments (`X:...`) do not count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GoVersion {
    /// 1 in `go1.21.13`.
    pub major: u16,
    /// 21 in `go1.21.13`.
    pub minor: u16,
    /// 13 in `go1.21.13`, or how far before the release it is.
    pub stage: Stage,
}

/// How far along its minor version a release is; ordered by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Built from the development branch.
    Devel,
    /// `beta1` and so on.
    Beta(u16),
    /// `rc1` and so on.
    Rc(u16),
    /// The release itself (0) and its patches.
    Release(u16),
}

impl GoVersion {
    /// The release `go<major>.<minor>.<patch>`.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> GoVersion {
        GoVersion {
            major,
            minor,
            stage: Stage::Release(patch),
        }
    }

    /// Reads `go1.21.13`, `go1.22rc1`, `devel go1.28-0a1b2c3 Mon ...`, `go1.24.3 X:foo`,
    /// `go1.20.3b7` and the like; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<GoVersion> {
        let (devel, rest) = match text.strip_prefix("devel ") {
            Some(rest) => (true, rest),
            None => (text.starts_with("devel"), text),
        };
        let rest = rest.trim_start().strip_prefix("go")?;
        let (major, rest) = number(rest)?;
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        let stage = if devel || rest.starts_with("-devel") {
            Stage::Devel
        } else if let Some(rest) = rest.strip_prefix("beta") {
            Stage::Beta(number(rest)?.0)
        } else if let Some(rest) = rest.strip_prefix("rc") {
            Stage::Rc(number(rest)?.0)
        } else if let Some(rest) = rest.strip_prefix('.') {
            Stage::Release(number(rest)?.0)
        } else {
            Stage::Release(0)
        };
        Some(GoVersion {
            major,
            minor,
            stage,
        })
    }

    /// Whether this is `go<major>.<minor>` or later, its betas and candidates included.
    #[must_use]
    pub fn at_least(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) >= (major, minor)
    }
}

/// The decimal number that `text` begins with, and what follows it.
fn number(text: &str) -> Option<(u16, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "go{}.{}", self.major, self.minor)?;
        match self.stage {
            Stage::Devel => write!(f, "-devel"),
            Stage::Beta(n) => write!(f, "beta{n}"),
            Stage::Rc(n) => write!(f, "rc{n}"),
            // Before 1.21 the first release of a minor version had no third number.
            Stage::Release(0) if !self.at_least(1, 21) => Ok(()),
            Stage::Release(n) => write!(f, ".{n}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_version_is_read() {
        let v = |s| GoVersion::parse(s);
        assert_eq!(v("go1.21.13"), Some(GoVersion::new(1, 21, 13)));
        assert_eq!(v("go1.19"), Some(GoVersion::new(1, 19, 0)));
        assert_eq!(v("go1.24.3 X:nodwarf5"), Some(GoVersion::new(1, 24, 3)));
        assert_eq!(v("go1.20.3b7"), Some(GoVersion::new(1, 20, 3)));
        assert_eq!(
            v("go1.22rc2").map(|v| v.stage),
            Some(Stage::Rc(2)),
            "release candidate"
        );
        let devel = v("devel go1.28-0a1b2c3d Mon Jan 5 10:00:00 2026 +0000");
        assert_eq!(devel.map(|v| (v.minor, v.stage)), Some((28, Stage::Devel)));
        assert_eq!(v("go1.28-devel_0a1b").map(|v| v.stage), Some(Stage::Devel));
        for bad in [
            "",
            "go",
            "go1",
            "go1.x",
            "1.21",
            "devel +abcdef",
            "go1.99999999",
        ] {
            assert_eq!(v(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_order_by_time() {
        let order = [
            "go1.9.7",
            "go1.21.13",
            "devel go1.22-x",
            "go1.22beta1",
            "go1.22rc1",
            "go1.22rc2",
            "go1.22.0",
            "go1.22.10",
            "go1.23.1",
        ];
        let versions: Vec<_> = order.iter().map(|s| GoVersion::parse(s)).collect();
        assert!(versions.windows(2).all(|w| w[0] < w[1]), "{versions:?}");
        assert_eq!(GoVersion::new(1, 19, 0).to_string(), "go1.19");
        assert_eq!(GoVersion::new(1, 21, 0).to_string(), "go1.21.0");
    }
}
