//! Socket options by level, and protocols by family. Names and values are those of the header that is
//! named at each table.

use crate::value::Names;

/// Options of SOL_IP, linux/in.h and linux/netfilter_ipv4/ip_tables.h.
#[rustfmt::skip]
pub static IP_OPTIONS: Names = Names { prefix: "IP_???", entries: &[
    (1, "IP_TOS"),
    (2, "IP_TTL"),
    (3, "IP_HDRINCL"),
    (4, "IP_OPTIONS"),
    (5, "IP_ROUTER_ALERT"),
    (6, "IP_RECVOPTS"),
    (7, "IP_RETOPTS"),
    (8, "IP_PKTINFO"),
    (9, "IP_PKTOPTIONS"),
    (0xa, "IP_MTU_DISCOVER"),
    (0xb, "IP_RECVERR"),
    (0xc, "IP_RECVTTL"),
    (0xd, "IP_RECVTOS"),
    (0xe, "IP_MTU"),
    (0xf, "IP_FREEBIND"),
    (0x10, "IP_IPSEC_POLICY"),
    (0x11, "IP_XFRM_POLICY"),
    (0x12, "IP_PASSSEC"),
    (0x13, "IP_TRANSPARENT"),
    (0x14, "IP_ORIGDSTADDR"),
    (0x15, "IP_MINTTL"),
    (0x16, "IP_NODEFRAG"),
    (0x17, "IP_CHECKSUM"),
    (0x18, "IP_BIND_ADDRESS_NO_PORT"),
    (0x19, "IP_RECVFRAGSIZE"),
    (0x1a, "IP_RECVERR_RFC4884"),
    (0x20, "IP_MULTICAST_IF"),
    (0x21, "IP_MULTICAST_TTL"),
    (0x22, "IP_MULTICAST_LOOP"),
    (0x23, "IP_ADD_MEMBERSHIP"),
    (0x24, "IP_DROP_MEMBERSHIP"),
    (0x25, "IP_UNBLOCK_SOURCE"),
    (0x26, "IP_BLOCK_SOURCE"),
    (0x27, "IP_ADD_SOURCE_MEMBERSHIP"),
    (0x28, "IP_DROP_SOURCE_MEMBERSHIP"),
    (0x29, "IP_MSFILTER"),
    (0x2a, "MCAST_JOIN_GROUP"),
    (0x2b, "MCAST_BLOCK_SOURCE"),
    (0x2c, "MCAST_UNBLOCK_SOURCE"),
    (0x2d, "MCAST_LEAVE_GROUP"),
    (0x2e, "MCAST_JOIN_SOURCE_GROUP"),
    (0x2f, "MCAST_LEAVE_SOURCE_GROUP"),
    (0x30, "MCAST_MSFILTER"),
    (0x31, "IP_MULTICAST_ALL"),
    (0x32, "IP_UNICAST_IF"),
    (0x33, "IP_LOCAL_PORT_RANGE"),
    (0x34, "IP_PROTOCOL"),
] };

/// What setsockopt alone takes of SOL_IP.
#[rustfmt::skip]
pub static IP_SET_OPTIONS: Names = Names { prefix: "IP_???", entries: &[
    (0x40, "IPT_SO_SET_REPLACE"),
    (0x41, "IPT_SO_SET_ADD_COUNTERS"),
    (0x60, "ARPT_SO_SET_REPLACE"),
    (0x61, "ARPT_SO_SET_ADD_COUNTERS"),
    (0x80, "EBT_SO_SET_ENTRIES"),
    (0x81, "EBT_SO_SET_COUNTERS"),
] };

/// What getsockopt alone takes of SOL_IP.
#[rustfmt::skip]
pub static IP_GET_OPTIONS: Names = Names { prefix: "IP_???", entries: &[
    (0x40, "IPT_SO_GET_INFO"),
    (0x41, "IPT_SO_GET_ENTRIES"),
    (0x42, "IPT_SO_GET_REVISION_MATCH"),
    (0x43, "IPT_SO_GET_REVISION_TARGET"),
    (0x60, "ARPT_SO_GET_INFO"),
    (0x61, "ARPT_SO_GET_ENTRIES"),
    (0x63, "ARPT_SO_GET_REVISION_TARGET"),
    (0x80, "EBT_SO_GET_INFO"),
    (0x81, "EBT_SO_GET_ENTRIES"),
    (0x82, "EBT_SO_GET_INIT_INFO"),
    (0x83, "EBT_SO_GET_INIT_ENTRIES"),
] };

/// Options of SOL_SOCKET, asm-generic/socket.h.
#[rustfmt::skip]
pub static SOCKET_OPTIONS: Names = Names { prefix: "SO_???", entries: &[
    (1, "SO_DEBUG"),
    (2, "SO_REUSEADDR"),
    (3, "SO_TYPE"),
    (4, "SO_ERROR"),
    (5, "SO_DONTROUTE"),
    (6, "SO_BROADCAST"),
    (7, "SO_SNDBUF"),
    (8, "SO_RCVBUF"),
    (9, "SO_KEEPALIVE"),
    (0xa, "SO_OOBINLINE"),
    (0xb, "SO_NO_CHECK"),
    (0xc, "SO_PRIORITY"),
    (0xd, "SO_LINGER"),
    (0xe, "SO_BSDCOMPAT"),
    (0xf, "SO_REUSEPORT"),
    (0x10, "SO_PASSCRED"),
    (0x11, "SO_PEERCRED"),
    (0x12, "SO_RCVLOWAT"),
    (0x13, "SO_SNDLOWAT"),
    (0x14, "SO_RCVTIMEO_OLD"),
    (0x15, "SO_SNDTIMEO_OLD"),
    (0x16, "SO_SECURITY_AUTHENTICATION"),
    (0x17, "SO_SECURITY_ENCRYPTION_TRANSPORT"),
    (0x18, "SO_SECURITY_ENCRYPTION_NETWORK"),
    (0x19, "SO_BINDTODEVICE"),
    (0x1b, "SO_DETACH_FILTER"),
    (0x1c, "SO_PEERNAME"),
    (0x1d, "SO_TIMESTAMP_OLD"),
    (0x1e, "SO_ACCEPTCONN"),
    (0x1f, "SO_PEERSEC"),
    (0x20, "SO_SNDBUFFORCE"),
    (0x21, "SO_RCVBUFFORCE"),
    (0x22, "SO_PASSSEC"),
    (0x23, "SO_TIMESTAMPNS_OLD"),
    (0x24, "SO_MARK"),
    (0x25, "SO_TIMESTAMPING_OLD"),
    (0x26, "SO_PROTOCOL"),
    (0x27, "SO_DOMAIN"),
    (0x28, "SO_RXQ_OVFL"),
    (0x29, "SO_WIFI_STATUS"),
    (0x2a, "SO_PEEK_OFF"),
    (0x2b, "SO_NOFCS"),
    (0x2c, "SO_LOCK_FILTER"),
    (0x2d, "SO_SELECT_ERR_QUEUE"),
    (0x2e, "SO_BUSY_POLL"),
    (0x2f, "SO_MAX_PACING_RATE"),
    (0x30, "SO_BPF_EXTENSIONS"),
    (0x31, "SO_INCOMING_CPU"),
    (0x32, "SO_ATTACH_BPF"),
    (0x33, "SO_ATTACH_REUSEPORT_CBPF"),
    (0x34, "SO_ATTACH_REUSEPORT_EBPF"),
    (0x35, "SO_CNX_ADVICE"),
    (0x37, "SO_MEMINFO"),
    (0x38, "SO_INCOMING_NAPI_ID"),
    (0x39, "SO_COOKIE"),
    (0x3b, "SO_PEERGROUPS"),
    (0x3c, "SO_ZEROCOPY"),
    (0x3d, "SO_TXTIME"),
    (0x3e, "SO_BINDTOIFINDEX"),
    (0x3f, "SO_TIMESTAMP_NEW"),
    (0x40, "SO_TIMESTAMPNS_NEW"),
    (0x41, "SO_TIMESTAMPING_NEW"),
    (0x42, "SO_RCVTIMEO_NEW"),
    (0x43, "SO_SNDTIMEO_NEW"),
    (0x44, "SO_DETACH_REUSEPORT_BPF"),
    (0x45, "SO_PREFER_BUSY_POLL"),
    (0x46, "SO_BUSY_POLL_BUDGET"),
    (0x47, "SO_NETNS_COOKIE"),
    (0x48, "SO_BUF_LOCK"),
    (0x49, "SO_RESERVE_MEM"),
    (0x4a, "SO_TXREHASH"),
    (0x4b, "SO_RCVMARK"),
    (0x4c, "SO_PASSPIDFD"),
    (0x4d, "SO_PEERPIDFD"),
    (0x4e, "SO_DEVMEM_LINEAR"),
    (0x4f, "SO_DEVMEM_DMABUF"),
    (0x50, "SO_DEVMEM_DONTNEED"),
    (0x52, "SO_RCVPRIORITY"),
    (0x53, "SO_PASSRIGHTS"),
    (0x54, "SO_INQ"),
] };

