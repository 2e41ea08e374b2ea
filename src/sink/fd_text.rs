//! What stands in angle brackets behind a descriptor: `3<socket:[10.0.0.1:80->10.0.0.2:5123]>`.

use super::quote::{Hex, escape_hex_into, escape_into, escape_name_into, hex_into};
use crate::fd::{Endpoints, FdTarget, FilePath};
use std::fmt::Write;
use std::sync::Arc;

/// How much is said of a descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FdStyle {
    /// The number alone, as strace does unasked.
    #[default]
    Off,
    /// Our own: a socket by its endpoints, an anonymous inode by its name.
    Endpoints,
    /// As strace writes it.
    Strace(StraceFds),
}

/// What strace says of a descriptor (-e decode-fds=).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StraceFds {
    /// What the link says.
    pub path: bool,
    /// A socket's protocol and endpoints.
    pub socket: bool,
    /// A device's kind and numbers.
    pub device: bool,
    /// The process of a pidfd.
    pub pidfd: bool,
    /// Which names are in hexadecimal (-x, -xx).
    pub hex: Hex,
}

impl StraceFds {
    /// -y.
    pub const Y: StraceFds = StraceFds {
        path: true,
        socket: false,
        device: false,
        pidfd: false,
        hex: Hex::Never,
    };
    /// -yy.
    pub const YY: StraceFds = StraceFds {
        path: true,
        socket: true,
        device: true,
        pidfd: true,
        hex: Hex::Never,
    };
}

impl FdStyle {
    /// Whether sockets' endpoints need to be looked up for it.
    #[must_use]
    pub fn wants_endpoints(self) -> bool {
        match self {
            FdStyle::Off => false,
            FdStyle::Endpoints => true,
            FdStyle::Strace(fds) => fds.socket,
        }
    }
}

/// Appends the descriptor and, where the style has it, what it is: `7<pipe:[123]>`.
pub fn write_fd(out: &mut String, fd: i32, target: Option<&FdTarget>, style: FdStyle) {
    let _ = write!(out, "{fd}");
    if let Some(target) = target {
        write_target(out, target, style);
    }
}

/// Appends what a descriptor is, angle brackets included; nothing when the style is off.
pub fn write_target(out: &mut String, target: &FdTarget, style: FdStyle) {
    let own = style == FdStyle::Endpoints;
    let fds = match style {
        FdStyle::Off => return,
        FdStyle::Endpoints => StraceFds::Y,
        FdStyle::Strace(fds) => fds,
    };
    let detailed = match target {
        FdTarget::Socket { endpoints, .. } => fds.socket && endpoints.is_some(),
        FdTarget::Path(path) => fds.device && path.device.is_some(),
        FdTarget::PidFd { .. } => fds.pidfd,
        _ => false,
    };
    if !detailed && !fds.path {
        return;
    }
    out.push('<');
    // What the link in /proc says.
    let link = |out: &mut String, what, inode| {
        escape_name_into(out, format!("{what}:[{inode}]").as_bytes(), fds.hex);
    };
    match target {
        FdTarget::Path(path) => return write_path(out, path, detailed, fds.hex),
        FdTarget::Pipe(inode) => link(out, "pipe", *inode),
        FdTarget::PidFd { pid, .. } if detailed || own => push(out, format_args!("pid:{pid}")),
        FdTarget::PidFd {
            inode: Some(inode), ..
        } => link(out, "pidfd", *inode),
        FdTarget::PidFd { inode: None, .. } => {
            escape_name_into(out, b"anon_inode:[pidfd]", fds.hex);
        }
        FdTarget::Socket { inode, endpoints } => match endpoints.as_deref() {
            Some(e) if detailed => write_socket_yy(out, *inode, e, fds.hex),
            Some(e) if own => write_socket(out, *inode, e),
            _ => link(out, "socket", *inode),
        },
        FdTarget::Anon(text) => {
            let short = target.anon_name().filter(|_| own);
            escape_name_into(out, short.unwrap_or(text).as_bytes(), fds.hex);
        }
    }
    out.push('>');
}

/// `</path<char 1:3>>`; strace puts `(deleted)` behind the bracket.
fn write_path(out: &mut String, path: &FilePath, with_device: bool, hex: Hex) {
    escape_name_into(out, &path.bytes, hex);
    if let Some(device) = path.device.filter(|_| with_device) {
        let kind = if device.block { "block" } else { "char" };
        push(
            out,
            format_args!("<{kind} {}:{}>", device.major, device.minor),
        );
    }
    out.push('>');
    if path.deleted {
        out.push_str("(deleted)");
    }
}

