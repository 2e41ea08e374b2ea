//! The smaller sets of strace's expressions: descriptors, statuses, details of descriptors.

use crate::event::Outcome;
use std::ops::RangeInclusive;

/// Splits `[!]a,b` and calls `add` on each item; whether it was negated. As in strace, items may be
/// empty, if not all are, and two exclamation marks are none.
pub(super) fn each(
    value: &str,
    mut add: impl FnMut(&str) -> Result<(), String>,
) -> Result<bool, String> {
    let list = value.trim_start_matches('!');
    let items: Vec<&str> = list.split(',').map(str::trim).collect();
    let empty = items.iter().all(|item| item.is_empty());
    let named = items.into_iter().filter(|item| empty || !item.is_empty());
    named
        .take(if empty { 1 } else { usize::MAX })
        .try_for_each(&mut add)?;
    Ok((value.len() - list.len()) % 2 == 1)
}

/// A set of descriptors: some, or all but some.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberSet {
    numbers: Vec<i32>,
    negated: bool,
}

impl NumberSet {
    /// None.
    pub const NONE: NumberSet = NumberSet {
        numbers: Vec::new(),
        negated: false,
    };

    /// Whether it holds no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && !self.negated
    }

    /// Whether it holds this number.
    #[must_use]
    pub fn contains(&self, number: i32) -> bool {
        number >= 0 && self.numbers.contains(&number) != self.negated
    }

    /// Parses `[!]1,2`, `all`, `none`.
    pub(super) fn parse(value: &str) -> Result<NumberSet, String> {
        let mut set = NumberSet::NONE;
        let mut all = false;
        let negated = each(value, |item| {
            match item {
                "all" => all = true,
                "none" => {}
                _ => set.numbers.push(descriptor(item)?),
            }
            Ok(())
        })?;
        if all {
            set.numbers.clear();
        }
        set.negated = negated != all;
        Ok(set)
    }
}

fn descriptor(item: &str) -> Result<i32, String> {
    const VALID: RangeInclusive<i32> = 0..=i32::MAX;
    match item.parse() {
        Ok(fd) if VALID.contains(&fd) => Ok(fd),
        _ => Err(format!("`{item}` is not a descriptor, like 3")),
    }
}

/// How the calls that are shown may have ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statuses {
    /// Without an error.
    pub successful: bool,
    /// With an error.
    pub failed: bool,
    /// Not: the thread ended in the middle of it.
    pub unfinished: bool,
    /// In a way that could not be learnt.
    pub unavailable: bool,
    /// Not while it was traced.
    pub detached: bool,
}

impl Statuses {
    /// In any way.
    pub const ALL: Statuses = Statuses {
        successful: true,
        failed: true,
        unfinished: true,
        unavailable: true,
        detached: true,
    };
    /// In none.
    pub const NONE: Statuses = Statuses {
        successful: false,
        failed: false,
        unfinished: false,
        unavailable: false,
        detached: false,
    };
    /// `-z`.
    pub const SUCCESSFUL: Statuses = Statuses {
        successful: true,
        ..Statuses::NONE
    };
    /// `-Z`.
    pub const FAILED: Statuses = Statuses {
        failed: true,
        ..Statuses::NONE
    };

    /// Whether a call that ended so is shown. One that is still blocked has no status yet.
    #[must_use]
    pub fn contains(self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Returned(_) => self.successful,
            Outcome::Ended => self.unavailable,
            Outcome::Failed(_) => self.failed,
            Outcome::Gone => self.unfinished,
            Outcome::Detached => self.detached,
            Outcome::Blocked => self == Statuses::ALL,
        }
    }

    /// Parses `[!]successful,failed,...`.
    pub(super) fn parse(value: &str) -> Result<Statuses, String> {
        let mut set = Statuses::NONE;
        let negated = each(value, |item| {
            match item {
                "all" => set = Statuses::ALL,
                "none" => {}
                "successful" => set.successful = true,
                "failed" => set.failed = true,
                "unfinished" => set.unfinished = true,
                "unavailable" => set.unavailable = true,
                "detached" => set.detached = true,
                _ => {
                    return Err(format!(
                        "unknown status `{item}`; one of successful, failed, unfinished, \
                            unavailable, detached, all, none"
                    ));
                }
            }
            Ok(())
        })?;
        Ok(if negated {
            Statuses {
                successful: !set.successful,
                failed: !set.failed,
                unfinished: !set.unfinished,
                unavailable: !set.unavailable,
                detached: !set.detached,
            }
        } else {
            set
        })
    }
}

/// What is said of a descriptor besides its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FdDetail {
    /// Its path, or `socket:[inode]`, `anon_inode:...` (`-y`).
    pub path: bool,
    /// A socket's protocol and addresses (`-yy`).
    pub socket: bool,
    /// A device's numbers (`-yy`).
    pub device: bool,
    /// A pidfd's process (`-yy`).
    pub pidfd: bool,
}

impl FdDetail {
    /// The number alone.
    pub const NONE: FdDetail = FdDetail {
        path: false,
        socket: false,
        device: false,
        pidfd: false,
    };
    /// Everything known.
    pub const ALL: FdDetail = FdDetail {
        path: true,
        socket: true,
        device: true,
        pidfd: true,
    };

    /// What so many `-y` mean.
    pub(super) fn from_count(count: u8) -> FdDetail {
        match count {
            0 => FdDetail::NONE,
            1 => FdDetail {
                path: true,
                ..FdDetail::NONE
            },
            _ => FdDetail::ALL,
        }
    }

    /// Parses `[!]path,socket,...`.
    pub(super) fn parse(value: &str) -> Result<FdDetail, String> {
        let mut fds = FdDetail::NONE;
        let negated = each(value, |item| {
            match item {
                "all" => fds = FdDetail::ALL,
                "none" => {}
                "path" => fds.path = true,
                "socket" => fds.socket = true,
                "dev" => fds.device = true,
                "pidfd" => fds.pidfd = true,
                "eventfd" | "signalfd" => {
                    return Err(format!("the detail `{item}` is not in this version"));
                }
                _ => {
                    return Err(format!(
                        "unknown detail `{item}`; one of path, socket, dev, pidfd, all, none"
                    ));
                }
            }
            Ok(())
        })?;
        Ok(if negated {
            FdDetail {
                path: !fds.path,
                socket: !fds.socket,
                device: !fds.device,
                pidfd: !fds.pidfd,
            }
        } else {
            fds
        })
    }
}