/// What setsockopt alone takes of SOL_SOCKET.
#[rustfmt::skip]
pub static SOCKET_SET_OPTIONS: Names = Names { prefix: "SO_???", entries: &[
    (0x1a, "SO_ATTACH_FILTER"),
] };

/// What getsockopt alone takes of SOL_SOCKET.
#[rustfmt::skip]
pub static SOCKET_GET_OPTIONS: Names = Names { prefix: "SO_???", entries: &[
    (0x1a, "SO_GET_FILTER"),
] };

/// Options of SOL_TCP, linux/tcp.h.
#[rustfmt::skip]
pub static TCP_OPTIONS: Names = Names { prefix: "TCP_???", entries: &[
    (1, "TCP_NODELAY"),
    (2, "TCP_MAXSEG"),
    (3, "TCP_CORK"),
    (4, "TCP_KEEPIDLE"),
    (5, "TCP_KEEPINTVL"),
    (6, "TCP_KEEPCNT"),
    (7, "TCP_SYNCNT"),
    (8, "TCP_LINGER2"),
    (9, "TCP_DEFER_ACCEPT"),
    (0xa, "TCP_WINDOW_CLAMP"),
    (0xb, "TCP_INFO"),
    (0xc, "TCP_QUICKACK"),
    (0xd, "TCP_CONGESTION"),
    (0xe, "TCP_MD5SIG"),
    (0xf, "TCP_COOKIE_TRANSACTIONS"),
    (0x10, "TCP_THIN_LINEAR_TIMEOUTS"),
    (0x11, "TCP_THIN_DUPACK"),
    (0x12, "TCP_USER_TIMEOUT"),
    (0x13, "TCP_REPAIR"),
    (0x14, "TCP_REPAIR_QUEUE"),
    (0x15, "TCP_QUEUE_SEQ"),
    (0x16, "TCP_REPAIR_OPTIONS"),
    (0x17, "TCP_FASTOPEN"),
    (0x18, "TCP_TIMESTAMP"),
    (0x19, "TCP_NOTSENT_LOWAT"),
    (0x1a, "TCP_CC_INFO"),
    (0x1b, "TCP_SAVE_SYN"),
    (0x1c, "TCP_SAVED_SYN"),
    (0x1d, "TCP_REPAIR_WINDOW"),
    (0x1e, "TCP_FASTOPEN_CONNECT"),
    (0x1f, "TCP_ULP"),
    (0x20, "TCP_MD5SIG_EXT"),
    (0x21, "TCP_FASTOPEN_KEY"),
    (0x22, "TCP_FASTOPEN_NO_COOKIE"),
    (0x23, "TCP_ZEROCOPY_RECEIVE"),
    (0x24, "TCP_INQ"),
    (0x25, "TCP_TX_DELAY"),
    (0x26, "TCP_AO_ADD_KEY"),
    (0x27, "TCP_AO_DEL_KEY"),
    (0x28, "TCP_AO_INFO"),
    (0x29, "TCP_AO_GET_KEYS"),
    (0x2a, "TCP_AO_REPAIR"),
    (0x2b, "TCP_IS_MPTCP"),
    (0x2c, "TCP_RTO_MAX_MS"),
    (0x2d, "TCP_RTO_MIN_US"),
    (0x2e, "TCP_DELACK_MAX_US"),
] };

/// Options of SOL_UDP, linux/udp.h.
#[rustfmt::skip]
pub static UDP_OPTIONS: Names = Names { prefix: "UDP_???", entries: &[
    (1, "UDP_CORK"),
    (0x64, "UDP_ENCAP"),
    (0x65, "UDP_NO_CHECK6_TX"),
    (0x66, "UDP_NO_CHECK6_RX"),
    (0x67, "UDP_SEGMENT"),
    (0x68, "UDP_GRO"),
] };