/// `TCP:[127.0.0.1:80->127.0.0.1:5123]`, `UNIX-STREAM:[12->13,"/run/x.sock"]`, `UDP:[inode]`.
fn write_socket_yy(out: &mut String, inode: u64, e: &Endpoints, hex: Hex) {
    out.push_str(e.protocol);
    out.push_str(":[");
    write_addresses(out, inode, e, hex);
    out.push(']');
}

fn write_addresses(out: &mut String, inode: u64, e: &Endpoints, hex: Hex) {
    if e.local.is_empty() {
        push(out, format_args!("{inode}"));
    } else {
        out.push_str(&e.local);
    }
    if let Some(remote) = &e.remote {
        out.push_str("->");
        out.push_str(remote);
    }
    if let Some(path) = &e.path {
        out.push(',');
        write_unix_path(out, path, hex);
    }
}

/// `"/run/x.sock"`, or `@"abstract"`.
fn write_unix_path(out: &mut String, path: &Arc<[u8]>, hex: Hex) {
    let name = match path.strip_prefix(b"\0") {
        Some(name) => {
            out.push('@');
            name
        }
        None => path,
    };
    out.push('"');
    match hex {
        Hex::Escapes => escape_hex_into(out, name),
        hex if hex.applies(name) => hex_into(out, name),
        _ => escape_into(out, name, b""),
    }
    out.push('"');
}

/// Our own: TCP by its addresses alone; other protocols say what they are; a unix socket
/// that has a name goes by it; an IPv4 peer of a dual-stack socket as Go shows it.
fn write_socket(out: &mut String, inode: u64, e: &Endpoints) {
    out.push_str("socket:[");
    let kind = match e.protocol {
        "TCP" | "TCPv6" if !e.local.is_empty() => "",
        "TCP" | "TCPv6" => "tcp ",
        "UDP" | "UDPv6" => "udp ",
        "RAW" | "RAWv6" => "raw ",
        "NETLINK" => "netlink ",
        protocol if protocol.starts_with("UNIX") => "unix ",
        _ => "",
    };
    out.push_str(kind);
    match (&e.path, &e.peer_path) {
        (Some(path), _) => write_unix_path(out, path, Hex::Never),
        (None, Some(peer)) => {
            out.push_str("->");
            write_unix_path(out, peer, Hex::Never);
        }
        _ if e.local.is_empty() => push(out, format_args!("{inode}")),
        _ => {
            push_unmapped(out, &e.local);
            if let Some(remote) = &e.remote {
                out.push_str("->");
                push_unmapped(out, remote);
            }
        }
    }
    out.push(']');
}

