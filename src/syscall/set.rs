//! [`SyscallSet`]: strace's `-e` expressions, made into one bit a call.

use super::groups;
use crate::arch::Abi;
use regex::Regex;

/// Highest call number any table reaches, plus one.
const NUMBERS: usize = 640;

/// The ABIs whose calls we know by name; each has its place in a set.
const NAMED: [Abi; 5] = [Abi::X86_64, Abi::Aarch64, Abi::X32, Abi::I386, Abi::Arm];

/// linux/x32: the bit that marks x32 numbers.
const X32_BIT: u64 = 0x4000_0000;

/// Which calls are meant. Plain data; `contains` is one bit test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyscallSet {
    /// By ABI, in the order of [`NAMED`].
    bits: [Bits; NAMED.len()],
    /// What holds for calls that we have no name for.
    unnamed: bool,
}

/// What a call's name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Names {
    /// Its family, and what glibc calls it.
    Families,
    /// That call alone, as strace has it.
    Exact,
}

/// Why an expression means nothing. Its text is one line that says what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetError {
    /// No call of that name on any machine we know.
    #[error("unknown system call `{name}`{}", suggest(.nearest.as_deref(), "see syscalls(2)"))]
    UnknownCall {
        /// What was typed.
        name: String,
        /// The call that is spelled most like it.
        nearest: Option<String>,
    },
    /// No group of that name.
    #[error("unknown group `{name}`{}", suggest(.nearest.as_deref(), "groups are %file %desc \
        %network %process %signal %ipc %memory %creds %clock %stat %blocking"))]
    UnknownGroup {
        /// What was typed, percent sign included.
        name: String,
        /// The group that is spelled most like it.
        nearest: Option<String>,
    },
    /// Not a regular expression.
    #[error("`/{pattern}` is not a regular expression: {reason}")]
    BadRegex {
        /// What was typed, without the slash.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A regular expression that no call's name matches.
    #[error("no system call matches `/{pattern}`")]
    NoMatch {
        /// What was typed, without the slash.
        pattern: String,
    },
    /// `a,!b`.
    #[error("`!` negates the whole list and goes before it: `!{name},...`")]
    LateNegation {
        /// What follows the exclamation mark.
        name: String,
    },
    /// `value@32` and `value@x32`.
    #[error("`{item}`: only 64-bit calls can be selected; leave out `@...`")]
    ForeignAbi {
        /// What was typed.
        item: String,
    },
    /// An empty item, as in `read,,write`.
    #[error("empty item in `{expression}`; write it as `futex,epoll_wait`")]
    EmptyItem {
        /// The whole expression.
        expression: String,
    },
}

impl SyscallSet {
    /// Every call, those without a name included.
    #[must_use]
    pub fn all() -> SyscallSet {
        SyscallSet {
            bits: [Bits::FULL; NAMED.len()],
            unnamed: true,
        }
    }

    /// No call.
    #[must_use]
    pub fn none() -> SyscallSet {
        SyscallSet {
            bits: [Bits::EMPTY; NAMED.len()],
            unnamed: false,
        }
    }

    /// `%blocking`: the calls that can make a thread wait.
    #[must_use]
    pub fn blocking() -> SyscallSet {
        let mut set = SyscallSet::none();
        for name in groups::group("%blocking").into_iter().flatten() {
            set.add_call(name);
        }
        set
    }

    /// Parses what follows `trace=` in strace's `-e`: `[!]item,item...`, where an item is a
    /// name (which may stand for its family), `=name` (that one alone), a number, `%group`,
    /// `/regex`, `all` or `none`, and `?item` may mean nothing.
    ///
    /// # Errors
    /// If an item means nothing; the error says what may have been meant.
    pub fn parse(expression: &str, names: Names) -> Result<SyscallSet, SetError> {
        let (negated, list) = match (names, expression.strip_prefix('!')) {
            // As strace takes them: two exclamation marks are none, and items may be empty.
            (Names::Exact, _) => {
                let list = expression.trim_start_matches('!');
                ((expression.len() - list.len()) % 2 == 1, list)
            }
            (Names::Families, Some(list)) => (true, list),
            (Names::Families, None) => (false, expression),
        };
        let mut set = SyscallSet::none();
        let all_empty = list.split(',').all(|item| item.trim().is_empty());
        for item in list.split(',') {
            let item = item.trim();
            if item.is_empty() && names == Names::Exact && !all_empty {
                continue;
            }
            if item.is_empty() {
                return Err(SetError::EmptyItem {
                    expression: expression.to_owned(),
                });
            }
            match item.strip_prefix('?') {
                Some(optional) => match set.add_item(optional, names) {
                    Ok(()) | Err(SetError::UnknownCall { .. } | SetError::NoMatch { .. }) => {}
                    Err(SetError::UnknownGroup { .. }) => {}
                    Err(other) => return Err(other),
                },
                None => set.add_item(item, names)?,
            }
        }
        let mut set = if negated { set.complement() } else { set };
        // What no table has, strace shows whatever is asked for.
        set.unnamed |= names == Names::Exact;
        Ok(set)
    }