/// Options of SOL_IPV6, linux/in6.h and linux/netfilter_ipv6/ip6_tables.h.
#[rustfmt::skip]
pub static IPV6_OPTIONS: Names = Names { prefix: "IPV6_???", entries: &[
    (1, "IPV6_ADDRFORM"),
    (2, "IPV6_2292PKTINFO"),
    (3, "IPV6_2292HOPOPTS"),
    (4, "IPV6_2292DSTOPTS"),
    (5, "IPV6_2292RTHDR"),
    (6, "IPV6_2292PKTOPTIONS"),
    (7, "IPV6_CHECKSUM"),
    (8, "IPV6_2292HOPLIMIT"),
    (9, "IPV6_NEXTHOP"),
    (0xa, "IPV6_AUTHHDR"),
    (0xb, "IPV6_FLOWINFO"),
    (0x10, "IPV6_UNICAST_HOPS"),
    (0x11, "IPV6_MULTICAST_IF"),
    (0x12, "IPV6_MULTICAST_HOPS"),
    (0x13, "IPV6_MULTICAST_LOOP"),
    (0x14, "IPV6_ADD_MEMBERSHIP"),
    (0x15, "IPV6_DROP_MEMBERSHIP"),
    (0x16, "IPV6_ROUTER_ALERT"),
    (0x17, "IPV6_MTU_DISCOVER"),
    (0x18, "IPV6_MTU"),
    (0x19, "IPV6_RECVERR"),
    (0x1a, "IPV6_V6ONLY"),
    (0x1b, "IPV6_JOIN_ANYCAST"),
    (0x1c, "IPV6_LEAVE_ANYCAST"),
    (0x1d, "IPV6_MULTICAST_ALL"),
    (0x1e, "IPV6_ROUTER_ALERT_ISOLATE"),
    (0x1f, "IPV6_RECVERR_RFC4884"),
    (0x20, "IPV6_FLOWLABEL_MGR"),
    (0x21, "IPV6_FLOWINFO_SEND"),
    (0x22, "IPV6_IPSEC_POLICY"),
    (0x23, "IPV6_XFRM_POLICY"),
    (0x24, "IPV6_HDRINCL"),
    (0x2a, "MCAST_JOIN_GROUP"),
    (0x2b, "MCAST_BLOCK_SOURCE"),
    (0x2c, "MCAST_UNBLOCK_SOURCE"),
    (0x2d, "MCAST_LEAVE_GROUP"),
    (0x2e, "MCAST_JOIN_SOURCE_GROUP"),
    (0x2f, "MCAST_LEAVE_SOURCE_GROUP"),
    (0x30, "MCAST_MSFILTER"),
    (0x31, "IPV6_RECVPKTINFO"),
    (0x32, "IPV6_PKTINFO"),
    (0x33, "IPV6_RECVHOPLIMIT"),
    (0x34, "IPV6_HOPLIMIT"),
    (0x35, "IPV6_RECVHOPOPTS"),
    (0x36, "IPV6_HOPOPTS"),
    (0x37, "IPV6_RTHDRDSTOPTS"),
    (0x38, "IPV6_RECVRTHDR"),
    (0x39, "IPV6_RTHDR"),
    (0x3a, "IPV6_RECVDSTOPTS"),
    (0x3b, "IPV6_DSTOPTS"),
    (0x3c, "IPV6_RECVPATHMTU"),
    (0x3d, "IPV6_PATHMTU"),
    (0x3e, "IPV6_DONTFRAG"),
    (0x3f, "IPV6_USE_MIN_MTU"),
    (0x42, "IPV6_RECVTCLASS"),
    (0x43, "IPV6_TCLASS"),
    (0x46, "IPV6_AUTOFLOWLABEL"),
    (0x48, "IPV6_ADDR_PREFERENCES"),
    (0x49, "IPV6_MINHOPCOUNT"),
    (0x4a, "IPV6_ORIGDSTADDR"),
    (0x4b, "IPV6_TRANSPARENT"),
    (0x4c, "IPV6_UNICAST_IF"),
    (0x4d, "IPV6_RECVFRAGSIZE"),
    (0x4e, "IPV6_FREEBIND"),
] };

/// What setsockopt alone takes of SOL_IPV6.
#[rustfmt::skip]
pub static IPV6_SET_OPTIONS: Names = Names { prefix: "IPV6_???", entries: &[
    (0x40, "IP6T_SO_SET_REPLACE"),
    (0x41, "IP6T_SO_SET_ADD_COUNTERS"),
] };

/// What getsockopt alone takes of SOL_IPV6.
#[rustfmt::skip]
pub static IPV6_GET_OPTIONS: Names = Names { prefix: "IPV6_???", entries: &[
    (0x40, "IP6T_SO_GET_INFO"),
    (0x41, "IP6T_SO_GET_ENTRIES"),
    (0x44, "IP6T_SO_GET_REVISION_MATCH"),
    (0x45, "IP6T_SO_GET_REVISION_TARGET"),
] };

/// Options of SOL_RAW, linux/icmp.h.
#[rustfmt::skip]
pub static RAW_OPTIONS: Names = Names { prefix: "RAW_???", entries: &[
    (1, "ICMP_FILTER"),
] };

/// Options of SOL_PACKET, linux/if_packet.h.
#[rustfmt::skip]
pub static PACKET_OPTIONS: Names = Names { prefix: "PACKET_???", entries: &[
    (1, "PACKET_ADD_MEMBERSHIP"),
    (2, "PACKET_DROP_MEMBERSHIP"),
    (3, "PACKET_RECV_OUTPUT"),
    (5, "PACKET_RX_RING"),
    (6, "PACKET_STATISTICS"),
    (7, "PACKET_COPY_THRESH"),
    (8, "PACKET_AUXDATA"),
    (9, "PACKET_ORIGDEV"),
    (0xa, "PACKET_VERSION"),
    (0xb, "PACKET_HDRLEN"),
    (0xc, "PACKET_RESERVE"),
    (0xd, "PACKET_TX_RING"),
    (0xe, "PACKET_LOSS"),
    (0xf, "PACKET_VNET_HDR"),
    (0x10, "PACKET_TX_TIMESTAMP"),
    (0x11, "PACKET_TIMESTAMP"),
    (0x12, "PACKET_FANOUT"),
    (0x13, "PACKET_TX_HAS_OFF"),
    (0x14, "PACKET_QDISC_BYPASS"),
    (0x15, "PACKET_ROLLOVER_STATS"),
    (0x16, "PACKET_FANOUT_DATA"),
    (0x17, "PACKET_IGNORE_OUTGOING"),
] };

/// Options of SOL_NETLINK, linux/netlink.h.
#[rustfmt::skip]
pub static NETLINK_OPTIONS: Names = Names { prefix: "NETLINK_???", entries: &[
    (1, "NETLINK_ADD_MEMBERSHIP"),
    (2, "NETLINK_DROP_MEMBERSHIP"),
    (3, "NETLINK_PKTINFO"),
    (4, "NETLINK_BROADCAST_ERROR"),
    (5, "NETLINK_NO_ENOBUFS"),
    (6, "NETLINK_RX_RING"),
    (7, "NETLINK_TX_RING"),
    (8, "NETLINK_LISTEN_ALL_NSID"),
    (9, "NETLINK_LIST_MEMBERSHIPS"),
    (0xa, "NETLINK_CAP_ACK"),
    (0xb, "NETLINK_EXT_ACK"),
    (0xc, "NETLINK_GET_STRICT_CHK"),
] };

