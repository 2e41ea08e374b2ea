//! Names of sockets (linux/socket.h, linux/net.h, linux/in.h, linux/tcp.h).

use crate::value::Names;

/// Address family, linux/socket.h.
#[rustfmt::skip]
pub static FAMILIES: Names = Names { prefix: "AF_???", entries: &[
    (0, "AF_UNSPEC"),
    (1, "AF_UNIX"),
    (2, "AF_INET"),
    (3, "AF_AX25"),
    (4, "AF_IPX"),
    (5, "AF_APPLETALK"),
    (6, "AF_NETROM"),
    (7, "AF_BRIDGE"),
    (8, "AF_ATMPVC"),
    (9, "AF_X25"),
    (0xa, "AF_INET6"),
    (0xb, "AF_ROSE"),
    (0xc, "AF_DECnet"),
    (0xd, "AF_NETBEUI"),
    (0xe, "AF_SECURITY"),
    (0xf, "AF_KEY"),
    (0x10, "AF_NETLINK"),
    (0x11, "AF_PACKET"),
    (0x12, "AF_ASH"),
    (0x13, "AF_ECONET"),
    (0x14, "AF_ATMSVC"),
    (0x15, "AF_RDS"),
    (0x16, "AF_SNA"),
    (0x17, "AF_IRDA"),
    (0x18, "AF_PPPOX"),
    (0x19, "AF_WANPIPE"),
    (0x1a, "AF_LLC"),
    (0x1b, "AF_IB"),
    (0x1c, "AF_MPLS"),
    (0x1d, "AF_CAN"),
    (0x1e, "AF_TIPC"),
    (0x1f, "AF_BLUETOOTH"),
    (0x20, "AF_IUCV"),
    (0x21, "AF_RXRPC"),
    (0x22, "AF_ISDN"),
    (0x23, "AF_PHONET"),
    (0x24, "AF_IEEE802154"),
    (0x25, "AF_CAIF"),
    (0x26, "AF_ALG"),
    (0x27, "AF_NFC"),
    (0x28, "AF_VSOCK"),
    (0x29, "AF_KCM"),
    (0x2a, "AF_QIPCRTR"),
    (0x2b, "AF_SMC"),
    (0x2c, "AF_XDP"),
    (0x2d, "AF_MCTP"),
] };

/// Socket type, linux/net.h.
#[rustfmt::skip]
pub static SOCK_TYPES: Names = Names { prefix: "SOCK_???", entries: &[
    (1, "SOCK_STREAM"),
    (2, "SOCK_DGRAM"),
    (3, "SOCK_RAW"),
    (4, "SOCK_RDM"),
    (5, "SOCK_SEQPACKET"),
    (6, "SOCK_DCCP"),
    (0xa, "SOCK_PACKET"),
] };

/// Flags in a socket type, linux/net.h.
#[rustfmt::skip]
pub static SOCK_FLAGS: Names = Names { prefix: "SOCK_???", entries: &[
    (0x80000, "SOCK_CLOEXEC"),
    (0x800, "SOCK_NONBLOCK"),
] };

/// Message flags, linux/socket.h.
#[rustfmt::skip]
pub static MSG_FLAGS: Names = Names { prefix: "MSG_???", entries: &[
    (1, "MSG_OOB"),
    (2, "MSG_PEEK"),
    (4, "MSG_DONTROUTE"),
    (8, "MSG_CTRUNC"),
    (0x10, "MSG_PROBE"),
    (0x20, "MSG_TRUNC"),
    (0x40, "MSG_DONTWAIT"),
    (0x80, "MSG_EOR"),
    (0x100, "MSG_WAITALL"),
    (0x200, "MSG_FIN"),
    (0x400, "MSG_SYN"),
    (0x800, "MSG_CONFIRM"),
    (0x1000, "MSG_RST"),
    (0x2000, "MSG_ERRQUEUE"),
    (0x4000, "MSG_NOSIGNAL"),
    (0x8000, "MSG_MORE"),
    (0x10000, "MSG_WAITFORONE"),
    (0x20000, "MSG_SENDPAGE_NOTLAST"),
    (0x40000, "MSG_BATCH"),
    (0x80000, "MSG_NO_SHARED_FRAGS"),
    (0x100000, "MSG_SENDPAGE_DECRYPTED"),
    (0x2000000, "MSG_SOCK_DEVMEM"),
    (0x4000000, "MSG_ZEROCOPY"),
    (0x20000000, "MSG_FASTOPEN"),
    (0x40000000, "MSG_CMSG_CLOEXEC"),
    (0x80000000, "MSG_CMSG_COMPAT"),
] };

