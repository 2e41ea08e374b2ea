//! Names of terminals, interfaces and inode flags.

use crate::value::Names;

/// TCXONC's argument, asm-generic/termbits-common.h.
#[rustfmt::skip]
pub static TCXONC: Names = Names { prefix: "TC???", entries: &[
    (0, "TCOOFF"),
    (1, "TCOON"),
    (2, "TCIOFF"),
    (3, "TCION"),
] };

/// TCFLSH's argument, asm-generic/termbits-common.h.
#[rustfmt::skip]
pub static TCFLSH: Names = Names { prefix: "TC???", entries: &[
    (0, "TCIFLUSH"),
    (1, "TCOFLUSH"),
    (2, "TCIOFLUSH"),
] };

/// c_iflag, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_IFLAGS: Names = Names { prefix: "", entries: &[
    (1, "IGNBRK"),
    (2, "BRKINT"),
    (4, "IGNPAR"),
    (8, "PARMRK"),
    (0x10, "INPCK"),
    (0x20, "ISTRIP"),
    (0x40, "INLCR"),
    (0x80, "IGNCR"),
    (0x100, "ICRNL"),
    (0x200, "IUCLC"),
    (0x400, "IXON"),
    (0x800, "IXANY"),
    (0x1000, "IXOFF"),
    (0x2000, "IMAXBEL"),
    (0x4000, "IUTF8"),
] };

/// c_oflag besides the delays, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_OFLAGS: Names = Names { prefix: "", entries: &[
    (1, "OPOST"),
    (2, "OLCUC"),
    (4, "ONLCR"),
    (8, "OCRNL"),
    (0x10, "ONOCR"),
    (0x20, "ONLRET"),
    (0x40, "OFILL"),
    (0x80, "OFDEL"),
] };

/// Delays after a new line, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_NL: Names = Names { prefix: "", entries: &[
    (0, "NL0"),
    (0x100, "NL1"),
] };

/// Delays after a carriage return, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_CR: Names = Names { prefix: "", entries: &[
    (0, "CR0"),
    (0x200, "CR1"),
    (0x400, "CR2"),
    (0x600, "CR3"),
] };

/// Delays after a tab, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_TAB: Names = Names { prefix: "", entries: &[
    (0, "TAB0"),
    (0x800, "TAB1"),
    (0x1000, "TAB2"),
    (0x1800, "XTABS"),
] };

/// Delays after a backspace, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_BS: Names = Names { prefix: "", entries: &[
    (0, "BS0"),
    (0x2000, "BS1"),
] };

/// Delays after a vertical tab, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_VT: Names = Names { prefix: "", entries: &[
    (0, "VT0"),
    (0x4000, "VT1"),
] };

/// Delays after a form feed, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_FF: Names = Names { prefix: "", entries: &[
    (0, "FF0"),
    (0x8000, "FF1"),
] };

/// The speed in c_cflag, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_SPEEDS: Names = Names { prefix: "", entries: &[
    (0, "B0"),
    (1, "B50"),
    (2, "B75"),
    (3, "B110"),
    (4, "B134"),
    (5, "B150"),
    (6, "B200"),
    (7, "B300"),
    (8, "B600"),
    (9, "B1200"),
    (0xa, "B1800"),
    (0xb, "B2400"),
    (0xc, "B4800"),
    (0xd, "B9600"),
    (0xe, "B19200"),
    (0xf, "B38400"),
    (0x1000, "BOTHER"),
    (0x1001, "B57600"),
    (0x1002, "B115200"),
    (0x1003, "B230400"),
    (0x1004, "B460800"),
    (0x1005, "B500000"),
    (0x1006, "B576000"),
    (0x1007, "B921600"),
    (0x1008, "B1000000"),
    (0x1009, "B1152000"),
    (0x100a, "B1500000"),
    (0x100b, "B2000000"),
    (0x100c, "B2500000"),
    (0x100d, "B3000000"),
    (0x100e, "B3500000"),
    (0x100f, "B4000000"),
] };

/// The size of a character in c_cflag, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_SIZES: Names = Names { prefix: "", entries: &[
    (0, "CS5"),
    (0x10, "CS6"),
    (0x20, "CS7"),
    (0x30, "CS8"),
] };

