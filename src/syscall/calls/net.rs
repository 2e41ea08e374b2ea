//! Sockets.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::io::{fd_pair, int};
use crate::syscall::kinds::message::*;
use crate::syscall::kinds::netlink;
use crate::syscall::kinds::socket::*;
use crate::syscall::kinds::sockopt::{option_read, option_set, value_in, value_out};
use crate::syscall::kinds::time::timespec;
use crate::syscall::names::net::*;
use crate::value::Value;

calls! {
    socket(domain: Const(&FAMILIES), ty: In(socket_type), protocol: In(protocol)) -> Fd;
    socketpair(domain: Const(&FAMILIES), ty: In(socket_type), protocol: Uint,
        sv: Out(fd_pair));
    bind(sockfd: Fd, addr: In(address_in), addrlen: Int);
    connect(sockfd: Fd, addr: In(address_in), addrlen: Int);
    listen(sockfd: Fd, backlog: Int);
    accept(sockfd: Fd, addr: Out(address_out::<2>), addrlen: InOut(length::<1>, length_after)) -> Fd;
    accept4(sockfd: Fd, addr: Out(address_out::<2>), addrlen: InOut(length::<1>, length_after),
        flags: Flags(&SOCK_FLAGS)) -> Fd;
    getsockname(sockfd: Fd, addr: Out(address_out::<2>), addrlen: InOut(length::<1>, length_after));
    getpeername(sockfd: Fd, addr: Out(address_out::<2>), addrlen: InOut(length::<1>, length_after));
    shutdown(sockfd: Fd, how: Const(&SHUT_HOW));
    setsockopt(sockfd: Fd, level: Const(&SOL_LEVELS), optname: In(option_set), optval: In(value_in),
        optlen: Int);
    getsockopt(sockfd: Fd, level: Const(&SOL_LEVELS), optname: In(option_read), optval: Out(value_out),
        optlen: InOut(int, length_after));
    sendto(sockfd: Fd, buf: In(sent), len: Ulong, flags: Flags(&MSG_FLAGS),
        dest_addr: In(address_sendto), addrlen: Int);
    recvfrom(sockfd: Fd, buf: Out(received), len: Ulong, flags: Flags(&MSG_FLAGS),
        src_addr: Out(address_out::<5>), addrlen: InOut(length::<4>, length_after));
    sendmsg(sockfd: Fd, msg: In(message_in), flags: Flags(&MSG_FLAGS));
    recvmsg(sockfd: Fd, msg: Held(message_before, message_after), flags: Flags(&MSG_FLAGS));
    sendmmsg(sockfd: Fd, msgvec: Held(messages_in, messages_sent), vlen: Uint,
        flags: Flags(&MSG_FLAGS));
    recvmmsg(sockfd: Fd, msgvec: Held(messages_before, messages_after), vlen: Uint,
        flags: Flags(&MSG_FLAGS), timeout: Early(timespec)), asides recvmmsg_asides;
}

/// recvmmsg writes back the time left.
fn recvmmsg_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match (cx.returned(), cx.arg(4)) {
        (None, _) | (_, 0) => Vec::new(),
        (Some(0), _) => vec![("", Value::Symbol("Timeout"))],
        (Some(_), timeout) => vec![("left", timespec(cx, timeout))],
    }
}

/// A message, whose length is argument 2.
fn sent(cx: &Cx<'_>, addr: u64) -> Value {
    netlink::buffer(cx, addr, cx.arg(2))
}

/// A message as long as what the call returned, but no longer than argument 2: with MSG_TRUNC a
/// call returns the length that the message had.
fn received(cx: &Cx<'_>, addr: u64) -> Value {
    netlink::buffer(cx, addr, cx.count().min(cx.arg(2)))
}
