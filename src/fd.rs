//! What a file descriptor is: the text of /proc/PID/fd/N, made into a type.

pub mod diag;
pub mod epoll;
pub mod net;
pub mod sockets;

use crate::ids::Pid;
use std::sync::Arc;

/// What a descriptor refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FdTarget {
    /// A file, directory or device, by path.
    Path(FilePath),
    /// A socket, by inode; its endpoints where they were found.
    Socket {
        /// Inode number, as in `socket:[INODE]`.
        inode: u64,
        /// Protocol and addresses.
        endpoints: Option<Arc<Endpoints>>,
    },
    /// One end of a pipe, by inode.
    Pipe(u64),
    /// A pidfd and the process it refers to.
    PidFd {
        /// The process: -1 once it has been reaped, 0 if it lies outside our PID namespace.
        pid: Pid,
        /// The inode, where the kernel has pidfs (`pidfd:[INODE]`).
        inode: Option<u64>,
    },
    /// Anything else, as the kernel spells it: `anon_inode:[eventfd]`, `mnt:[4026531832]`.
    Anon(Arc<str>),
}

/// A path as the kernel shows it, which need not be UTF-8.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilePath {
    /// The path, without the kernel's ` (deleted)`.
    pub bytes: Arc<[u8]>,
    /// Whether the kernel says that it has been unlinked.
    pub deleted: bool,
    /// Its device number where it is a device and somebody asked (stat), for strace's `-yy`.
    pub device: Option<Device>,
}

/// A device number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    /// A block device; otherwise a character device.
    pub block: bool,
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
}

/// Where a socket leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoints {
    /// `TCP`, `TCPv6`, `UDP`, `UDPv6`, `UNIX-STREAM`, `NETLINK`... as strace -yy names them.
    pub protocol: &'static str,
    /// The socket's own address (a unix socket's: its inode); empty where it has none.
    pub local: String,
    /// The peer's, where connected and known.
    pub remote: Option<String>,
    /// A unix socket's name; one that starts with NUL is abstract.
    pub path: Option<Arc<[u8]>>,
    /// The name of a unix socket's peer, where the peer is known and has one: where a client
    /// is connected to.
    pub peer_path: Option<Arc<[u8]>>,
}

impl FdTarget {
    /// Understands the target of the symbolic link /proc/PID/fd/N. `fdinfo` is the text of
    /// /proc/PID/fdinfo/N, of use for a pidfd only (see [`wants_fdinfo`](Self::wants_fdinfo)).
    ///
    /// A file whose real name ends in ` (deleted)` cannot be told from a deleted one here.
    #[must_use]
    pub fn parse(link: &[u8], fdinfo: Option<&str>) -> FdTarget {
        if link.starts_with(b"/") {
            return FdTarget::Path(FilePath::parse(link));
        }
        if let Some(inode) = inode_of(link, b"socket") {
            return FdTarget::Socket {
                inode,
                endpoints: None,
            };
        }
        if let Some(inode) = inode_of(link, b"pipe") {
            return FdTarget::Pipe(inode);
        }
        if FdTarget::wants_fdinfo(link)
            && let Some(pid) = fdinfo.and_then(pid_in_fdinfo)
        {
            return FdTarget::PidFd {
                pid,
                inode: inode_of(link, b"pidfd"),
            };
        }
        if link.starts_with(b"(unreachable)/") {
            return FdTarget::Path(FilePath::parse(link));
        }
        FdTarget::Anon(String::from_utf8_lossy(link).into())
    }

    /// Adds what the kernel calls a socket's protocol (the extended attribute
    /// `system.sockprotoname` of the link): cheap to ask, and it says in which table to look.
    pub fn set_protocol(&mut self, name: &str) {
        if let FdTarget::Socket { endpoints, .. } = self
            && endpoints.is_none()
            && let Some((_, protocol)) = net::NetFile::of_protocol(name)
        {
            *endpoints = Some(Arc::new(Endpoints::unbound(protocol)));
        }
    }

    /// Whether `parse` can make something of the descriptor's fdinfo: only a pidfd's.
    #[must_use]
    pub fn wants_fdinfo(link: &[u8]) -> bool {
        link == b"anon_inode:[pidfd]" || link.starts_with(b"pidfd:[")
    }

    /// The name of an anonymous inode without its wrapping: `eventfd`, `inotify`.
    #[must_use]
    pub fn anon_name(&self) -> Option<&str> {
        let FdTarget::Anon(text) = self else {
            return None;
        };
        let name = text.strip_prefix("anon_inode:")?;
        Some(
            name.strip_prefix('[')
                .and_then(|n| n.strip_suffix(']'))
                .unwrap_or(name),
        )
    }
}

