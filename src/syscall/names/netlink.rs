//! Names of netlink messages (linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h).

use crate::value::Names;

/// nlmsg_type below those of the families, linux/netlink.h.
#[rustfmt::skip]
pub static NLMSG_TYPES: Names = Names { prefix: "NLMSG_???", entries: &[
    (1, "NLMSG_NOOP"),
    (2, "NLMSG_ERROR"),
    (3, "NLMSG_DONE"),
    (4, "NLMSG_OVERRUN"),
] };

/// nlmsg_type of NETLINK_ROUTE, linux/rtnetlink.h.
#[rustfmt::skip]
pub static ROUTE_TYPES: Names = Names { prefix: "RTM_???", entries: &[
    (0x10, "RTM_NEWLINK"),
    (0x11, "RTM_DELLINK"),
    (0x12, "RTM_GETLINK"),
    (0x13, "RTM_SETLINK"),
    (0x14, "RTM_NEWADDR"),
    (0x15, "RTM_DELADDR"),
    (0x16, "RTM_GETADDR"),
    (0x18, "RTM_NEWROUTE"),
    (0x19, "RTM_DELROUTE"),
    (0x1a, "RTM_GETROUTE"),
    (0x1c, "RTM_NEWNEIGH"),
    (0x1d, "RTM_DELNEIGH"),
    (0x1e, "RTM_GETNEIGH"),
    (0x20, "RTM_NEWRULE"),
    (0x21, "RTM_DELRULE"),
    (0x22, "RTM_GETRULE"),
    (0x24, "RTM_NEWQDISC"),
    (0x25, "RTM_DELQDISC"),
    (0x26, "RTM_GETQDISC"),
    (0x28, "RTM_NEWTCLASS"),
    (0x29, "RTM_DELTCLASS"),
    (0x2a, "RTM_GETTCLASS"),
    (0x2c, "RTM_NEWTFILTER"),
    (0x2d, "RTM_DELTFILTER"),
    (0x2e, "RTM_GETTFILTER"),
    (0x30, "RTM_NEWACTION"),
    (0x31, "RTM_DELACTION"),
    (0x32, "RTM_GETACTION"),
    (0x34, "RTM_NEWPREFIX"),
    (0x3a, "RTM_GETMULTICAST"),
    (0x3e, "RTM_GETANYCAST"),
    (0x40, "RTM_NEWNEIGHTBL"),
    (0x42, "RTM_GETNEIGHTBL"),
    (0x43, "RTM_SETNEIGHTBL"),
    (0x44, "RTM_NEWNDUSEROPT"),
    (0x48, "RTM_NEWADDRLABEL"),
    (0x49, "RTM_DELADDRLABEL"),
    (0x4a, "RTM_GETADDRLABEL"),
    (0x4e, "RTM_GETDCB"),
    (0x4f, "RTM_SETDCB"),
    (0x50, "RTM_NEWNETCONF"),
    (0x51, "RTM_DELNETCONF"),
    (0x52, "RTM_GETNETCONF"),
    (0x54, "RTM_NEWMDB"),
    (0x55, "RTM_DELMDB"),
    (0x56, "RTM_GETMDB"),
    (0x58, "RTM_NEWNSID"),
    (0x59, "RTM_DELNSID"),
    (0x5a, "RTM_GETNSID"),
    (0x5c, "RTM_NEWSTATS"),
    (0x5e, "RTM_GETSTATS"),
    (0x60, "RTM_NEWCACHEREPORT"),
    (0x64, "RTM_NEWCHAIN"),
    (0x65, "RTM_DELCHAIN"),
    (0x66, "RTM_GETCHAIN"),
    (0x68, "RTM_NEWNEXTHOP"),
    (0x69, "RTM_DELNEXTHOP"),
    (0x6a, "RTM_GETNEXTHOP"),
    (0x6c, "RTM_NEWLINKPROP"),
    (0x6d, "RTM_DELLINKPROP"),
    (0x6e, "RTM_GETLINKPROP"),
    (0x70, "RTM_NEWVLAN"),
    (0x71, "RTM_DELVLAN"),
    (0x72, "RTM_GETVLAN"),
    (0x74, "RTM_NEWNEXTHOPBUCKET"),
    (0x75, "RTM_DELNEXTHOPBUCKET"),
    (0x76, "RTM_GETNEXTHOPBUCKET"),
] };

/// nlmsg_flags of any message, linux/netlink.h.
#[rustfmt::skip]
pub static NLM_FLAGS: Names = Names { prefix: "NLM_F_???", entries: &[
    (1, "NLM_F_REQUEST"),
    (2, "NLM_F_MULTI"),
    (4, "NLM_F_ACK"),
    (8, "NLM_F_ECHO"),
    (0x10, "NLM_F_DUMP_INTR"),
    (0x20, "NLM_F_DUMP_FILTERED"),
] };

/// nlmsg_flags of requests to read, linux/netlink.h.
#[rustfmt::skip]
pub static GET_FLAGS: Names = Names { prefix: "NLM_F_???", entries: &[
    (0x300, "NLM_F_DUMP"),
    (0x100, "NLM_F_ROOT"),
    (0x200, "NLM_F_MATCH"),
    (0x400, "NLM_F_ATOMIC"),
] };