    /// Whether the set holds this call.
    #[must_use]
    pub fn contains(&self, abi: Abi, nr: u64) -> bool {
        self.of(abi).get(nr & !X32_BIT).unwrap_or(self.unnamed)
    }

    fn of(&self, abi: Abi) -> Bits {
        let at = NAMED.iter().position(|&named| named == abi);
        let bits = at.and_then(|at| self.bits.get(at));
        bits.copied().unwrap_or(Bits::EMPTY)
    }

    /// Whether the set holds a timed call that the kernel resumes as `restart_syscall`, so that
    /// `restart_syscall` must be looked at to see the rest of that call.
    #[must_use]
    pub fn wants_restart(&self) -> bool {
        groups::RESTARTED
            .split(' ')
            .chain(["restart_syscall"])
            .any(|name| {
                NAMED.iter().any(|&abi| {
                    super::all(abi).any(|(nr, call)| call == name && self.contains(abi, nr))
                })
            })
    }

    /// Whether it is [`SyscallSet::all`].
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == SyscallSet::all()
    }

    /// Whether nothing that this ABI has is in the set.
    #[must_use]
    pub fn is_empty(&self, abi: Abi) -> bool {
        self.of(abi) == Bits::EMPTY
    }

    /// The names of the calls in the set, in the order of their numbers.
    pub fn names(&self, abi: Abi) -> impl Iterator<Item = &'static str> {
        super::all(abi)
            .filter(move |(nr, _)| self.contains(abi, *nr))
            .map(|(_, name)| name)
    }

    fn add_item(&mut self, item: &str, names: Names) -> Result<(), SetError> {
        if let Some(name) = item.strip_prefix('!') {
            return Err(SetError::LateNegation {
                name: name.to_owned(),
            });
        }
        if let Some(pattern) = item.strip_prefix('/') {
            return self.add_regex(pattern);
        }
        let name = match item.rsplit_once('@') {
            Some((name, "64")) if names == Names::Families => name,
            Some((name, width @ ("64" | "32" | "x32"))) if names == Names::Exact => {
                let mut part = SyscallSet::none();
                part.add_item(name, names)?;
                self.add_part(&part, width);
                return Ok(());
            }
            Some(_) => {
                return Err(SetError::ForeignAbi {
                    item: item.to_owned(),
                });
            }
            None => item,
        };
        if name == "all" {
            *self = SyscallSet::all();
            return Ok(());
        }
        if name == "none" {
            return Ok(());
        }
        if let Ok(nr) = name.parse::<u64>() {
            return self.add_number(nr, name);
        }
        if let Some(members) = groups::group(name) {
            for member in members {
                self.add_call(member);
            }
            return Ok(());
        }
        if name.starts_with('%') {
            return Err(SetError::UnknownGroup {
                name: name.to_owned(),
                nearest: nearest(name, groups::group_names()),
            });
        }
        match names {
            Names::Families => self.add_name(name),
            Names::Exact => self.add_name(&format!("={}", name.trim_start_matches('='))),
        }
    }

    fn add_name(&mut self, item: &str) -> Result<(), SetError> {
        let found = match item.strip_prefix('=') {
            Some(alone) => self.add_call(groups::canonical(alone)),
            None => {
                let name = groups::canonical(item);
                // Only a call that exists has a family; the family may live on another machine.
                let known = is_call(name);
                known && {
                    groups::family(name).for_each(|member| {
                        self.add_call(member);
                    });
                    true
                }
            }
        };
        if found {
            return Ok(());
        }
        let typed = item.strip_prefix('=').unwrap_or(item);
        let known = NAMED
            .iter()
            .flat_map(|&abi| super::all(abi))
            .map(|(_, name)| name);
        Err(SetError::UnknownCall {
            name: typed.to_owned(),
            nearest: nearest(typed, known),
        })
    }

    fn add_regex(&mut self, pattern: &str) -> Result<(), SetError> {
        let regex = Regex::new(pattern).map_err(|error| SetError::BadRegex {
            pattern: pattern.to_owned(),
            reason: last_line(&error.to_string()),
        })?;
        if self.add_named(|call| regex.is_match(call)) {
            return Ok(());
        }
        Err(SetError::NoMatch {
            pattern: pattern.to_owned(),
        })
    }

    fn add_number(&mut self, nr: u64, typed: &str) -> Result<(), SetError> {
        if nr >= NUMBERS as u64 {
            return Err(SetError::UnknownCall {
                name: typed.to_owned(),
                nearest: None,
            });
        }
        self.bits.iter_mut().for_each(|bits| bits.set(nr));
        Ok(())
    }

    /// Adds the call of that name; whether there is one.
    fn add_call(&mut self, name: &str) -> bool {
        let mut found = false;
        for (abi, bits) in NAMED.into_iter().zip(&mut self.bits) {
            if let Some(nr) = super::number(abi, name) {
                bits.set(nr & !X32_BIT);
                found = true;
            }
        }
        found
    }

    /// Adds every call whose name passes; whether there was one.
    fn add_named(&mut self, wanted: impl Fn(&str) -> bool) -> bool {
        let mut found = false;
        for (abi, bits) in NAMED.into_iter().zip(&mut self.bits) {
            for (nr, name) in super::all(abi) {
                if wanted(name) {
                    bits.set(nr & !X32_BIT);
                    found = true;
                }
            }
        }
        found
    }

    /// Adds what `part` has of one width of calls: 64, 32 or x32.
    fn add_part(&mut self, part: &SyscallSet, width: &str) {
        for ((abi, bits), more) in NAMED.into_iter().zip(&mut self.bits).zip(part.bits) {
            let meant = match abi {
                Abi::X86_64 | Abi::Aarch64 => width == "64",
                Abi::X32 => width == "x32",
                Abi::I386 | Abi::Arm => width == "32",
            };
            if meant {
                bits.add(more);
            }
        }
    }

    /// The calls that it does not hold.
    #[must_use]
    pub fn complement(&self) -> SyscallSet {
        SyscallSet {
            bits: self.bits.map(Bits::complement),
            unnamed: !self.unnamed,
        }
    }
}