/// shutdown how, linux/net.h.
#[rustfmt::skip]
pub static SHUT_HOW: Names = Names { prefix: "SHUT_???", entries: &[
    (0, "SHUT_RD"),
    (1, "SHUT_WR"),
    (2, "SHUT_RDWR"),
] };

/// Level of a socket option, linux/socket.h.
#[rustfmt::skip]
pub static SOL_LEVELS: Names = Names { prefix: "SOL_??", entries: SOL_ENTRIES };

/// Level of a control message, linux/socket.h.
#[rustfmt::skip]
pub static CONTROL_LEVELS: Names = Names { prefix: "SOL_???", entries: SOL_ENTRIES };

#[rustfmt::skip]
const SOL_ENTRIES: &[(u64, &str)] = &[
    (0, "SOL_IP"),
    (1, "SOL_SOCKET"),
    (6, "SOL_TCP"),
    (0x11, "SOL_UDP"),
    (0x28, "AF_VSOCK"),
    (0x29, "SOL_IPV6"),
    (0x3a, "SOL_ICMPV6"),
    (0x64, "SOL_CAN_BASE"),
    (0x65, "SOL_CAN_RAW"),
    (0x84, "SOL_SCTP"),
    (0x88, "SOL_UDPLITE"),
    (0xff, "SOL_RAW"),
    (0x100, "SOL_IPX"),
    (0x101, "SOL_AX25"),
    (0x102, "SOL_ATALK"),
    (0x103, "SOL_NETROM"),
    (0x104, "SOL_ROSE"),
    (0x105, "SOL_DECNET"),
    (0x106, "SOL_X25"),
    (0x107, "SOL_PACKET"),
    (0x108, "SOL_ATM"),
    (0x109, "SOL_AAL"),
    (0x10a, "SOL_IRDA"),
    (0x10b, "SOL_NETBEUI"),
    (0x10c, "SOL_LLC"),
    (0x10d, "SOL_DCCP"),
    (0x10e, "SOL_NETLINK"),
    (0x10f, "SOL_TIPC"),
    (0x110, "SOL_RXRPC"),
    (0x111, "SOL_PPPOL2TP"),
    (0x112, "SOL_BLUETOOTH"),
    (0x113, "SOL_PNPIPE"),
    (0x114, "SOL_RDS"),
    (0x115, "SOL_IUCV"),
    (0x116, "SOL_CAIF"),
    (0x117, "SOL_ALG"),
    (0x118, "SOL_NFC"),
    (0x119, "SOL_KCM"),
    (0x11a, "SOL_TLS"),
    (0x11b, "SOL_XDP"),
    (0x11c, "SOL_MPTCP"),
    (0x11d, "SOL_MCTP"),
    (0x11e, "SOL_SMC"),
];