/// `[::ffff:127.0.0.1]:80` as `127.0.0.1:80`.
fn push_unmapped(out: &mut String, address: &str) {
    match address
        .strip_prefix("[::ffff:")
        .and_then(|a| a.split_once(']'))
    {
        Some((ip, port)) if ip.contains('.') => {
            out.push_str(ip);
            out.push_str(port);
        }
        _ => out.push_str(address),
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fd::Device;

    fn texts(target: &FdTarget) -> [String; 3] {
        let strace = [StraceFds::Y, StraceFds::YY].map(FdStyle::Strace);
        [FdStyle::Endpoints, strace[0], strace[1]].map(|style| {
            let mut out = String::new();
            write_fd(&mut out, 3, Some(target), style);
            out
        })
    }

    fn link(text: &str, fdinfo: Option<&str>) -> [String; 3] {
        texts(&FdTarget::parse(text.as_bytes(), fdinfo))
    }

    fn socket(protocol: &'static str, local: &str, remote: &str, path: &str) -> [String; 3] {
        texts(&FdTarget::Socket {
            inode: 12,
            endpoints: Some(Arc::new(Endpoints {
                protocol,
                local: local.into(),
                remote: (!remote.is_empty()).then(|| remote.into()),
                path: (!path.is_empty()).then(|| path.as_bytes().into()),
                peer_path: None,
            })),
        })
    }

    #[test]
    fn sockets_are_written_in_each_style() {
        let plain = "3<socket:[12]>";
        let cases = [
            (
                socket("TCP", "127.0.0.1:8080", "127.0.0.1:51234", ""),
                "3<socket:[127.0.0.1:8080->127.0.0.1:51234]>",
                "3<TCP:[127.0.0.1:8080->127.0.0.1:51234]>",
            ),
            (
                socket("TCPv6", "[::]:8080", "", ""),
                "3<socket:[[::]:8080]>",
                "3<TCPv6:[[::]:8080]>",
            ),
            (
                socket(
                    "TCPv6",
                    "[::ffff:127.0.0.1]:8080",
                    "[::ffff:127.0.0.1]:51234",
                    "",
                ),
                "3<socket:[127.0.0.1:8080->127.0.0.1:51234]>",
                "3<TCPv6:[[::ffff:127.0.0.1]:8080->[::ffff:127.0.0.1]:51234]>",
            ),
            (
                socket("UDP", "", "", ""),
                "3<socket:[udp 12]>",
                "3<UDP:[12]>",
            ),
            (
                socket("UDP", "0.0.0.0:53", "", ""),
                "3<socket:[udp 0.0.0.0:53]>",
                "3<UDP:[0.0.0.0:53]>",
            ),
            (
                socket("UNIX-STREAM", "12", "", "/run/a\tb"),
                r#"3<socket:[unix "/run/a\tb"]>"#,
                r#"3<UNIX-STREAM:[12,"/run/a\tb"]>"#,
            ),
            (
                socket("UNIX-STREAM", "12", "13", ""),
                "3<socket:[unix 12->13]>",
                "3<UNIX-STREAM:[12->13]>",
            ),
            (
                socket("UNIX-STREAM", "12", "13", "/x"),
                r#"3<socket:[unix "/x"]>"#,
                r#"3<UNIX-STREAM:[12->13,"/x"]>"#,
            ),
            (
                socket("UNIX", "12", "", "\0abst"),
                r#"3<socket:[unix @"abst"]>"#,
                r#"3<UNIX:[12,@"abst"]>"#,
            ),
            (
                socket("NETLINK", "ROUTE:7806", "", ""),
                "3<socket:[netlink ROUTE:7806]>",
                "3<NETLINK:[ROUTE:7806]>",
            ),
        ];
        for (texts, ours, yy) in cases {
            assert_eq!(texts, [ours, plain, yy]);
        }
        assert_eq!(link("socket:[12]", None), [plain; 3]);
    }

    #[test]
    fn a_unix_client_goes_by_the_name_of_its_server() {
        let target = FdTarget::Socket {
            inode: 12,
            endpoints: Some(Arc::new(Endpoints {
                protocol: "UNIX-STREAM",
                local: "12".into(),
                remote: Some("13".into()),
                path: None,
                peer_path: Some(b"/run/x.sock"[..].into()),
            })),
        };
        assert_eq!(
            texts(&target),
            [
                r#"3<socket:[unix ->"/run/x.sock"]>"#,
                "3<socket:[12]>",
                "3<UNIX-STREAM:[12->13]>"
            ]
        );
    }

    #[test]
    fn files_and_anonymous_inodes_are_written_in_each_style() {
        let same = |text: &str| [text; 3].map(String::from);
        assert_eq!(link("pipe:[1]", None), same("3<pipe:[1]>"));
        assert_eq!(link("mnt:[9]", None), same("3<mnt:[9]>"));
        assert_eq!(
            link("/memfd:foo bar (deleted)", None),
            same("3</memfd:foo bar>(deleted)")
        );
        assert_eq!(
            link("anon_inode:[eventfd]", None),
            [
                "3<eventfd>",
                "3<anon_inode:[eventfd]>",
                "3<anon_inode:[eventfd]>"
            ]
        );
        assert_eq!(
            link("anon_inode:[pidfd]", Some("Pid:\t7806\n")),
            ["3<pid:7806>", "3<anon_inode:[pidfd]>", "3<pid:7806>"]
        );
        let null = FdTarget::Path(FilePath {
            bytes: b"/dev/null"[..].into(),
            deleted: false,
            device: Some(Device {
                block: false,
                major: 1,
                minor: 3,
            }),
        });
        assert_eq!(
            texts(&null),
            ["3</dev/null>", "3</dev/null>", "3</dev/null<char 1:3>>"]
        );
    }
}