/// Options of SOL_SCTP, linux/sctp.h.
#[rustfmt::skip]
pub static SCTP_OPTIONS: Names = Names { prefix: "SCTP_???", entries: &[
    (0, "SCTP_RTOINFO"),
    (1, "SCTP_ASSOCINFO"),
    (2, "SCTP_INITMSG"),
    (3, "SCTP_NODELAY"),
    (4, "SCTP_AUTOCLOSE"),
    (5, "SCTP_SET_PEER_PRIMARY_ADDR"),
    (6, "SCTP_PRIMARY_ADDR"),
    (7, "SCTP_ADAPTATION_LAYER"),
    (8, "SCTP_DISABLE_FRAGMENTS"),
    (9, "SCTP_PEER_ADDR_PARAMS"),
    (0xa, "SCTP_DEFAULT_SEND_PARAM"),
    (0xb, "SCTP_EVENTS"),
    (0xc, "SCTP_I_WANT_MAPPED_V4_ADDR"),
    (0xd, "SCTP_MAXSEG"),
    (0xe, "SCTP_STATUS"),
    (0xf, "SCTP_GET_PEER_ADDR_INFO"),
    (0x10, "SCTP_DELAYED_SACK"),
    (0x11, "SCTP_CONTEXT"),
    (0x12, "SCTP_FRAGMENT_INTERLEAVE"),
    (0x13, "SCTP_PARTIAL_DELIVERY_POINT"),
    (0x14, "SCTP_MAX_BURST"),
    (0x15, "SCTP_AUTH_CHUNK"),
    (0x16, "SCTP_HMAC_IDENT"),
    (0x17, "SCTP_AUTH_KEY"),
    (0x18, "SCTP_AUTH_ACTIVE_KEY"),
    (0x19, "SCTP_AUTH_DELETE_KEY"),
    (0x1a, "SCTP_PEER_AUTH_CHUNKS"),
    (0x1b, "SCTP_LOCAL_AUTH_CHUNKS"),
    (0x1c, "SCTP_GET_ASSOC_NUMBER"),
    (0x1d, "SCTP_GET_ASSOC_ID_LIST"),
    (0x1e, "SCTP_AUTO_ASCONF"),
    (0x1f, "SCTP_PEER_ADDR_THLDS"),
    (0x20, "SCTP_RECVRCVINFO"),
    (0x21, "SCTP_RECVNXTINFO"),
    (0x22, "SCTP_DEFAULT_SNDINFO"),
    (0x23, "SCTP_AUTH_DEACTIVATE_KEY"),
    (0x24, "SCTP_REUSE_PORT"),
    (0x25, "SCTP_PEER_ADDR_THLDS_V2"),
    (0x64, "SCTP_SOCKOPT_BINDX_ADD"),
    (0x65, "SCTP_SOCKOPT_BINDX_REM"),
    (0x66, "SCTP_SOCKOPT_PEELOFF"),
    (0x67, "SCTP_GET_PEER_ADDRS_NUM_OLD"),
    (0x68, "SCTP_GET_PEER_ADDRS_OLD"),
    (0x69, "SCTP_GET_LOCAL_ADDRS_NUM_OLD"),
    (0x6a, "SCTP_GET_LOCAL_ADDRS_OLD"),
    (0x6b, "SCTP_SOCKOPT_CONNECTX_OLD"),
    (0x6c, "SCTP_GET_PEER_ADDRS"),
    (0x6d, "SCTP_GET_LOCAL_ADDRS"),
    (0x6e, "SCTP_SOCKOPT_CONNECTX"),
    (0x6f, "SCTP_SOCKOPT_CONNECTX3"),
    (0x70, "SCTP_GET_ASSOC_STATS"),
    (0x71, "SCTP_PR_SUPPORTED"),
    (0x72, "SCTP_DEFAULT_PRINFO"),
    (0x73, "SCTP_PR_ASSOC_STATUS"),
    (0x74, "SCTP_PR_STREAM_STATUS"),
    (0x75, "SCTP_RECONFIG_SUPPORTED"),
    (0x76, "SCTP_ENABLE_STREAM_RESET"),
    (0x77, "SCTP_RESET_STREAMS"),
    (0x78, "SCTP_RESET_ASSOC"),
    (0x79, "SCTP_ADD_STREAMS"),
    (0x7a, "SCTP_SOCKOPT_PEELOFF_FLAGS"),
    (0x7b, "SCTP_STREAM_SCHEDULER"),
    (0x7c, "SCTP_STREAM_SCHEDULER_VALUE"),
    (0x7d, "SCTP_INTERLEAVING_SUPPORTED"),
    (0x7e, "SCTP_SENDMSG_CONNECT"),
    (0x7f, "SCTP_EVENT"),
    (0x80, "SCTP_ASCONF_SUPPORTED"),
    (0x81, "SCTP_AUTH_SUPPORTED"),
    (0x82, "SCTP_ECN_SUPPORTED"),
    (0x83, "SCTP_EXPOSE_POTENTIALLY_FAILED_STATE"),
    (0x84, "SCTP_REMOTE_UDP_ENCAPS_PORT"),
    (0x85, "SCTP_PLPMTUD_PROBE_INTERVAL"),
] };

/// Options of SOL_IPX, linux/ipx.h.
#[rustfmt::skip]
pub static IPX_OPTIONS: Names = Names { prefix: "IPX_???", entries: &[
    (1, "IPX_TYPE"),
] };

/// Options of SOL_AX25, linux/ax25.h.
#[rustfmt::skip]
pub static AX25_OPTIONS: Names = Names { prefix: "AX25_???", entries: &[
    (1, "AX25_WINDOW"),
    (2, "AX25_T1"),
    (3, "AX25_N2"),
    (4, "AX25_T3"),
    (5, "AX25_T2"),
    (6, "AX25_BACKOFF"),
    (7, "AX25_EXTSEQ"),
    (8, "AX25_PIDINCL"),
    (9, "AX25_IDLE"),
    (0xa, "AX25_PACLEN"),
    (0xc, "AX25_IAMDIGI"),
    (0x19, "SO_BINDTODEVICE"),
] };

/// Options of SOL_IRDA, linux/irda.h (up to 4.17).
#[rustfmt::skip]
pub static IRDA_OPTIONS: Names = Names { prefix: "IRLMP_???", entries: &[
    (1, "IRLMP_ENUMDEVICES"),
    (2, "IRLMP_IAS_SET"),
    (3, "IRLMP_IAS_QUERY"),
    (4, "IRLMP_HINTS_SET"),
    (5, "IRLMP_QOS_SET"),
    (6, "IRLMP_QOS_GET"),
    (7, "IRLMP_MAX_SDU_SIZE"),
    (8, "IRLMP_IAS_GET"),
    (9, "IRLMP_IAS_DEL"),
    (0xa, "IRLMP_HINT_MASK_SET"),
    (0xb, "IRLMP_WAITDEVICE"),
] };

