//! Names in NETLINK_ROUTE's messages of routes (linux/rtnetlink.h).

use crate::value::Names;

/// Attributes of a route.
#[rustfmt::skip]
pub static ROUTE_ATTRIBUTES: Names = Names { prefix: "RTA_???", entries: &[
    (0, "RTA_UNSPEC"),
    (1, "RTA_DST"),
    (2, "RTA_SRC"),
    (3, "RTA_IIF"),
    (4, "RTA_OIF"),
    (5, "RTA_GATEWAY"),
    (6, "RTA_PRIORITY"),
    (7, "RTA_PREFSRC"),
    (8, "RTA_METRICS"),
    (9, "RTA_MULTIPATH"),
    (0xa, "RTA_PROTOINFO"),
    (0xb, "RTA_FLOW"),
    (0xc, "RTA_CACHEINFO"),
    (0xd, "RTA_SESSION"),
    (0xe, "RTA_MP_ALGO"),
    (0xf, "RTA_TABLE"),
    (0x10, "RTA_MARK"),
    (0x11, "RTA_MFC_STATS"),
    (0x12, "RTA_VIA"),
    (0x13, "RTA_NEWDST"),
    (0x14, "RTA_PREF"),
    (0x15, "RTA_ENCAP_TYPE"),
    (0x16, "RTA_ENCAP"),
    (0x17, "RTA_EXPIRES"),
    (0x18, "RTA_PAD"),
    (0x19, "RTA_UID"),
    (0x1a, "RTA_TTL_PROPAGATE"),
    (0x1b, "RTA_IP_PROTO"),
    (0x1c, "RTA_SPORT"),
    (0x1d, "RTA_DPORT"),
    (0x1e, "RTA_NH_ID"),
    (0x1f, "RTA_FLOWLABEL"),
] };

/// Attributes within RTA_METRICS.
#[rustfmt::skip]
pub static METRICS: Names = Names { prefix: "RTAX_???", entries: &[
    (0, "RTAX_UNSPEC"),
    (1, "RTAX_LOCK"),
    (2, "RTAX_MTU"),
    (3, "RTAX_WINDOW"),
    (4, "RTAX_RTT"),
    (5, "RTAX_RTTVAR"),
    (6, "RTAX_SSTHRESH"),
    (7, "RTAX_CWND"),
    (8, "RTAX_ADVMSS"),
    (9, "RTAX_REORDERING"),
    (0xa, "RTAX_HOPLIMIT"),
    (0xb, "RTAX_INITCWND"),
    (0xc, "RTAX_FEATURES"),
    (0xd, "RTAX_RTO_MIN"),
    (0xe, "RTAX_INITRWND"),
    (0xf, "RTAX_QUICKACK"),
    (0x10, "RTAX_CC_ALGO"),
    (0x11, "RTAX_FASTOPEN_NO_COOKIE"),
] };

/// rtm_type.
#[rustfmt::skip]
pub static ROUTE_KINDS: Names = Names { prefix: "RTN_???", entries: &[
    (0, "RTN_UNSPEC"),
    (1, "RTN_UNICAST"),
    (2, "RTN_LOCAL"),
    (3, "RTN_BROADCAST"),
    (4, "RTN_ANYCAST"),
    (5, "RTN_MULTICAST"),
    (6, "RTN_BLACKHOLE"),
    (7, "RTN_UNREACHABLE"),
    (8, "RTN_PROHIBIT"),
    (9, "RTN_THROW"),
    (0xa, "RTN_NAT"),
    (0xb, "RTN_XRESOLVE"),
] };