/// sll_hatype, linux/if_arp.h.
#[rustfmt::skip]
pub static ARP_HARDWARE: Names = Names { prefix: "ARPHRD_???", entries: &[
    (0, "ARPHRD_NETROM"),
    (1, "ARPHRD_ETHER"),
    (2, "ARPHRD_EETHER"),
    (3, "ARPHRD_AX25"),
    (4, "ARPHRD_PRONET"),
    (5, "ARPHRD_CHAOS"),
    (6, "ARPHRD_IEEE802"),
    (7, "ARPHRD_ARCNET"),
    (8, "ARPHRD_APPLETLK"),
    (0xf, "ARPHRD_DLCI"),
    (0x13, "ARPHRD_ATM"),
    (0x17, "ARPHRD_METRICOM"),
    (0x18, "ARPHRD_IEEE1394"),
    (0x1b, "ARPHRD_EUI64"),
    (0x20, "ARPHRD_INFINIBAND"),
    (0x100, "ARPHRD_SLIP"),
    (0x101, "ARPHRD_CSLIP"),
    (0x102, "ARPHRD_SLIP6"),
    (0x103, "ARPHRD_CSLIP6"),
    (0x104, "ARPHRD_RSRVD"),
    (0x108, "ARPHRD_ADAPT"),
    (0x10e, "ARPHRD_ROSE"),
    (0x10f, "ARPHRD_X25"),
    (0x110, "ARPHRD_HWX25"),
    (0x118, "ARPHRD_CAN"),
    (0x122, "ARPHRD_MCTP"),
    (0x200, "ARPHRD_PPP"),
    (0x201, "ARPHRD_CISCO"),
    (0x204, "ARPHRD_LAPB"),
    (0x205, "ARPHRD_DDCMP"),
    (0x206, "ARPHRD_RAWHDLC"),
    (0x207, "ARPHRD_RAWIP"),
    (0x300, "ARPHRD_TUNNEL"),
    (0x301, "ARPHRD_TUNNEL6"),
    (0x302, "ARPHRD_FRAD"),
    (0x303, "ARPHRD_SKIP"),
    (0x304, "ARPHRD_LOOPBACK"),
    (0x305, "ARPHRD_LOCALTLK"),
    (0x306, "ARPHRD_FDDI"),
    (0x307, "ARPHRD_BIF"),
    (0x308, "ARPHRD_SIT"),
    (0x309, "ARPHRD_IPDDP"),
    (0x30a, "ARPHRD_IPGRE"),
    (0x30b, "ARPHRD_PIMREG"),
    (0x30c, "ARPHRD_HIPPI"),
    (0x30d, "ARPHRD_ASH"),
    (0x30e, "ARPHRD_ECONET"),
    (0x30f, "ARPHRD_IRDA"),
    (0x310, "ARPHRD_FCPP"),
    (0x311, "ARPHRD_FCAL"),
    (0x312, "ARPHRD_FCPL"),
    (0x313, "ARPHRD_FCFABRIC"),
    (0x320, "ARPHRD_IEEE802_TR"),
    (0x321, "ARPHRD_IEEE80211"),
    (0x322, "ARPHRD_IEEE80211_PRISM"),
    (0x323, "ARPHRD_IEEE80211_RADIOTAP"),
    (0x324, "ARPHRD_IEEE802154"),
    (0x325, "ARPHRD_IEEE802154_MONITOR"),
    (0x334, "ARPHRD_PHONET"),
    (0x335, "ARPHRD_PHONET_PIPE"),
    (0x336, "ARPHRD_CAIF"),
    (0x337, "ARPHRD_IP6GRE"),
    (0x338, "ARPHRD_NETLINK"),
    (0x339, "ARPHRD_6LOWPAN"),
    (0x33a, "ARPHRD_VSOCKMON"),
    (0xfffe, "ARPHRD_NONE"),
    (0xffff, "ARPHRD_VOID"),
] };

/// sll_pkttype, linux/if_packet.h.
#[rustfmt::skip]
pub static PACKET_TYPES: Names = Names { prefix: "PACKET_???", entries: &[
    (0, "PACKET_HOST"),
    (1, "PACKET_BROADCAST"),
    (2, "PACKET_MULTICAST"),
    (3, "PACKET_OTHERHOST"),
    (4, "PACKET_OUTGOING"),
    (5, "PACKET_LOOPBACK"),
    (6, "PACKET_USER"),
    (7, "PACKET_KERNEL"),
] };

/// Control message types of SOL_SOCKET, linux/socket.h and asm-generic/socket.h.
#[rustfmt::skip]
pub static SCM_TYPES: Names = Names { prefix: "SCM_???", entries: &[
    (1, "SCM_RIGHTS"),
    (2, "SCM_CREDENTIALS"),
    (3, "SCM_SECURITY"),
    (4, "SCM_PIDFD"),
    (0x1d, "SO_TIMESTAMP_OLD"),
    (0x23, "SO_TIMESTAMPNS_OLD"),
    (0x25, "SO_TIMESTAMPING_OLD"),
    (0x29, "SO_WIFI_STATUS"),
    (0x36, "SCM_TIMESTAMPING_OPT_STATS"),
    (0x3a, "SCM_TIMESTAMPING_PKTINFO"),
    (0x3d, "SO_TXTIME"),
    (0x3f, "SO_TIMESTAMP_NEW"),
    (0x40, "SO_TIMESTAMPNS_NEW"),
    (0x41, "SO_TIMESTAMPING_NEW"),
    (0x4e, "SCM_DEVMEM_LINEAR"),
    (0x4f, "SCM_DEVMEM_DMABUF"),
    (0x51, "SCM_TS_OPT_ID"),
] };

/// Control message types of SOL_IP, linux/in.h.
#[rustfmt::skip]
pub static IP_CONTROL_TYPES: Names = Names { prefix: "IP_???", entries: &[
    (1, "IP_TOS"),
    (2, "IP_TTL"),
    (3, "SCM_SECURITY"),
    (6, "IP_RECVOPTS"),
    (7, "IP_RETOPTS"),
    (8, "IP_PKTINFO"),
    (0xb, "IP_RECVERR"),
    (0x14, "IP_ORIGDSTADDR"),
    (0x17, "IP_CHECKSUM"),
] };
