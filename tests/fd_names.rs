//! Descriptors of this very process: what the parsers say against what std knows.

#![allow(clippy::unwrap_used, clippy::panic)]

use gostrace::fd::net::{Dump, NetFile};
use gostrace::fd::sockets::SocketTable;
use gostrace::fd::{Endpoints, FdTarget};
use gostrace::sink::FdStyle;
use gostrace::sink::fd_text::write_fd;
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::sync::Arc;

fn parse(fd: i32) -> FdTarget {
    let link = std::fs::read_link(format!("/proc/self/fd/{fd}")).unwrap();
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap();
    FdTarget::parse(link.as_os_str().as_bytes(), Some(&info))
}

fn read(file: NetFile) -> Option<Dump> {
    let text = std::fs::read(format!("/proc/self/net/{}", file.file_name())).ok();
    text.map(Dump::Text)
        .or_else(|| gostrace::sys::sock_diag::dump(file))
}

fn read_by_diag(file: NetFile) -> Option<Dump> {
    gostrace::sys::sock_diag::dump(file)
}

fn resolved(fd: &impl AsRawFd, table: &mut SocketTable, now: u64) -> FdTarget {
    let FdTarget::Socket { inode, .. } = parse(fd.as_raw_fd()) else {
        return parse(fd.as_raw_fd());
    };
    let endpoints = table.lookup(inode, None, &|| now, &mut read);
    FdTarget::Socket { inode, endpoints }
}

fn endpoints(fd: &impl AsRawFd) -> Arc<Endpoints> {
    match resolved(fd, &mut SocketTable::new(0), 0) {
        FdTarget::Socket {
            endpoints: Some(e), ..
        } => e,
        other => panic!("not a known socket: {other:?}"),
    }
}

fn text(target: &FdTarget) -> String {
    let mut out = String::new();
    write_fd(&mut out, 3, Some(target), FdStyle::Endpoints);
    out
}

fn tcp(at: impl ToSocketAddrs, protocol: &str) {
    let listener = TcpListener::bind(at).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let e = endpoints(&listener);
    assert_eq!(
        (e.protocol, e.local.clone(), e.remote.clone()),
        (protocol, listener.local_addr().unwrap().to_string(), None)
    );
    for socket in [&client, &server] {
        let e = endpoints(socket);
        assert_eq!(e.protocol, protocol);
        assert_eq!(e.local, socket.local_addr().unwrap().to_string());
        assert_eq!(e.remote, Some(socket.peer_addr().unwrap().to_string()));
    }
    // sock_diag, where there is one, says the same as the table.
    if read_by_diag(NetFile::Tcp).is_none() {
        return;
    }
    for fd in [listener.as_raw_fd(), client.as_raw_fd(), server.as_raw_fd()] {
        let FdTarget::Socket { inode, .. } = parse(fd) else {
            panic!("not a socket");
        };
        let mut table = SocketTable::new(0);
        let by_diag = table.lookup(inode, Some(protocol), &|| 0, &mut read_by_diag);
        assert_eq!(by_diag, Some(endpoints(&fd)));
    }
}

#[test]
fn tcp_sockets_have_the_addresses_that_std_says() {
    tcp("127.0.0.1:0", "TCP");
    if read(NetFile::Tcp6).is_some() {
        tcp("[::1]:0", "TCPv6");
    }
}

#[test]
fn the_kernel_names_the_protocol_of_a_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let me = gostrace::ids::Tid(std::process::id() as i32);
    let name = gostrace::sys::sock_diag::protocol(me, listener.as_raw_fd());
    assert_eq!(name.as_deref(), Some("TCP"));
    let (r, _w) = std::io::pipe().unwrap();
    assert_eq!(gostrace::sys::sock_diag::protocol(me, r.as_raw_fd()), None);
    let mut target = parse(listener.as_raw_fd());
    target.set_protocol("TCP");
    assert!(text(&target).starts_with("3<socket:[tcp "), "{target:?}");
}

#[test]
fn a_dual_stack_peer_is_shown_as_go_shows_it() {
    let Ok(listener) = TcpListener::bind("[::]:0") else {
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (server, _) = listener.accept().unwrap();
    let shown = text(&resolved(&server, &mut SocketTable::new(0), 0));
    let peer = client.local_addr().unwrap();
    assert_eq!(shown, format!("3<socket:[127.0.0.1:{port}->{peer}]>"));
}

#[test]
fn an_udp_socket_that_connects_later_gets_its_peer() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut table = SocketTable::new(1000);
    let before = text(&resolved(&client, &mut table, 0));
    let own = client.local_addr().unwrap();
    assert_eq!(before, format!("3<socket:[udp {own}]>"));
    let to = server.local_addr().unwrap();
    client.connect(to).unwrap();
    let after = text(&resolved(&client, &mut table, 1_000_000_000));
    assert_eq!(after, format!("3<socket:[udp {own}->{to}]>"));
}