/// rtm_protocol.
#[rustfmt::skip]
pub static ROUTE_PROTOCOLS: Names = Names { prefix: "RTPROT_???", entries: &[
    (0, "RTPROT_UNSPEC"),
    (1, "RTPROT_REDIRECT"),
    (2, "RTPROT_KERNEL"),
    (3, "RTPROT_BOOT"),
    (4, "RTPROT_STATIC"),
    (8, "RTPROT_GATED"),
    (9, "RTPROT_RA"),
    (0xa, "RTPROT_MRT"),
    (0xb, "RTPROT_ZEBRA"),
    (0xc, "RTPROT_BIRD"),
    (0xd, "RTPROT_DNROUTED"),
    (0xe, "RTPROT_XORP"),
    (0xf, "RTPROT_NTK"),
    (0x10, "RTPROT_DHCP"),
    (0x11, "RTPROT_MROUTED"),
    (0x12, "RTPROT_KEEPALIVED"),
    (0x2a, "RTPROT_BABEL"),
    (0x63, "RTPROT_OPENR"),
    (0xba, "RTPROT_BGP"),
    (0xbb, "RTPROT_ISIS"),
    (0xbc, "RTPROT_OSPF"),
    (0xbd, "RTPROT_RIP"),
    (0xc0, "RTPROT_EIGRP"),
] };

/// rtm_table.
#[rustfmt::skip]
pub static ROUTE_TABLES: Names = Names { prefix: "", entries: &[
    (0, "RT_TABLE_UNSPEC"),
    (0xfc, "RT_TABLE_COMPAT"),
    (0xfd, "RT_TABLE_DEFAULT"),
    (0xfe, "RT_TABLE_MAIN"),
    (0xff, "RT_TABLE_LOCAL"),
] };

/// rtm_flags.
#[rustfmt::skip]
pub static ROUTE_FLAGS: Names = Names { prefix: "RTM_F_???", entries: &[
    (0x100, "RTM_F_NOTIFY"),
    (0x200, "RTM_F_CLONED"),
    (0x400, "RTM_F_EQUALIZE"),
    (0x800, "RTM_F_PREFIX"),
    (0x1000, "RTM_F_LOOKUP_TABLE"),
    (0x2000, "RTM_F_FIB_MATCH"),
    (0x4000, "RTM_F_OFFLOAD"),
    (0x8000, "RTM_F_TRAP"),
    (0x20000000, "RTM_F_OFFLOAD_FAILED"),
] };

/// rtnh_flags.
#[rustfmt::skip]
pub static HOP_FLAGS: Names = Names { prefix: "RTNH_F_???", entries: &[
    (1, "RTNH_F_DEAD"),
    (2, "RTNH_F_PERVASIVE"),
    (4, "RTNH_F_ONLINK"),
    (8, "RTNH_F_OFFLOAD"),
    (0x10, "RTNH_F_LINKDOWN"),
    (0x20, "RTNH_F_UNRESOLVED"),
    (0x40, "RTNH_F_TRAP"),
] };

/// rtm_tos, linux/ip.h.
#[rustfmt::skip]
pub static SERVICES: Names = Names { prefix: "IPTOS_TOS_???", entries: &[
    (0x10, "IPTOS_LOWDELAY"),
    (8, "IPTOS_THROUGHPUT"),
    (4, "IPTOS_RELIABILITY"),
    (2, "IPTOS_MINCOST"),
] };

/// RTA_ENCAP_TYPE, linux/lwtunnel.h.
#[rustfmt::skip]
pub static TUNNELS: Names = Names { prefix: "LWTUNNEL_ENCAP_???", entries: &[
    (0, "LWTUNNEL_ENCAP_NONE"),
    (1, "LWTUNNEL_ENCAP_MPLS"),
    (2, "LWTUNNEL_ENCAP_IP"),
    (3, "LWTUNNEL_ENCAP_ILA"),
    (4, "LWTUNNEL_ENCAP_IP6"),
    (5, "LWTUNNEL_ENCAP_SEG6"),
    (6, "LWTUNNEL_ENCAP_BPF"),
    (7, "LWTUNNEL_ENCAP_SEG6_LOCAL"),
    (8, "LWTUNNEL_ENCAP_RPL"),
    (9, "LWTUNNEL_ENCAP_IOAM6"),
    (0xa, "LWTUNNEL_ENCAP_XFRM"),
] };