/// Options of SOL_LLC, linux/llc.h.
#[rustfmt::skip]
pub static LLC_OPTIONS: Names = Names { prefix: "LLC_OPT_???", entries: &[
    (0, "LLC_OPT_UNKNOWN"),
    (1, "LLC_OPT_RETRY"),
    (2, "LLC_OPT_SIZE"),
    (3, "LLC_OPT_ACK_TMR_EXP"),
    (4, "LLC_OPT_P_TMR_EXP"),
    (5, "LLC_OPT_REJ_TMR_EXP"),
    (6, "LLC_OPT_BUSY_TMR_EXP"),
    (7, "LLC_OPT_TX_WIN"),
    (8, "LLC_OPT_RX_WIN"),
    (9, "LLC_OPT_PKTINFO"),
] };

/// Options of SOL_DCCP, linux/dccp.h.
#[rustfmt::skip]
pub static DCCP_OPTIONS: Names = Names { prefix: "DCCP_SOCKOPT_???", entries: &[
    (1, "DCCP_SOCKOPT_PACKET_SIZE"),
    (2, "DCCP_SOCKOPT_SERVICE"),
    (3, "DCCP_SOCKOPT_CHANGE_L"),
    (4, "DCCP_SOCKOPT_CHANGE_R"),
    (5, "DCCP_SOCKOPT_GET_CUR_MPS"),
    (6, "DCCP_SOCKOPT_SERVER_TIMEWAIT"),
    (0xa, "DCCP_SOCKOPT_SEND_CSCOV"),
    (0xb, "DCCP_SOCKOPT_RECV_CSCOV"),
    (0xc, "DCCP_SOCKOPT_AVAILABLE_CCIDS"),
    (0xd, "DCCP_SOCKOPT_CCID"),
    (0xe, "DCCP_SOCKOPT_TX_CCID"),
    (0xf, "DCCP_SOCKOPT_RX_CCID"),
    (0x10, "DCCP_SOCKOPT_QPOLICY_ID"),
    (0x11, "DCCP_SOCKOPT_QPOLICY_TXQLEN"),
    (0x80, "DCCP_SOCKOPT_CCID_RX_INFO"),
] };

/// Options of SOL_TIPC, linux/tipc.h.
#[rustfmt::skip]
pub static TIPC_OPTIONS: Names = Names { prefix: "TIPC_???", entries: &[
    (0x7f, "TIPC_IMPORTANCE"),
    (0x80, "TIPC_SRC_DROPPABLE"),
    (0x81, "TIPC_DEST_DROPPABLE"),
    (0x82, "TIPC_CONN_TIMEOUT"),
    (0x83, "TIPC_NODE_RECVQ_DEPTH"),
    (0x84, "TIPC_SOCK_RECVQ_DEPTH"),
    (0x85, "TIPC_MCAST_BROADCAST"),
    (0x86, "TIPC_MCAST_REPLICAST"),
    (0x87, "TIPC_GROUP_JOIN"),
    (0x88, "TIPC_GROUP_LEAVE"),
    (0x89, "TIPC_SOCK_RECVQ_USED"),
    (0x8a, "TIPC_NODELAY"),
] };

/// Options of SOL_RXRPC, linux/rxrpc.h.
#[rustfmt::skip]
pub static RXRPC_OPTIONS: Names = Names { prefix: "RXRPC_???", entries: &[
    (1, "RXRPC_SECURITY_KEY"),
    (2, "RXRPC_SECURITY_KEYRING"),
    (3, "RXRPC_EXCLUSIVE_CONNECTION"),
    (4, "RXRPC_MIN_SECURITY_LEVEL"),
    (5, "RXRPC_UPGRADEABLE_SERVICE"),
    (6, "RXRPC_SUPPORTED_CMSG"),
] };

/// Options of SOL_PPPOL2TP, linux/if_pppol2tp.h.
#[rustfmt::skip]
pub static PPPOL2TP_OPTIONS: Names = Names { prefix: "PPPOL2TP_SO_???", entries: &[
    (1, "PPPOL2TP_SO_DEBUG"),
    (2, "PPPOL2TP_SO_RECVSEQ"),
    (3, "PPPOL2TP_SO_SENDSEQ"),
    (4, "PPPOL2TP_SO_LNSMODE"),
    (5, "PPPOL2TP_SO_REORDERTO"),
] };

/// Options of SOL_BLUETOOTH, net/bluetooth/bluetooth.h of the kernel.
#[rustfmt::skip]
pub static BLUETOOTH_OPTIONS: Names = Names { prefix: "BT_???", entries: &[
    (4, "BT_SECURITY"),
    (7, "BT_DEFER_SETUP"),
    (8, "BT_FLUSHABLE"),
    (9, "BT_POWER"),
    (0xa, "BT_CHANNEL_POLICY"),
    (0xb, "BT_VOICE"),
    (0xc, "BT_SNDMTU"),
    (0xd, "BT_RCVMTU"),
] };

/// Options of SOL_PNPIPE, linux/phonet.h.
#[rustfmt::skip]
pub static PNPIPE_OPTIONS: Names = Names { prefix: "PNPIPE_???", entries: &[
    (1, "PNPIPE_ENCAP"),
    (2, "PNPIPE_IFINDEX"),
    (3, "PNPIPE_HANDLE"),
    (4, "PNPIPE_INITSTATE"),
] };

/// Options of SOL_RDS, linux/rds.h.
#[rustfmt::skip]
pub static RDS_OPTIONS: Names = Names { prefix: "RDS_???", entries: &[
    (1, "RDS_CANCEL_SENT_TO"),
    (2, "RDS_GET_MR"),
    (3, "RDS_FREE_MR"),
    (4, "RDS_BARRIER"),
    (5, "RDS_RECVERR"),
    (6, "RDS_CONG_MONITOR"),
    (7, "RDS_GET_MR_FOR_DEST"),
    (8, "SO_RDS_TRANSPORT"),
    (0xa, "SO_RDS_MSG_RXPATH_LATENCY"),
    (0x1d, "SO_TIMESTAMP_OLD"),
] };

/// Options of SOL_IUCV, net/iucv/af_iucv.h of the kernel.
#[rustfmt::skip]
pub static IUCV_OPTIONS: Names = Names { prefix: "SO_???", entries: &[
    (0x80, "SO_IPRMDATA_MSG"),
] };

/// Options of SOL_CAIF, linux/caif/caif_socket.h.
#[rustfmt::skip]
pub static CAIF_OPTIONS: Names = Names { prefix: "CAIFSO_???", entries: &[
    (0x7f, "CAIFSO_LINK_SELECT"),
    (0x80, "CAIFSO_REQ_PARAM"),
    (0x81, "CAIFSO_RSP_PARAM"),
] };

/// Options of SOL_ALG, linux/if_alg.h.
#[rustfmt::skip]
pub static ALG_OPTIONS: Names = Names { prefix: "ALG_???", entries: &[
    (1, "ALG_SET_KEY"),
    (2, "ALG_SET_IV"),
    (3, "ALG_SET_OP"),
    (4, "ALG_SET_AEAD_ASSOCLEN"),
    (5, "ALG_SET_AEAD_AUTHSIZE"),
    (6, "ALG_SET_DRBG_ENTROPY"),
    (7, "ALG_SET_KEY_BY_KEY_SERIAL"),
] };