/// One bit a call number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Bits([u64; NUMBERS / 64]);

impl Bits {
    const EMPTY: Bits = Bits([0; NUMBERS / 64]);
    const FULL: Bits = Bits([u64::MAX; NUMBERS / 64]);

    /// `None`: beyond all tables.
    fn get(self, nr: u64) -> Option<bool> {
        let word = self.0.get(usize::try_from(nr / 64).ok()?)?;
        Some(word >> (nr % 64) & 1 == 1)
    }

    fn set(&mut self, nr: u64) {
        if let Some(word) = usize::try_from(nr / 64)
            .ok()
            .and_then(|index| self.0.get_mut(index))
        {
            *word |= 1 << (nr % 64);
        }
    }

    fn add(&mut self, more: Bits) {
        for (word, more) in self.0.iter_mut().zip(more.0) {
            *word |= more;
        }
    }

    fn complement(self) -> Bits {
        Bits(self.0.map(|word| !word))
    }
}

fn is_call(name: &str) -> bool {
    !super::numbers(name).is_empty()
}

/// The candidate (ASCII) that is spelled most like `typed`, if any is close enough to be meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let typed = typed.to_lowercase();
    let allowed = match typed.len() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    // To compare takes long, and few words are worth it: one mistake changes the length by one at most,
    // and by two at most which letters there are.
    let (len, of) = (typed.chars().count(), letters(&typed));
    candidates
        .filter(|candidate| candidate.len().abs_diff(len) <= allowed)
        .filter(|candidate| (letters(candidate) ^ of).count_ones() as usize <= 2 * allowed)
        .map(|candidate| (strsim::osa_distance(&typed, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len().abs_diff(typed.len())))
        .map(|(_, candidate)| candidate.to_owned())
}

/// Which letters a word has, a bit each (some share one).
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |set, c| set | 1 << (c as u32 % 64))
}

fn suggest(nearest: Option<&str>, otherwise: &str) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => format!("; {otherwise}"),
    }
}

/// The last line of a multi-line message, where the regex crate says what is wrong.
fn last_line(text: &str) -> String {
    let line = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or(text);
    line.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