/// nlmsg_flags of requests to make, linux/netlink.h.
#[rustfmt::skip]
pub static NEW_FLAGS: Names = Names { prefix: "NLM_F_???", entries: &[
    (0x100, "NLM_F_REPLACE"),
    (0x200, "NLM_F_EXCL"),
    (0x400, "NLM_F_CREATE"),
    (0x800, "NLM_F_APPEND"),
] };

/// nlmsg_flags of requests to delete, linux/netlink.h.
#[rustfmt::skip]
pub static DELETE_FLAGS: Names = Names { prefix: "NLM_F_???", entries: &[
    (0x100, "NLM_F_NONREC"),
    (0x200, "NLM_F_BULK"),
] };

/// nlmsg_flags of answers, linux/netlink.h.
#[rustfmt::skip]
pub static ACK_FLAGS: Names = Names { prefix: "NLM_F_???", entries: &[
    (0x100, "NLM_F_CAPPED"),
    (0x200, "NLM_F_ACK_TLVS"),
] };

/// Flags in nla_type, linux/netlink.h.
#[rustfmt::skip]
pub static ATTRIBUTE_FLAGS: Names = Names { prefix: "NLA_F_???", entries: &[
    (0x8000, "NLA_F_NESTED"),
    (0x4000, "NLA_F_NET_BYTEORDER"),
] };

/// ifa_flags, linux/if_addr.h.
#[rustfmt::skip]
pub static ADDRESS_FLAGS: Names = Names { prefix: "IFA_F_???", entries: &[
    (1, "IFA_F_SECONDARY"),
    (2, "IFA_F_NODAD"),
    (4, "IFA_F_OPTIMISTIC"),
    (8, "IFA_F_DADFAILED"),
    (0x10, "IFA_F_HOMEADDRESS"),
    (0x20, "IFA_F_DEPRECATED"),
    (0x40, "IFA_F_TENTATIVE"),
    (0x80, "IFA_F_PERMANENT"),
    (0x100, "IFA_F_MANAGETEMPADDR"),
    (0x200, "IFA_F_NOPREFIXROUTE"),
    (0x400, "IFA_F_MCAUTOJOIN"),
    (0x800, "IFA_F_STABLE_PRIVACY"),
] };

/// ifa_scope, linux/rtnetlink.h.
#[rustfmt::skip]
pub static SCOPES: Names = Names { prefix: "", entries: &[
    (0, "RT_SCOPE_UNIVERSE"),
    (0xc8, "RT_SCOPE_SITE"),
    (0xfd, "RT_SCOPE_LINK"),
    (0xfe, "RT_SCOPE_HOST"),
    (0xff, "RT_SCOPE_NOWHERE"),
] };

/// Attributes of an address, linux/if_addr.h.
#[rustfmt::skip]
pub static ADDRESS_ATTRIBUTES: Names = Names { prefix: "IFA_???", entries: &[
    (0, "IFA_UNSPEC"),
    (1, "IFA_ADDRESS"),
    (2, "IFA_LOCAL"),
    (3, "IFA_LABEL"),
    (4, "IFA_BROADCAST"),
    (5, "IFA_ANYCAST"),
    (6, "IFA_CACHEINFO"),
    (7, "IFA_MULTICAST"),
    (8, "IFA_FLAGS"),
    (9, "IFA_RT_PRIORITY"),
    (0xa, "IFA_TARGET_NETNSID"),
    (0xb, "IFA_PROTO"),
] };

/// IFA_PROTO, linux/if_addr.h.
#[rustfmt::skip]
pub static ADDRESS_PROTOCOLS: Names = Names { prefix: "IFAPROT_???", entries: &[
    (0, "IFAPROT_UNSPEC"),
    (1, "IFAPROT_KERNEL_LO"),
    (2, "IFAPROT_KERNEL_RA"),
    (3, "IFAPROT_KERNEL_LL"),
] };