/// c_cflag besides those, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_CFLAGS: Names = Names { prefix: "", entries: &[
    (0x40, "CSTOPB"),
    (0x80, "CREAD"),
    (0x100, "PARENB"),
    (0x200, "PARODD"),
    (0x400, "HUPCL"),
    (0x800, "CLOCAL"),
    (0x40000000, "CMSPAR"),
    (0x80000000, "CRTSCTS"),
] };

/// c_lflag, asm-generic/termbits.h.
#[rustfmt::skip]
pub static TERMIOS_LFLAGS: Names = Names { prefix: "", entries: &[
    (1, "ISIG"),
    (2, "ICANON"),
    (4, "XCASE"),
    (8, "ECHO"),
    (0x10, "ECHOE"),
    (0x20, "ECHOK"),
    (0x40, "ECHONL"),
    (0x80, "NOFLSH"),
    (0x8000, "IEXTEN"),
    (0x200, "ECHOCTL"),
    (0x400, "ECHOPRT"),
    (0x800, "ECHOKE"),
    (0x1000, "FLUSHO"),
    (0x4000, "PENDIN"),
    (0x100, "TOSTOP"),
    (0x10000, "EXTPROC"),
] };

/// c_line, linux/tty.h.
#[rustfmt::skip]
pub static TERMIOS_LINES: Names = Names { prefix: "N_???", entries: &[
    (0, "N_TTY"),
    (1, "N_SLIP"),
    (2, "N_MOUSE"),
    (3, "N_PPP"),
    (4, "N_STRIP"),
    (5, "N_AX25"),
    (6, "N_X25"),
    (7, "N_6PACK"),
    (8, "N_MASC"),
    (9, "N_R3964"),
    (0xa, "N_PROFIBUS_FDL"),
    (0xb, "N_IRDA"),
    (0xc, "N_SMSBLOCK"),
    (0xd, "N_HDLC"),
    (0xe, "N_SYNC_PPP"),
    (0xf, "N_HCI"),
] };

/// TIOCMGET, asm-generic/termios.h.
#[rustfmt::skip]
pub static MODEM_LINES: Names = Names { prefix: "TIOCM_???", entries: &[
    (1, "TIOCM_LE"),
    (2, "TIOCM_DTR"),
    (4, "TIOCM_RTS"),
    (8, "TIOCM_ST"),
    (0x10, "TIOCM_SR"),
    (0x20, "TIOCM_CTS"),
    (0x40, "TIOCM_CAR"),
    (0x80, "TIOCM_RNG"),
    (0x100, "TIOCM_DSR"),
    (0x2000, "TIOCM_OUT1"),
    (0x4000, "TIOCM_OUT2"),
    (0x8000, "TIOCM_LOOP"),
] };

/// FS_IOC_GETFLAGS, linux/fs.h.
#[rustfmt::skip]
pub static INODE_FLAGS: Names = Names { prefix: "FS_???_FL", entries: &[
    (1, "FS_SECRM_FL"),
    (2, "FS_UNRM_FL"),
    (4, "FS_COMPR_FL"),
    (8, "FS_SYNC_FL"),
    (0x10, "FS_IMMUTABLE_FL"),
    (0x20, "FS_APPEND_FL"),
    (0x40, "FS_NODUMP_FL"),
    (0x80, "FS_NOATIME_FL"),
    (0x100, "FS_DIRTY_FL"),
    (0x200, "FS_COMPRBLK_FL"),
    (0x400, "FS_NOCOMP_FL"),
    (0x800, "FS_ENCRYPT_FL"),
    (0x1000, "FS_INDEX_FL"),
    (0x2000, "FS_IMAGIC_FL"),
    (0x4000, "FS_JOURNAL_DATA_FL"),
    (0x8000, "FS_NOTAIL_FL"),
    (0x10000, "FS_DIRSYNC_FL"),
    (0x20000, "FS_TOPDIR_FL"),
    (0x40000, "FS_HUGE_FILE_FL"),
    (0x80000, "FS_EXTENT_FL"),
    (0x100000, "FS_VERITY_FL"),
    (0x200000, "FS_EA_INODE_FL"),
    (0x400000, "FS_EOFBLOCKS_FL"),
    (0x800000, "FS_NOCOW_FL"),
    (0x2000000, "FS_DAX_FL"),
    (0x10000000, "FS_INLINE_DATA_FL"),
    (0x20000000, "FS_PROJINHERIT_FL"),
    (0x40000000, "FS_CASEFOLD_FL"),
    (0x80000000, "FS_RESERVED_FL"),
] };