/// Options of SOL_NFC, linux/nfc.h.
#[rustfmt::skip]
pub static NFC_OPTIONS: Names = Names { prefix: "NFC_LLCP_???", entries: &[
    (0, "NFC_LLCP_RW"),
    (1, "NFC_LLCP_MIUX"),
    (2, "NFC_LLCP_REMOTE_MIU"),
    (3, "NFC_LLCP_REMOTE_LTO"),
    (4, "NFC_LLCP_REMOTE_RW"),
] };

/// Options of SOL_KCM, linux/kcm.h.
#[rustfmt::skip]
pub static KCM_OPTIONS: Names = Names { prefix: "KCM_???", entries: &[
    (1, "KCM_RECV_DISABLE"),
] };

/// Options of SOL_TLS, linux/tls.h.
#[rustfmt::skip]
pub static TLS_OPTIONS: Names = Names { prefix: "TLS_???", entries: &[
    (1, "TLS_TX"),
    (2, "TLS_RX"),
] };

/// Options of SOL_XDP, linux/if_xdp.h.
#[rustfmt::skip]
pub static XDP_OPTIONS: Names = Names { prefix: "XDP_???", entries: &[
    (1, "XDP_MMAP_OFFSETS"),
    (2, "XDP_RX_RING"),
    (3, "XDP_TX_RING"),
    (4, "XDP_UMEM_REG"),
    (5, "XDP_UMEM_FILL_RING"),
    (6, "XDP_UMEM_COMPLETION_RING"),
    (7, "XDP_STATISTICS"),
    (8, "XDP_OPTIONS"),
] };

/// Options of AF_VSOCK, linux/vm_sockets.h.
#[rustfmt::skip]
pub static VSOCK_OPTIONS: Names = Names { prefix: "SO_VM_???", entries: &[
    (0, "SO_VM_SOCKETS_BUFFER_SIZE"),
    (1, "SO_VM_SOCKETS_BUFFER_MIN_SIZE"),
    (2, "SO_VM_SOCKETS_BUFFER_MAX_SIZE"),
    (3, "SO_VM_SOCKETS_PEER_HOST_VM_ID"),
    (5, "SO_VM_SOCKETS_TRUSTED"),
    (6, "SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD"),
    (7, "SO_VM_SOCKETS_NONBLOCK_TXRX"),
    (8, "SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW"),
] };

/// Options of SOL_CAN_RAW, linux/can/raw.h.
#[rustfmt::skip]
pub static CAN_RAW_OPTIONS: Names = Names { prefix: "CAN_RAW_???", entries: &[
    (1, "CAN_RAW_FILTER"),
    (2, "CAN_RAW_ERR_FILTER"),
    (3, "CAN_RAW_LOOPBACK"),
    (4, "CAN_RAW_RECV_OWN_MSGS"),
    (5, "CAN_RAW_FD_FRAMES"),
    (6, "CAN_RAW_JOIN_FILTERS"),
] };

/// Protocols of INET sockets, linux/in.h.
#[rustfmt::skip]
pub static INET_PROTOCOLS: Names = Names { prefix: "IPPROTO_???", entries: &[
    (0, "IPPROTO_IP"),
    (1, "IPPROTO_ICMP"),
    (2, "IPPROTO_IGMP"),
    (4, "IPPROTO_IPIP"),
    (6, "IPPROTO_TCP"),
    (8, "IPPROTO_EGP"),
    (0xc, "IPPROTO_PUP"),
    (0x11, "IPPROTO_UDP"),
    (0x16, "IPPROTO_IDP"),
    (0x1d, "IPPROTO_TP"),
    (0x21, "IPPROTO_DCCP"),
    (0x29, "IPPROTO_IPV6"),
    (0x2b, "IPPROTO_ROUTING"),
    (0x2c, "IPPROTO_FRAGMENT"),
    (0x2e, "IPPROTO_RSVP"),
    (0x2f, "IPPROTO_GRE"),
    (0x32, "IPPROTO_ESP"),
    (0x33, "IPPROTO_AH"),
    (0x3a, "IPPROTO_ICMPV6"),
    (0x3b, "IPPROTO_NONE"),
    (0x3c, "IPPROTO_DSTOPTS"),
    (0x5c, "IPPROTO_MTP"),
    (0x5e, "IPPROTO_BEETPH"),
    (0x62, "IPPROTO_ENCAP"),
    (0x67, "IPPROTO_PIM"),
    (0x6c, "IPPROTO_COMP"),
    (0x73, "IPPROTO_L2TP"),
    (0x84, "IPPROTO_SCTP"),
    (0x87, "IPPROTO_MH"),
    (0x88, "IPPROTO_UDPLITE"),
    (0x89, "IPPROTO_MPLS"),
    (0x8f, "IPPROTO_ETHERNET"),
    (0x90, "IPPROTO_AGGFRAG"),
    (0xff, "IPPROTO_RAW"),
    (0x100, "IPPROTO_SMC"),
    (0x106, "IPPROTO_MPTCP"),
] };

/// Protocols of AX25 sockets, net/ax25.h of the kernel.
#[rustfmt::skip]
pub static AX25_PROTOCOLS: Names = Names { prefix: "AX25_P_???", entries: &[
    (1, "AX25_P_ROSE"),
    (6, "AX25_P_VJCOMP"),
    (7, "AX25_P_VJUNCOMP"),
    (8, "AX25_P_SEGMENT"),
    (0xc3, "AX25_P_TEXNET"),
    (0xc4, "AX25_P_LQ"),
    (0xca, "AX25_P_ATALK"),
    (0xcb, "AX25_P_ATALK_ARP"),
    (0xcc, "AX25_P_IP"),
    (0xcd, "AX25_P_ARP"),
    (0xce, "AX25_P_FLEXNET"),
    (0xcf, "AX25_P_NETROM"),
    (0xf0, "AX25_P_TEXT"),
] };

/// Protocols of NETLINK sockets, linux/netlink.h.
#[rustfmt::skip]
pub static NETLINK_PROTOCOLS: Names = Names { prefix: "NETLINK_???", entries: &[
    (0, "NETLINK_ROUTE"),
    (1, "NETLINK_UNUSED"),
    (2, "NETLINK_USERSOCK"),
    (3, "NETLINK_FIREWALL"),
    (4, "NETLINK_SOCK_DIAG"),
    (5, "NETLINK_NFLOG"),
    (6, "NETLINK_XFRM"),
    (7, "NETLINK_SELINUX"),
    (8, "NETLINK_ISCSI"),
    (9, "NETLINK_AUDIT"),
    (0xa, "NETLINK_FIB_LOOKUP"),
    (0xb, "NETLINK_CONNECTOR"),
    (0xc, "NETLINK_NETFILTER"),
    (0xd, "NETLINK_IP6_FW"),
    (0xe, "NETLINK_DNRTMSG"),
    (0xf, "NETLINK_KOBJECT_UEVENT"),
    (0x10, "NETLINK_GENERIC"),
    (0x12, "NETLINK_SCSITRANSPORT"),
    (0x13, "NETLINK_ECRYPTFS"),
    (0x14, "NETLINK_RDMA"),
    (0x15, "NETLINK_CRYPTO"),
    (0x16, "NETLINK_SMC"),
] };