/// Attributes of a link, linux/if_link.h.
#[rustfmt::skip]
pub static LINK_ATTRIBUTES: Names = Names { prefix: "IFLA_???", entries: &[
    (0, "IFLA_UNSPEC"),
    (1, "IFLA_ADDRESS"),
    (2, "IFLA_BROADCAST"),
    (3, "IFLA_IFNAME"),
    (4, "IFLA_MTU"),
    (5, "IFLA_LINK"),
    (6, "IFLA_QDISC"),
    (7, "IFLA_STATS"),
    (8, "IFLA_COST"),
    (9, "IFLA_PRIORITY"),
    (0xa, "IFLA_MASTER"),
    (0xb, "IFLA_WIRELESS"),
    (0xc, "IFLA_PROTINFO"),
    (0xd, "IFLA_TXQLEN"),
    (0xe, "IFLA_MAP"),
    (0xf, "IFLA_WEIGHT"),
    (0x10, "IFLA_OPERSTATE"),
    (0x11, "IFLA_LINKMODE"),
    (0x12, "IFLA_LINKINFO"),
    (0x13, "IFLA_NET_NS_PID"),
    (0x14, "IFLA_IFALIAS"),
    (0x15, "IFLA_NUM_VF"),
    (0x16, "IFLA_VFINFO_LIST"),
    (0x17, "IFLA_STATS64"),
    (0x18, "IFLA_VF_PORTS"),
    (0x19, "IFLA_PORT_SELF"),
    (0x1a, "IFLA_AF_SPEC"),
    (0x1b, "IFLA_GROUP"),
    (0x1c, "IFLA_NET_NS_FD"),
    (0x1d, "IFLA_EXT_MASK"),
    (0x1e, "IFLA_PROMISCUITY"),
    (0x1f, "IFLA_NUM_TX_QUEUES"),
    (0x20, "IFLA_NUM_RX_QUEUES"),
    (0x21, "IFLA_CARRIER"),
    (0x22, "IFLA_PHYS_PORT_ID"),
    (0x23, "IFLA_CARRIER_CHANGES"),
    (0x24, "IFLA_PHYS_SWITCH_ID"),
    (0x25, "IFLA_LINK_NETNSID"),
    (0x26, "IFLA_PHYS_PORT_NAME"),
    (0x27, "IFLA_PROTO_DOWN"),
    (0x28, "IFLA_GSO_MAX_SEGS"),
    (0x29, "IFLA_GSO_MAX_SIZE"),
    (0x2a, "IFLA_PAD"),
    (0x2b, "IFLA_XDP"),
    (0x2c, "IFLA_EVENT"),
    (0x2d, "IFLA_NEW_NETNSID"),
    (0x2e, "IFLA_TARGET_NETNSID"),
    (0x2f, "IFLA_CARRIER_UP_COUNT"),
    (0x30, "IFLA_CARRIER_DOWN_COUNT"),
    (0x31, "IFLA_NEW_IFINDEX"),
    (0x32, "IFLA_MIN_MTU"),
    (0x33, "IFLA_MAX_MTU"),
    (0x34, "IFLA_PROP_LIST"),
    (0x35, "IFLA_ALT_IFNAME"),
    (0x36, "IFLA_PERM_ADDRESS"),
    (0x37, "IFLA_PROTO_DOWN_REASON"),
    (0x38, "IFLA_PARENT_DEV_NAME"),
    (0x39, "IFLA_PARENT_DEV_BUS_NAME"),
    (0x3a, "IFLA_GRO_MAX_SIZE"),
    (0x3b, "IFLA_TSO_MAX_SIZE"),
    (0x3c, "IFLA_TSO_MAX_SEGS"),
    (0x3d, "IFLA_ALLMULTI"),
    (0x3e, "IFLA_DEVLINK_PORT"),
    (0x3f, "IFLA_GSO_IPV4_MAX_SIZE"),
    (0x40, "IFLA_GRO_IPV4_MAX_SIZE"),
    (0x41, "IFLA_DPLL_PIN"),
    (0x42, "IFLA_MAX_PACING_OFFLOAD_HORIZON"),
    (0x43, "IFLA_NETNS_IMMUTABLE"),
    (0x44, "IFLA_HEADROOM"),
    (0x45, "IFLA_TAILROOM"),
] };

/// Attributes in IFLA_XDP, linux/if_link.h.
#[rustfmt::skip]
pub static XDP_ATTRIBUTES: Names = Names { prefix: "IFLA_XDP_???", entries: &[
    (0, "IFLA_XDP_UNSPEC"),
    (1, "IFLA_XDP_FD"),
    (2, "IFLA_XDP_ATTACHED"),
    (3, "IFLA_XDP_FLAGS"),
    (4, "IFLA_XDP_PROG_ID"),
    (5, "IFLA_XDP_DRV_PROG_ID"),
    (6, "IFLA_XDP_SKB_PROG_ID"),
    (7, "IFLA_XDP_HW_PROG_ID"),
    (8, "IFLA_XDP_EXPECTED_FD"),
] };

/// IFLA_XDP_ATTACHED, linux/if_link.h.
#[rustfmt::skip]
pub static XDP_MODES: Names = Names { prefix: "XDP_ATTACHED_???", entries: &[
    (0, "XDP_ATTACHED_NONE"),
    (1, "XDP_ATTACHED_DRV"),
    (2, "XDP_ATTACHED_SKB"),
    (3, "XDP_ATTACHED_HW"),
    (4, "XDP_ATTACHED_MULTI"),
] };

/// The fields of struct rtnl_link_stats and rtnl_link_stats64, linux/if_link.h.
#[rustfmt::skip]
pub const LINK_COUNTS: [&str; 25] = [
    "rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped",
    "tx_dropped", "multicast", "collisions", "rx_length_errors", "rx_over_errors", "rx_crc_errors",
    "rx_frame_errors", "rx_fifo_errors", "rx_missed_errors", "tx_aborted_errors",
    "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors", "tx_window_errors",
    "rx_compressed", "tx_compressed", "rx_nohandler", "rx_otherhost_dropped",
];