#[test]
fn unix_sockets_go_by_their_names() {
    let path = std::env::temp_dir().join(format!("gostrace fd\t{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let (server, _) = listener.accept().unwrap();
    let name = path.as_os_str().as_bytes();
    for (socket, named) in [
        (listener.as_raw_fd(), true),
        (server.as_raw_fd(), true),
        (client.as_raw_fd(), false),
    ] {
        let e = endpoints(&socket);
        assert_eq!(e.protocol, "UNIX-STREAM");
        assert_eq!(e.path.as_deref(), named.then_some(name));
    }
    // Kernels without unix_diag do not name peers.
    if read(NetFile::UnixPeers).is_some() {
        let e = endpoints(&client);
        assert_eq!(e.peer_path.as_deref(), Some(name));
        assert_eq!(e.remote, Some(endpoints(&server).local.clone()));
    }
    std::fs::remove_file(&path).unwrap();
    let (a, _b) = UnixDatagram::pair().unwrap();
    assert_eq!(endpoints(&a).protocol, "UNIX");
}

#[test]
fn pipes_files_and_eventfds_are_what_they_are() {
    let (r, w) = std::io::pipe().unwrap();
    assert!(matches!(parse(r.as_raw_fd()), FdTarget::Pipe(n) if n > 0));
    assert_eq!(parse(r.as_raw_fd()), parse(w.as_raw_fd()));
    let exe = std::fs::File::open("/proc/self/exe").unwrap();
    let path = std::env::current_exe().unwrap();
    assert_eq!(
        text(&parse(exe.as_raw_fd())),
        format!("3<{}>", path.display())
    );
    let dead = std::env::temp_dir().join(format!("gostrace-dead-{}", std::process::id()));
    let file = std::fs::File::create(&dead).unwrap();
    std::fs::remove_file(&dead).unwrap();
    assert_eq!(
        text(&parse(file.as_raw_fd())),
        format!("3<{}>(deleted)", dead.display())
    );
    let epoll = epoll_fd();
    assert_eq!(text(&parse(epoll.as_raw_fd())), "3<eventpoll>");
    let events = event_fd();
    assert_eq!(text(&parse(events.as_raw_fd())), "3<eventfd>");
}

/// std opens neither of these.
#[allow(unsafe_code)]
fn epoll_fd() -> std::os::fd::OwnedFd {
    use std::os::fd::FromRawFd;
    // SAFETY: no pointers; the descriptor is new and owned here alone.
    unsafe {
        let fd = libc::epoll_create1(libc::EPOLL_CLOEXEC);
        assert!(fd >= 0);
        std::os::fd::OwnedFd::from_raw_fd(fd)
    }
}

#[allow(unsafe_code)]
fn event_fd() -> std::os::fd::OwnedFd {
    use std::os::fd::FromRawFd;
    // SAFETY: no pointers; the descriptor is new and owned here alone.
    unsafe {
        let fd = libc::eventfd(0, libc::EFD_CLOEXEC);
        assert!(fd >= 0);
        std::os::fd::OwnedFd::from_raw_fd(fd)
    }
}

#[test]
#[allow(unsafe_code)]
fn a_pidfd_names_its_process() {
    use std::os::fd::FromRawFd;
    let me = std::process::id();
    // SAFETY: no pointers; the descriptor is new and owned here alone.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, me, 0) };
    if fd < 0 {
        return; // before Linux 5.3
    }
    // SAFETY: as above.
    let fd = unsafe { std::os::fd::OwnedFd::from_raw_fd(fd as i32) };
    assert_eq!(text(&parse(fd.as_raw_fd())), format!("3<pid:{me}>"));
}

#[test]
fn a_table_of_a_hundred_thousand_sockets_is_read_quickly() {
    let mut table = String::from("heading\n");
    for i in 1..=100_000u32 {
        table += &format!(
            "{i:6}: 0100007F:1F90 {i:08X}:C822 01 00000000:00000000 00:00000000 00000000     0        0 {i} 1 00000000f6283d36 20 0 0 10 -1                     \n"
        );
    }
    let mut sockets = SocketTable::new(0);
    let began = std::time::Instant::now();
    sockets.refresh(NetFile::Tcp, &Dump::Text(table.into_bytes()), 0);
    let took = began.elapsed();
    assert!(
        sockets
            .lookup(99_999, Some("TCP"), &|| 0, &mut |_| None)
            .is_some()
    );
    // Release: about a tenth of it.
    assert!(took.as_millis() < 1500, "{took:?}");
    println!("{took:?}");
}