/// FS_IOC_FSSETXATTR, linux/fs.h.
#[rustfmt::skip]
pub static EXTENDED_FLAGS: Names = Names { prefix: "FS_XFLAG_???", entries: &[
    (1, "FS_XFLAG_REALTIME"),
    (2, "FS_XFLAG_PREALLOC"),
    (8, "FS_XFLAG_IMMUTABLE"),
    (0x10, "FS_XFLAG_APPEND"),
    (0x20, "FS_XFLAG_SYNC"),
    (0x40, "FS_XFLAG_NOATIME"),
    (0x80, "FS_XFLAG_NODUMP"),
    (0x100, "FS_XFLAG_RTINHERIT"),
    (0x200, "FS_XFLAG_PROJINHERIT"),
    (0x400, "FS_XFLAG_NOSYMLINKS"),
    (0x800, "FS_XFLAG_EXTSIZE"),
    (0x1000, "FS_XFLAG_EXTSZINHERIT"),
    (0x2000, "FS_XFLAG_NODEFRAG"),
    (0x4000, "FS_XFLAG_FILESTREAM"),
    (0x8000, "FS_XFLAG_DAX"),
    (0x10000, "FS_XFLAG_COWEXTSIZE"),
    (0x80000000, "FS_XFLAG_HASATTR"),
] };

/// BLKPG's operations, linux/blkpg.h.
#[rustfmt::skip]
pub static PARTITION_COMMANDS: Names = Names { prefix: "BLKPG_???", entries: &[
    (1, "BLKPG_ADD_PARTITION"),
    (2, "BLKPG_DEL_PARTITION"),
    (3, "BLKPG_RESIZE_PARTITION"),
] };

/// The places of c_cc, asm-generic/termbits.h.
#[rustfmt::skip]
pub static CONTROL_CHARACTERS: [&str; 19] = [
    "[VINTR]", "[VQUIT]", "[VERASE]", "[VKILL]", "[VEOF]", "[VTIME]", "[VMIN]", "[VSWTC]",
    "[VSTART]", "[VSTOP]", "[VSUSP]", "[VEOL]", "[VREPRINT]", "[VDISCARD]",
    "[VWERASE]", "[VLNEXT]", "[VEOL2]", "[17]", "[18]",
];

/// ifr_flags and ifi_flags, linux/if.h.
#[rustfmt::skip]
pub static INTERFACE_FLAGS: Names = Names { prefix: "IFF_???", entries: &[
    (1, "IFF_UP"),
    (2, "IFF_BROADCAST"),
    (4, "IFF_DEBUG"),
    (8, "IFF_LOOPBACK"),
    (0x10, "IFF_POINTOPOINT"),
    (0x20, "IFF_NOTRAILERS"),
    (0x40, "IFF_RUNNING"),
    (0x80, "IFF_NOARP"),
    (0x100, "IFF_PROMISC"),
    (0x200, "IFF_ALLMULTI"),
    (0x400, "IFF_MASTER"),
    (0x800, "IFF_SLAVE"),
    (0x1000, "IFF_MULTICAST"),
    (0x2000, "IFF_PORTSEL"),
    (0x4000, "IFF_AUTOMEDIA"),
    (0x8000, "IFF_DYNAMIC"),
    (0x10000, "IFF_LOWER_UP"),
    (0x20000, "IFF_DORMANT"),
    (0x40000, "IFF_ECHO"),
] };

/// PERF_EVENT_IOC_ENABLE's argument, linux/perf_event.h.
#[rustfmt::skip]
pub static PERF_FLAGS: Names = Names { prefix: "PERF_IOC_FLAG_???", entries: &[
    (1, "PERF_IOC_FLAG_GROUP"),
] };