impl Endpoints {
    /// A socket of which the protocol alone is known.
    #[must_use]
    pub fn unbound(protocol: &'static str) -> Endpoints {
        Endpoints {
            protocol,
            local: String::new(),
            remote: None,
            path: None,
            peer_path: None,
        }
    }
}

impl FilePath {
    fn parse(link: &[u8]) -> FilePath {
        let stripped = link.strip_suffix(b" (deleted)").filter(|p| !p.is_empty());
        FilePath {
            bytes: stripped.unwrap_or(link).into(),
            deleted: stripped.is_some(),
            device: None,
        }
    }
}

/// The number in `kind:[number]`.
fn inode_of(link: &[u8], kind: &[u8]) -> Option<u64> {
    let digits = link
        .strip_prefix(kind)?
        .strip_prefix(b":[")?
        .strip_suffix(b"]")?;
    decimal(digits)
}

/// An unsigned decimal number and nothing else.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |n, &c| {
        let digit = c.checked_sub(b'0').filter(|&d| d < 10)?;
        n.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The `Pid:` line of a pidfd's fdinfo (proc_pid_fdinfo(5)).
fn pid_in_fdinfo(fdinfo: &str) -> Option<Pid> {
    let line = fdinfo.lines().find_map(|l| l.strip_prefix("Pid:"))?;
    line.trim().parse().ok().map(Pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(bytes: &[u8], deleted: bool) -> FdTarget {
        FdTarget::Path(FilePath {
            bytes: bytes.into(),
            deleted,
            device: None,
        })
    }

    #[test]
    fn links_of_every_kind_are_told_apart() {
        let parse = |s: &str| FdTarget::parse(s.as_bytes(), None);
        assert_eq!(parse("/dev/null"), path(b"/dev/null", false));
        assert_eq!(parse("/tmp/x (deleted)"), path(b"/tmp/x", true));
        assert_eq!(
            parse("/memfd:foo bar (deleted)"),
            path(b"/memfd:foo bar", true)
        );
        assert_eq!(parse("(unreachable)/x"), path(b"(unreachable)/x", false));
        assert_eq!(parse("pipe:[123]"), FdTarget::Pipe(123));
        assert_eq!(
            parse("socket:[12559]"),
            FdTarget::Socket {
                inode: 12559,
                endpoints: None
            }
        );
        assert_eq!(
            parse("mnt:[4026531832]"),
            FdTarget::Anon("mnt:[4026531832]".into())
        );
        assert_eq!(parse("anon_inode:[eventfd]").anon_name(), Some("eventfd"));
        assert_eq!(parse("anon_inode:inotify").anon_name(), Some("inotify"));
        assert_eq!(parse("mnt:[1]").anon_name(), None);
    }

    #[test]
    fn a_pidfd_names_its_process_with_either_spelling() {
        let info = "pos:\t0\nflags:\t02000002\nmnt_id:\t4\nino:\t7760\nPid:\t7759\nNSpid:\t7759\n";
        assert_eq!(
            FdTarget::parse(b"anon_inode:[pidfd]", Some(info)),
            FdTarget::PidFd {
                pid: Pid(7759),
                inode: None
            }
        );
        assert_eq!(
            FdTarget::parse(b"pidfd:[55]", Some("Pid:\t-1\n")),
            FdTarget::PidFd {
                pid: Pid(-1),
                inode: Some(55)
            }
        );
        assert_eq!(
            FdTarget::parse(b"anon_inode:[pidfd]", None),
            FdTarget::Anon("anon_inode:[pidfd]".into())
        );
    }

    #[test]
    fn a_number_that_overflows_is_not_an_inode() {
        let huge = b"pipe:[99999999999999999999999]";
        assert!(matches!(FdTarget::parse(huge, None), FdTarget::Anon(_)));
        assert!(matches!(
            FdTarget::parse(b"pipe:[]", None),
            FdTarget::Anon(_)
        ));
    }

    proptest! {
        #[test]
        fn any_link_and_fdinfo_parse_without_panic(
            link in proptest::collection::vec(any::<u8>(), 0..64),
            info in ".{0,80}",
        ) {
            let _ = FdTarget::parse(&link, Some(&info)).anon_name();
        }

        #[test]
        fn any_suffix_of_a_known_kind_parses_without_panic(kind in "(socket|pipe|pidfd|anon_inode):\\[?", rest in ".{0,30}") {
            let _ = FdTarget::parse(format!("{kind}{rest}").as_bytes(), Some("Pid: x"));
        }
    }
}