/// Protocols of CAN sockets, linux/can.h.
#[rustfmt::skip]
pub static CAN_PROTOCOLS: Names = Names { prefix: "CAN_???", entries: &[
    (1, "CAN_RAW"),
    (2, "CAN_BCM"),
    (3, "CAN_TP16"),
    (4, "CAN_TP20"),
    (5, "CAN_MCNET"),
    (6, "CAN_ISOTP"),
    (7, "CAN_J1939"),
] };

/// Protocols of BLUETOOTH sockets, net/bluetooth/bluetooth.h of the kernel.
#[rustfmt::skip]
pub static BLUETOOTH_PROTOCOLS: Names = Names { prefix: "BTPROTO_???", entries: &[
    (0, "BTPROTO_L2CAP"),
    (1, "BTPROTO_HCI"),
    (2, "BTPROTO_SCO"),
    (3, "BTPROTO_RFCOMM"),
    (4, "BTPROTO_BNEP"),
    (5, "BTPROTO_CMTP"),
    (6, "BTPROTO_HIDP"),
    (7, "BTPROTO_AVDTP"),
] };

/// Protocols of ISDN sockets, linux/mISDNif.h of the kernel.
#[rustfmt::skip]
pub static ISDN_PROTOCOLS: Names = Names { prefix: "ISDN_P_???", entries: &[
    (0, "ISDN_P_BASE"),
    (1, "ISDN_P_TE_S0"),
    (2, "ISDN_P_NT_S0"),
    (3, "ISDN_P_TE_E1"),
    (4, "ISDN_P_NT_E1"),
    (0x10, "ISDN_P_LAPD_TE"),
    (0x11, "ISDN_P_LAPD_NT"),
    (0x21, "ISDN_P_B_RAW"),
    (0x22, "ISDN_P_B_HDLC"),
    (0x23, "ISDN_P_B_X75SLP"),
    (0x24, "ISDN_P_B_L2DTMF"),
    (0x25, "ISDN_P_B_L2DSP"),
    (0x26, "ISDN_P_B_L2DSPHDLC"),
] };

/// Protocols of PHONET sockets, linux/phonet.h.
#[rustfmt::skip]
pub static PHONET_PROTOCOLS: Names = Names { prefix: "PN_PROTO_???", entries: &[
    (0, "PN_PROTO_TRANSPORT"),
    (1, "PN_PROTO_PHONET"),
    (2, "PN_PROTO_PIPE"),
] };

/// Protocols of CAIF sockets, linux/caif/caif_socket.h.
#[rustfmt::skip]
pub static CAIF_PROTOCOLS: Names = Names { prefix: "CAIFPROTO_???", entries: &[
    (0, "CAIFPROTO_AT"),
    (1, "CAIFPROTO_DATAGRAM"),
    (2, "CAIFPROTO_DATAGRAM_LOOP"),
    (3, "CAIFPROTO_UTIL"),
    (4, "CAIFPROTO_RFM"),
    (5, "CAIFPROTO_DEBUG"),
] };

/// Protocols of NFC sockets, linux/nfc.h.
#[rustfmt::skip]
pub static NFC_PROTOCOLS: Names = Names { prefix: "NFC_SOCKPROTO_???", entries: &[
    (0, "NFC_SOCKPROTO_RAW"),
    (1, "NFC_SOCKPROTO_LLCP"),
] };

/// Protocols of KCM sockets, linux/kcm.h.
#[rustfmt::skip]
pub static KCM_PROTOCOLS: Names = Names { prefix: "KCMPROTO_???", entries: &[
    (0, "KCMPROTO_CONNECTED"),
] };

/// Protocols of SMC sockets, net/smc.h of the kernel.
#[rustfmt::skip]
pub static SMC_PROTOCOLS: Names = Names { prefix: "SMCPROTO_???", entries: &[
    (0, "SMCPROTO_SMC"),
    (1, "SMCPROTO_SMC6"),
] };

/// Ethernet protocols, linux/if_ether.h.
#[rustfmt::skip]
pub static ETHERNET_PROTOCOLS: Names = Names { prefix: "ETH_P_???", entries: &[
    (1, "ETH_P_802_3"),
    (2, "ETH_P_AX25"),
    (3, "ETH_P_ALL"),
    (4, "ETH_P_802_2"),
    (5, "ETH_P_SNAP"),
    (6, "ETH_P_DDCMP"),
    (7, "ETH_P_WAN_PPP"),
    (8, "ETH_P_PPP_MP"),
    (9, "ETH_P_LOCALTALK"),
    (0xc, "ETH_P_CAN"),
    (0xd, "ETH_P_CANFD"),
    (0xe, "ETH_P_CANXL"),
    (0x10, "ETH_P_PPPTALK"),
    (0x11, "ETH_P_TR_802_2"),
    (0x15, "ETH_P_MOBITEX"),
    (0x16, "ETH_P_CONTROL"),
    (0x17, "ETH_P_IRDA"),
    (0x18, "ETH_P_ECONET"),
    (0x19, "ETH_P_HDLC"),
    (0x1a, "ETH_P_ARCNET"),
    (0x1b, "ETH_P_DSA"),
    (0x1c, "ETH_P_TRAILER"),
    (0x60, "ETH_P_LOOP"),
    (0xf5, "ETH_P_PHONET"),
    (0xf6, "ETH_P_IEEE802154"),
    (0xf7, "ETH_P_CAIF"),
    (0xf8, "ETH_P_XDSA"),
    (0xf9, "ETH_P_MAP"),
    (0xfa, "ETH_P_MCTP"),
    (0x200, "ETH_P_PUP"),
    (0x201, "ETH_P_PUPAT"),
    (0x600, "ETH_P_802_3_MIN"),
    (0x800, "ETH_P_IP"),
    (0x805, "ETH_P_X25"),
    (0x806, "ETH_P_ARP"),
    (0x8ff, "ETH_P_BPQ"),
    (0xa00, "ETH_P_IEEEPUP"),
    (0xa01, "ETH_P_IEEEPUPAT"),
    (0x22eb, "ETH_P_ERSPAN2"),
    (0x22f0, "ETH_P_TSN"),
    (0x4305, "ETH_P_BATMAN"),
    (0x6000, "ETH_P_DEC"),
    (0x6001, "ETH_P_DNA_DL"),
    (0x6002, "ETH_P_DNA_RC"),
    (0x6003, "ETH_P_DNA_RT"),
    (0x6004, "ETH_P_LAT"),
    (0x6005, "ETH_P_DIAG"),
    (0x6006, "ETH_P_CUST"),
    (0x6007, "ETH_P_SCA"),
    (0x6558, "ETH_P_TEB"),
    (0x8035, "ETH_P_RARP"),
    (0x809b, "ETH_P_ATALK"),
    (0x80f3, "ETH_P_AARP"),
    (0x8100, "ETH_P_8021Q"),
    (0x8137, "ETH_P_IPX"),
    (0x86dd, "ETH_P_IPV6"),
    (0x8808, "ETH_P_PAUSE"),
    (0x8809, "ETH_P_SLOW"),
    (0x883e, "ETH_P_WCCP"),
    (0x8847, "ETH_P_MPLS_UC"),
    (0x8848, "ETH_P_MPLS_MC"),
    (0x884c, "ETH_P_ATMMPOA"),
    (0x8863, "ETH_P_PPP_DISC"),
    (0x8864, "ETH_P_PPP_SES"),
    (0x886c, "ETH_P_LINK_CTL"),
    (0x8884, "ETH_P_ATMFATE"),
    (0x888e, "ETH_P_PAE"),
    (0x8899, "ETH_P_REALTEK"),
    (0x88a2, "ETH_P_AOE"),
    (0x88a8, "ETH_P_8021AD"),
    (0x88b5, "ETH_P_802_EX1"),
    (0x88be, "ETH_P_ERSPAN"),
    (0x88c7, "ETH_P_PREAUTH"),
    (0x88ca, "ETH_P_TIPC"),
    (0x88cc, "ETH_P_LLDP"),
    (0x88e3, "ETH_P_MRP"),
    (0x88e5, "ETH_P_MACSEC"),
    (0x88e7, "ETH_P_8021AH"),
    (0x88f5, "ETH_P_MVRP"),
    (0x88f7, "ETH_P_1588"),
    (0x88f8, "ETH_P_NCSI"),
    (0x88fb, "ETH_P_PRP"),
    (0x8902, "ETH_P_CFM"),
    (0x8906, "ETH_P_FCOE"),
    (0x890d, "ETH_P_TDLS"),
    (0x8914, "ETH_P_FIP"),
    (0x8915, "ETH_P_IBOE"),
    (0x8917, "ETH_P_80221"),
    (0x892f, "ETH_P_HSR"),
    (0x894f, "ETH_P_NSH"),
    (0x9000, "ETH_P_LOOPBACK"),
    (0x9100, "ETH_P_QINQ1"),
    (0x9200, "ETH_P_QINQ2"),
    (0x9300, "ETH_P_QINQ3"),
    (0xdada, "ETH_P_EDSA"),
    (0xdadb, "ETH_P_DSA_8021Q"),
    (0xe001, "ETH_P_DSA_A5PSW"),
    (0xed3e, "ETH_P_IFE"),
    (0xfbfb, "ETH_P_AF_IUCV"),
] };

/// packet_mreq.mr_type, linux/if_packet.h.
#[rustfmt::skip]
pub static PACKET_MEMBERSHIPS: Names = Names { prefix: "PACKET_MR_???", entries: &[
    (0, "PACKET_MR_MULTICAST"),
    (1, "PACKET_MR_PROMISC"),
    (2, "PACKET_MR_ALLMULTI"),
    (3, "PACKET_MR_UNICAST"),
] };

/// Message types of ICMP, linux/icmp.h.
#[rustfmt::skip]
pub static ICMP_TYPES: Names = Names { prefix: "ICMP_???", entries: &[
    (0, "ICMP_ECHOREPLY"),
    (3, "ICMP_DEST_UNREACH"),
    (4, "ICMP_SOURCE_QUENCH"),
    (5, "ICMP_REDIRECT"),
    (8, "ICMP_ECHO"),
    (0xb, "ICMP_TIME_EXCEEDED"),
    (0xc, "ICMP_PARAMETERPROB"),
    (0xd, "ICMP_TIMESTAMP"),
    (0xe, "ICMP_TIMESTAMPREPLY"),
    (0xf, "ICMP_INFO_REQUEST"),
    (0x10, "ICMP_INFO_REPLY"),
    (0x11, "ICMP_ADDRESS"),
    (0x12, "ICMP_ADDRESSREPLY"),
] };

/// SO_TXREHASH, linux/socket.h.
#[rustfmt::skip]
pub static TXREHASH: Names = Names { prefix: "SOCK_TXREHASH_???", entries: &[
    (0, "SOCK_TXREHASH_DISABLED"),
    (1, "SOCK_TXREHASH_ENABLED"),
    (0xff, "SOCK_TXREHASH_DEFAULT"),
] };

/// The options of a level, first those that are set and read alike. `None` for a level whose options
/// have no names here.
#[must_use]
pub fn options(level: u32, setting: bool) -> Option<[&'static Names; 2]> {
    let both = |names: &'static Names| Some([names, names]);
    match level {
        0 if setting => Some([&IP_OPTIONS, &IP_SET_OPTIONS]),
        0 => Some([&IP_OPTIONS, &IP_GET_OPTIONS]),
        1 if setting => Some([&SOCKET_OPTIONS, &SOCKET_SET_OPTIONS]),
        1 => Some([&SOCKET_OPTIONS, &SOCKET_GET_OPTIONS]),
        6 => both(&TCP_OPTIONS),
        17 => both(&UDP_OPTIONS),
        41 if setting => Some([&IPV6_OPTIONS, &IPV6_SET_OPTIONS]),
        41 => Some([&IPV6_OPTIONS, &IPV6_GET_OPTIONS]),
        255 => both(&RAW_OPTIONS),
        263 => both(&PACKET_OPTIONS),
        270 => both(&NETLINK_OPTIONS),
        132 => both(&SCTP_OPTIONS),
        256 => both(&IPX_OPTIONS),
        257 => both(&AX25_OPTIONS),
        266 => both(&IRDA_OPTIONS),
        268 => both(&LLC_OPTIONS),
        269 => both(&DCCP_OPTIONS),
        271 => both(&TIPC_OPTIONS),
        272 => both(&RXRPC_OPTIONS),
        273 => both(&PPPOL2TP_OPTIONS),
        274 => both(&BLUETOOTH_OPTIONS),
        275 => both(&PNPIPE_OPTIONS),
        276 => both(&RDS_OPTIONS),
        277 => both(&IUCV_OPTIONS),
        278 => both(&CAIF_OPTIONS),
        279 => both(&ALG_OPTIONS),
        280 => both(&NFC_OPTIONS),
        281 => both(&KCM_OPTIONS),
        282 => both(&TLS_OPTIONS),
        283 => both(&XDP_OPTIONS),
        40 => both(&VSOCK_OPTIONS),
        101 => both(&CAN_RAW_OPTIONS),
        _ => None,
    }
}
