//! Names of what is done to files (asm-generic/fcntl.h, linux/fcntl.h, linux/stat.h and those named at each table).

use crate::value::Names;

/// The access mode of open flags, asm-generic/fcntl.h.
#[rustfmt::skip]
pub static OPEN_ACCESS: Names = Names { prefix: "O_???", entries: &[
    (0, "O_RDONLY"),
    (1, "O_WRONLY"),
    (2, "O_RDWR"),
    (3, "O_ACCMODE"),
] };

/// open flags besides the access mode, asm-generic/fcntl.h.
#[rustfmt::skip]
const OPEN_BITS_X86_64: &[(u64, &str)] = &[
    (0x40, "O_CREAT"),
    (0x80, "O_EXCL"),
    (0x100, "O_NOCTTY"),
    (0x200, "O_TRUNC"),
    (0x400, "O_APPEND"),
    (0x800, "O_NONBLOCK"),
    (0x101000, "O_SYNC"),
    (0x100000, "__O_SYNC"),
    (0x1000, "O_DSYNC"),
    (0x4000, "O_DIRECT"),
    (0x8000, "O_LARGEFILE"),
    (0x20000, "O_NOFOLLOW"),
    (0x40000, "O_NOATIME"),
    (0x80000, "O_CLOEXEC"),
    (0x200000, "O_PATH"),
    (0x410000, "O_TMPFILE"),
    (0x400000, "__O_TMPFILE"),
    (0x10000, "O_DIRECTORY"),
    (0x2000, "FASYNC"),
];

/// open flags behind an access mode.
pub static OPEN_FLAGS_X86_64: Names = Names {
    prefix: "",
    entries: OPEN_BITS_X86_64,
};

/// The flags of dup3 and pipe2.
pub static DESCRIPTOR_FLAGS_X86_64: Names = Names {
    prefix: "O_???",
    entries: OPEN_BITS_X86_64,
};

/// open flags besides the access mode, asm/fcntl.h of arm64.
#[rustfmt::skip]
const OPEN_BITS_AARCH64: &[(u64, &str)] = &[
    (0x40, "O_CREAT"),
    (0x80, "O_EXCL"),
    (0x100, "O_NOCTTY"),
    (0x200, "O_TRUNC"),
    (0x400, "O_APPEND"),
    (0x800, "O_NONBLOCK"),
    (0x101000, "O_SYNC"),
    (0x100000, "__O_SYNC"),
    (0x1000, "O_DSYNC"),
    (0x10000, "O_DIRECT"),
    (0x20000, "O_LARGEFILE"),
    (0x8000, "O_NOFOLLOW"),
    (0x40000, "O_NOATIME"),
    (0x80000, "O_CLOEXEC"),
    (0x200000, "O_PATH"),
    (0x404000, "O_TMPFILE"),
    (0x400000, "__O_TMPFILE"),
    (0x4000, "O_DIRECTORY"),
    (0x2000, "FASYNC"),
];

/// open flags behind an access mode.
pub static OPEN_FLAGS_AARCH64: Names = Names {
    prefix: "",
    entries: OPEN_BITS_AARCH64,
};

/// The flags of dup3 and pipe2.
pub static DESCRIPTOR_FLAGS_AARCH64: Names = Names {
    prefix: "O_???",
    entries: OPEN_BITS_AARCH64,
};

/// open_how.resolve, linux/openat2.h.
#[rustfmt::skip]
pub static RESOLVE_FLAGS: Names = Names { prefix: "RESOLVE_???", entries: &[
    (1, "RESOLVE_NO_XDEV"),
    (2, "RESOLVE_NO_MAGICLINKS"),
    (4, "RESOLVE_NO_SYMLINKS"),
    (8, "RESOLVE_BENEATH"),
    (0x10, "RESOLVE_IN_ROOT"),
    (0x20, "RESOLVE_CACHED"),
] };

/// The type part of st_mode, linux/stat.h.
#[rustfmt::skip]
pub static FILE_TYPES: Names = Names { prefix: "S_IF???", entries: &[
    (0x8000, "S_IFREG"),
    (0xc000, "S_IFSOCK"),
    (0x1000, "S_IFIFO"),
    (0xa000, "S_IFLNK"),
    (0x4000, "S_IFDIR"),
    (0x6000, "S_IFBLK"),
    (0x2000, "S_IFCHR"),
] };

/// The set-id and sticky bits of st_mode, linux/stat.h.
#[rustfmt::skip]
pub static MODE_BITS: Names = Names { prefix: "S_I???", entries: &[
    (0x800, "S_ISUID"),
    (0x400, "S_ISGID"),
    (0x200, "S_ISVTX"),
] };

/// at-call flags, linux/fcntl.h.
#[rustfmt::skip]
const AT_BITS: &[(u64, &str)] = &[
    (0x100, "AT_SYMLINK_NOFOLLOW"),
    (0x200, "AT_REMOVEDIR"),
    (0x400, "AT_SYMLINK_FOLLOW"),
    (0x800, "AT_NO_AUTOMOUNT"),
    (0x1000, "AT_EMPTY_PATH"),
    (0x8000, "AT_RECURSIVE"),
];

/// Flags of calls that take a directory and a path.
pub static AT_FLAGS: Names = Names {
    prefix: "AT_???",
    entries: AT_BITS,
};

/// statx flags behind the sync type.
pub static STATX_FLAGS: Names = Names {
    prefix: "",
    entries: AT_BITS,
};

/// name_to_handle_at flags, linux/fcntl.h.
#[rustfmt::skip]
pub static HANDLE_FLAGS: Names = Names { prefix: "AT_???", entries: &[
    (0x400, "AT_SYMLINK_FOLLOW"),
    (0x1000, "AT_EMPTY_PATH"),
] };

/// mount_setattr flags, linux/fcntl.h.
#[rustfmt::skip]
pub static MOUNT_SETATTR_FLAGS: Names = Names { prefix: "AT_???", entries: &[
    (0x100, "AT_SYMLINK_NOFOLLOW"),
    (0x800, "AT_NO_AUTOMOUNT"),
    (0x1000, "AT_EMPTY_PATH"),
    (0x8000, "AT_RECURSIVE"),
] };

/// The sync type of statx flags, linux/fcntl.h.
#[rustfmt::skip]
pub static AT_STATX_SYNC: Names = Names { prefix: "AT_STATX_???", entries: &[
    (0, "AT_STATX_SYNC_AS_STAT"),
    (0x2000, "AT_STATX_FORCE_SYNC"),
    (0x4000, "AT_STATX_DONT_SYNC"),
    (0x6000, "AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC"),
] };

/// faccessat2 flags, linux/fcntl.h.
#[rustfmt::skip]
pub static FACCESSAT_FLAGS: Names = Names { prefix: "AT_???", entries: &[
    (0x100, "AT_SYMLINK_NOFOLLOW"),
    (0x200, "AT_EACCESS"),
    (0x1000, "AT_EMPTY_PATH"),
] };

/// access mode, unistd.h.
#[rustfmt::skip]
pub static ACCESS_MODES: Names = Names { prefix: "?_OK", entries: &[
    (0, "F_OK"),
    (4, "R_OK"),
    (2, "W_OK"),
    (1, "X_OK"),
] };

/// statx mask, linux/stat.h.
#[rustfmt::skip]
pub static STATX_MASK: Names = Names { prefix: "STATX_???", entries: &[
    (0xfff, "STATX_ALL"),
    (0x7ff, "STATX_BASIC_STATS"),
    (1, "STATX_TYPE"),
    (2, "STATX_MODE"),
    (4, "STATX_NLINK"),
    (8, "STATX_UID"),
    (0x10, "STATX_GID"),
    (0x20, "STATX_ATIME"),
    (0x40, "STATX_MTIME"),
    (0x80, "STATX_CTIME"),
    (0x100, "STATX_INO"),
    (0x200, "STATX_SIZE"),
    (0x400, "STATX_BLOCKS"),
    (0x800, "STATX_BTIME"),
    (0x1000, "STATX_MNT_ID"),
    (0x2000, "STATX_DIOALIGN"),
    (0x4000, "STATX_MNT_ID_UNIQUE"),
    (0x8000, "STATX_SUBVOL"),
    (0x10000, "STATX_WRITE_ATOMIC"),
    (0x20000, "STATX_DIO_READ_ALIGN"),
] };

/// stx_attributes, linux/stat.h.
#[rustfmt::skip]
pub static STATX_ATTRS: Names = Names { prefix: "STATX_ATTR_???", entries: &[
    (4, "STATX_ATTR_COMPRESSED"),
    (0x10, "STATX_ATTR_IMMUTABLE"),
    (0x20, "STATX_ATTR_APPEND"),
    (0x40, "STATX_ATTR_NODUMP"),
    (0x800, "STATX_ATTR_ENCRYPTED"),
    (0x1000, "STATX_ATTR_AUTOMOUNT"),
    (0x2000, "STATX_ATTR_MOUNT_ROOT"),
    (0x100000, "STATX_ATTR_VERITY"),
    (0x200000, "STATX_ATTR_DAX"),
    (0x400000, "STATX_ATTR_WRITE_ATOMIC"),
] };

/// renameat2 flags, linux/fs.h.
#[rustfmt::skip]
pub static RENAME_FLAGS: Names = Names { prefix: "RENAME_??", entries: &[
    (1, "RENAME_NOREPLACE"),
    (2, "RENAME_EXCHANGE"),
    (4, "RENAME_WHITEOUT"),
] };

/// fallocate mode, linux/falloc.h.
#[rustfmt::skip]
pub static FALLOC_FLAGS: Names = Names { prefix: "FALLOC_FL_???", entries: &[
    (1, "FALLOC_FL_KEEP_SIZE"),
    (2, "FALLOC_FL_PUNCH_HOLE"),
    (4, "FALLOC_FL_NO_HIDE_STALE"),
    (8, "FALLOC_FL_COLLAPSE_RANGE"),
    (0x10, "FALLOC_FL_ZERO_RANGE"),
    (0x20, "FALLOC_FL_INSERT_RANGE"),
    (0x40, "FALLOC_FL_UNSHARE_RANGE"),
] };

/// lseek whence, linux/fs.h.
#[rustfmt::skip]
pub static SEEK_WHENCE: Names = Names { prefix: "SEEK_???", entries: &[
    (0, "SEEK_SET"),
    (1, "SEEK_CUR"),
    (2, "SEEK_END"),
    (3, "SEEK_DATA"),
    (4, "SEEK_HOLE"),
] };

/// flock operation, asm-generic/fcntl.h.
#[rustfmt::skip]
pub static FLOCK_OPS: Names = Names { prefix: "LOCK_???", entries: &[
    (1, "LOCK_SH"),
    (2, "LOCK_EX"),
    (4, "LOCK_NB"),
    (8, "LOCK_UN"),
    (0x20, "LOCK_MAND"),
    (0xc0, "LOCK_RW"),
    (0x40, "LOCK_READ"),
    (0x80, "LOCK_WRITE"),
] };

/// fcntl cmd, asm-generic/fcntl.h and linux/fcntl.h.
#[rustfmt::skip]
pub static FCNTL_CMDS: Names = Names { prefix: "F_???", entries: &[
    (0, "F_DUPFD"),
    (1, "F_GETFD"),
    (2, "F_SETFD"),
    (3, "F_GETFL"),
    (4, "F_SETFL"),
    (5, "F_GETLK"),
    (6, "F_SETLK"),
    (7, "F_SETLKW"),
    (8, "F_SETOWN"),
    (9, "F_GETOWN"),
    (0xa, "F_SETSIG"),
    (0xb, "F_GETSIG"),
    (0xc, "F_GETLK64"),
    (0xd, "F_SETLK64"),
    (0xe, "F_SETLKW64"),
    (0xf, "F_SETOWN_EX"),
    (0x10, "F_GETOWN_EX"),
    (0x11, "F_GETOWNER_UIDS"),
    (0x24, "F_OFD_GETLK"),
    (0x25, "F_OFD_SETLK"),
    (0x26, "F_OFD_SETLKW"),
    (0x400, "F_SETLEASE"),
    (0x401, "F_GETLEASE"),
    (0x402, "F_NOTIFY"),
    (0x403, "F_DUPFD_QUERY"),
    (0x404, "F_CREATED_QUERY"),
    (0x405, "F_CANCELLK"),
    (0x406, "F_DUPFD_CLOEXEC"),
    (0x407, "F_SETPIPE_SZ"),
    (0x408, "F_GETPIPE_SZ"),
    (0x409, "F_ADD_SEALS"),
    (0x40a, "F_GET_SEALS"),
] };

/// F_SETFD argument, asm-generic/fcntl.h.
#[rustfmt::skip]
pub static FD_FLAGS: Names = Names { prefix: "FD_???", entries: &[
    (1, "FD_CLOEXEC"),
] };

/// l_type of struct flock and F_SETLEASE, asm-generic/fcntl.h.
#[rustfmt::skip]
pub static LOCK_TYPES: Names = Names { prefix: "F_???", entries: &[
    (0, "F_RDLCK"),
    (1, "F_WRLCK"),
    (2, "F_UNLCK"),
    (4, "F_EXLCK"),
    (8, "F_SHLCK"),
] };

/// F_ADD_SEALS argument, linux/fcntl.h.
#[rustfmt::skip]
pub static SEALS: Names = Names { prefix: "F_SEAL_???", entries: &[
    (1, "F_SEAL_SEAL"),
    (2, "F_SEAL_SHRINK"),
    (4, "F_SEAL_GROW"),
    (8, "F_SEAL_WRITE"),
    (0x10, "F_SEAL_FUTURE_WRITE"),
    (0x20, "F_SEAL_EXEC"),
] };

/// f_owner_ex.type, asm-generic/fcntl.h.
#[rustfmt::skip]
pub static OWNER_TYPES: Names = Names { prefix: "F_OWNER_???", entries: &[
    (0, "F_OWNER_TID"),
    (1, "F_OWNER_PID"),
    (2, "F_OWNER_PGRP"),
] };

/// close_range flags, linux/close_range.h.
#[rustfmt::skip]
pub static CLOSE_RANGE_FLAGS: Names = Names { prefix: "CLOSE_RANGE_???", entries: &[
    (2, "CLOSE_RANGE_UNSHARE"),
    (4, "CLOSE_RANGE_CLOEXEC"),
] };

/// splice, tee and vmsplice flags, linux/splice.h.
#[rustfmt::skip]
pub static SPLICE_FLAGS: Names = Names { prefix: "SPLICE_F_???", entries: &[
    (1, "SPLICE_F_MOVE"),
    (2, "SPLICE_F_NONBLOCK"),
    (4, "SPLICE_F_MORE"),
    (8, "SPLICE_F_GIFT"),
] };

/// preadv2 and pwritev2 flags, linux/fs.h.
#[rustfmt::skip]
pub static RWF_FLAGS: Names = Names { prefix: "RWF_???", entries: &[
    (1, "RWF_HIPRI"),
    (2, "RWF_DSYNC"),
    (4, "RWF_SYNC"),
    (8, "RWF_NOWAIT"),
    (0x10, "RWF_APPEND"),
    (0x20, "RWF_NOAPPEND"),
    (0x40, "RWF_ATOMIC"),
    (0x80, "RWF_DONTCACHE"),
    (0x100, "RWF_NOSIGNAL"),
] };

/// fadvise64 advice, linux/fadvise.h.
#[rustfmt::skip]
pub static FADVICE: Names = Names { prefix: "POSIX_FADV_???", entries: &[
    (0, "POSIX_FADV_NORMAL"),
    (1, "POSIX_FADV_RANDOM"),
    (2, "POSIX_FADV_SEQUENTIAL"),
    (3, "POSIX_FADV_WILLNEED"),
    (4, "POSIX_FADV_DONTNEED"),
    (5, "POSIX_FADV_NOREUSE"),
] };

/// sync_file_range flags, linux/fs.h.
#[rustfmt::skip]
pub static SYNC_RANGE_FLAGS: Names = Names { prefix: "SYNC_FILE_RANGE_???", entries: &[
    (1, "SYNC_FILE_RANGE_WAIT_BEFORE"),
    (2, "SYNC_FILE_RANGE_WRITE"),
    (4, "SYNC_FILE_RANGE_WAIT_AFTER"),
] };

/// f_type of struct statfs, linux/magic.h.
#[rustfmt::skip]
pub static FS_MAGIC: Names = Names { prefix: "???", entries: &[
    (0x21, "SECCOMP_IOC_MAGIC"),
    (0x2f, "QNX4_SUPER_MAGIC"),
    (0x187, "AUTOFS_SUPER_MAGIC"),
    (0x137f, "MINIX_SUPER_MAGIC"),
    (0x1cd1, "DEVPTS_SUPER_MAGIC"),
    (0x2468, "MINIX2_SUPER_MAGIC"),
    (0x3434, "NILFS_SUPER_MAGIC"),
    (0x4d44, "MSDOS_SUPER_MAGIC"),
    (0x4d5a, "MINIX3_SUPER_MAGIC"),
    (0x517b, "SMB_SUPER_MAGIC"),
    (0x564c, "NCP_SUPER_MAGIC"),
    (0x6969, "NFS_SUPER_MAGIC"),
    (0x72b6, "JFFS2_SUPER_MAGIC"),
    (0x9660, "ISOFS_SUPER_MAGIC"),
    (0x9fa0, "PROC_SUPER_MAGIC"),
    (0x9fa1, "OPENPROM_SUPER_MAGIC"),
    (0x9fa2, "USBDEVICE_SUPER_MAGIC"),
    (0xadf5, "ADFS_SUPER_MAGIC"),
    (0xadff, "AFFS_SUPER_MAGIC"),
    (0xef53, "EXT2_SUPER_MAGIC"),
    (0xef53, "EXT3_SUPER_MAGIC"),
    (0xef53, "EXT4_SUPER_MAGIC"),
    (0xf15f, "ECRYPTFS_SUPER_MAGIC"),
    (0x27e0eb, "CGROUP_SUPER_MAGIC"),
    (0x414a53, "EFS_SUPER_MAGIC"),
    (0xc0ffee, "HOSTFS_SUPER_MAGIC"),
    (0xc36400, "CEPH_SUPER_MAGIC"),
    (0x1021994, "TMPFS_MAGIC"),
    (0x1021997, "V9FS_MAGIC"),
    (0x7655821, "RDTGROUP_SUPER_MAGIC"),
    (0x9041934, "ANON_INODE_FS_MAGIC"),
    (0xbad1dea, "FUTEXFS_SUPER_MAGIC"),
    (0x11307854, "MTD_INODE_FS_MAGIC"),
    (0x15013346, "UDF_SUPER_MAGIC"),
    (0x2011bab0, "EXFAT_SUPER_MAGIC"),
    (0x28cd3d45, "CRAMFS_MAGIC"),
    (0x42494e4d, "BINFMTFS_MAGIC"),
    (0x43415d53, "SMACK_MAGIC"),
    (0x444d4142, "DMA_BUF_MAGIC"),
    (0x454d444d, "DEVMEM_MAGIC"),
    (0x50495045, "PIPEFS_MAGIC"),
    (0x52654973, "REISERFS_SUPER_MAGIC"),
    (0x5345434d, "SECRETMEM_MAGIC"),
    (0x5346414f, "AFS_SUPER_MAGIC"),
    (0x534f434b, "SOCKFS_MAGIC"),
    (0x57ac6e9d, "STACK_END_MAGIC"),
    (0x58465342, "XFS_SUPER_MAGIC"),
    (0x5a3c69f0, "AAFS_MAGIC"),
    (0x5a4f4653, "ZONEFS_MAGIC"),
    (0x6165676c, "PSTOREFS_MAGIC"),
    (0x62646576, "BDEVFS_MAGIC"),
    (0x62656572, "SYSFS_MAGIC"),
    (0x63677270, "CGROUP2_SUPER_MAGIC"),
    (0x64626720, "DEBUGFS_MAGIC"),
    (0x64646178, "DAXFS_MAGIC"),
    (0x65735546, "FUSE_SUPER_MAGIC"),
    (0x68191122, "QNX6_SUPER_MAGIC"),
    (0x6b414653, "AFS_FS_MAGIC"),
    (0x6c6f6f70, "BINDERFS_SUPER_MAGIC"),
    (0x6e736673, "NSFS_MAGIC"),
    (0x73636673, "SECURITYFS_MAGIC"),
    (0x73717368, "SQUASHFS_MAGIC"),
    (0x73727279, "BTRFS_TEST_MAGIC"),
    (0x73757245, "CODA_SUPER_MAGIC"),
    (0x7461636f, "OCFS2_SUPER_MAGIC"),
    (0x74726163, "TRACEFS_MAGIC"),
    (0x794c7630, "OVERLAYFS_SUPER_MAGIC"),
    (0x858458f6, "RAMFS_MAGIC"),
    (0x9123683e, "BTRFS_SUPER_MAGIC"),
    (0x958458f6, "HUGETLBFS_MAGIC"),
    (0xabba1974, "XENFS_SUPER_MAGIC"),
    (0xcafe4a11, "BPF_FS_MAGIC"),
    (0xde5e81e4, "EFIVARFS_MAGIC"),
    (0xf2f52010, "F2FS_SUPER_MAGIC"),
    (0xf97cff8c, "SELINUX_MAGIC"),
    (0xf995e849, "HPFS_SUPER_MAGIC"),
    (0xfe534d42, "SMB2_SUPER_MAGIC"),
    (0xff534d42, "CIFS_SUPER_MAGIC"),
] };

/// f_flags of struct statfs, linux/statfs.h.
#[rustfmt::skip]
pub static STATFS_FLAGS: Names = Names { prefix: "ST_???", entries: &[
    (1, "ST_RDONLY"),
    (2, "ST_NOSUID"),
    (4, "ST_NODEV"),
    (8, "ST_NOEXEC"),
    (0x10, "ST_SYNCHRONOUS"),
    (0x20, "ST_VALID"),
    (0x40, "ST_MANDLOCK"),
    (0x400, "ST_NOATIME"),
    (0x800, "ST_NODIRATIME"),
    (0x1000, "ST_RELATIME"),
    (0x2000, "ST_NOSYMFOLLOW"),
] };

/// d_type of struct linux_dirent64, dirent.h.
#[rustfmt::skip]
pub static DIRENT_TYPES: Names = Names { prefix: "DT_???", entries: &[
    (0, "DT_UNKNOWN"),
    (1, "DT_FIFO"),
    (2, "DT_CHR"),
    (4, "DT_DIR"),
    (6, "DT_BLK"),
    (8, "DT_REG"),
    (0xa, "DT_LNK"),
    (0xc, "DT_SOCK"),
    (0xe, "DT_WHT"),
] };

/// F_NOTIFY argument, linux/fcntl.h.
#[rustfmt::skip]
pub static NOTIFY_FLAGS: Names = Names { prefix: "DN_???", entries: &[
    (1, "DN_ACCESS"),
    (2, "DN_MODIFY"),
    (4, "DN_CREATE"),
    (8, "DN_DELETE"),
    (0x10, "DN_RENAME"),
    (0x20, "DN_ATTRIB"),
    (0x80000000, "DN_MULTISHOT"),
] };

/// setxattr flags, linux/xattr.h.
#[rustfmt::skip]
pub static XATTR_FLAGS: Names = Names { prefix: "XATTR_???", entries: &[
    (1, "XATTR_CREATE"),
    (2, "XATTR_REPLACE"),
] };

/// mount flags, linux/mount.h and linux/fs.h.
#[rustfmt::skip]
pub static MOUNT_FLAGS: Names = Names { prefix: "MS_???", entries: &[
    (1, "MS_RDONLY"),
    (2, "MS_NOSUID"),
    (4, "MS_NODEV"),
    (8, "MS_NOEXEC"),
    (0x10, "MS_SYNCHRONOUS"),
    (0x20, "MS_REMOUNT"),
    (0x40, "MS_MANDLOCK"),
    (0x80, "MS_DIRSYNC"),
    (0x100, "MS_NOSYMFOLLOW"),
    (0x400, "MS_NOATIME"),
    (0x800, "MS_NODIRATIME"),
    (0x1000, "MS_BIND"),
    (0x2000, "MS_MOVE"),
    (0x4000, "MS_REC"),
    (0x8000, "MS_SILENT"),
    (0x10000, "MS_POSIXACL"),
    (0x20000, "MS_UNBINDABLE"),
    (0x40000, "MS_PRIVATE"),
    (0x80000, "MS_SLAVE"),
    (0x100000, "MS_SHARED"),
    (0x200000, "MS_RELATIME"),
    (0x400000, "MS_KERNMOUNT"),
    (0x800000, "MS_I_VERSION"),
    (0x1000000, "MS_STRICTATIME"),
    (0x2000000, "MS_LAZYTIME"),
    (0x4000000, "MS_SUBMOUNT"),
    (0x8000000, "MS_NOREMOTELOCK"),
    (0x10000000, "MS_NOSEC"),
    (0x20000000, "MS_BORN"),
    (0x40000000, "MS_ACTIVE"),
    (0x80000000, "MS_NOUSER"),
] };

/// umount2 flags, linux/fs.h (kernel).
#[rustfmt::skip]
pub static UMOUNT_FLAGS: Names = Names { prefix: "MNT_???", entries: &[
    (1, "MNT_FORCE"),
    (2, "MNT_DETACH"),
    (4, "MNT_EXPIRE"),
    (8, "UMOUNT_NOFOLLOW"),
] };

/// swapon flags, linux/swap.h (kernel), sys/swap.h.
#[rustfmt::skip]
pub static SWAP_FLAGS: Names = Names { prefix: "SWAP_FLAG_???", entries: &[
    (0x8000, "SWAP_FLAG_PREFER"),
    (0x10000, "SWAP_FLAG_DISCARD"),
    (0x20000, "SWAP_FLAG_DISCARD_ONCE"),
    (0x40000, "SWAP_FLAG_DISCARD_PAGES"),
] };

/// fsopen flags, linux/mount.h.
#[rustfmt::skip]
pub static FSOPEN_FLAGS: Names = Names { prefix: "FSOPEN_???", entries: &[
    (1, "FSOPEN_CLOEXEC"),
] };

/// fspick flags, linux/mount.h.
#[rustfmt::skip]
pub static FSPICK_FLAGS: Names = Names { prefix: "FSPICK_???", entries: &[
    (1, "FSPICK_CLOEXEC"),
    (2, "FSPICK_SYMLINK_NOFOLLOW"),
    (4, "FSPICK_NO_AUTOMOUNT"),
    (8, "FSPICK_EMPTY_PATH"),
] };

/// fsmount flags, linux/mount.h.
#[rustfmt::skip]
pub static FSMOUNT_FLAGS: Names = Names { prefix: "FSMOUNT_???", entries: &[
    (1, "FSMOUNT_CLOEXEC"),
] };

/// fsmount attributes besides the access time, linux/mount.h.
#[rustfmt::skip]
pub static MOUNT_ATTRS: Names = Names { prefix: "MOUNT_ATTR_???", entries: &[
    (1, "MOUNT_ATTR_RDONLY"),
    (2, "MOUNT_ATTR_NOSUID"),
    (4, "MOUNT_ATTR_NODEV"),
    (8, "MOUNT_ATTR_NOEXEC"),
    (0x10, "MOUNT_ATTR_NOATIME"),
    (0x20, "MOUNT_ATTR_STRICTATIME"),
    (0x80, "MOUNT_ATTR_NODIRATIME"),
    (0x100000, "MOUNT_ATTR_IDMAP"),
    (0x200000, "MOUNT_ATTR_NOSYMFOLLOW"),
] };

/// The attributes that strace knows of fsmount, linux/mount.h.
#[rustfmt::skip]
pub static FSMOUNT_ATTRS: Names = Names { prefix: "MOUNT_ATTR_???", entries: &[
    (1, "MOUNT_ATTR_RDONLY"),
    (2, "MOUNT_ATTR_NOSUID"),
    (4, "MOUNT_ATTR_NODEV"),
    (8, "MOUNT_ATTR_NOEXEC"),
    (0x10, "MOUNT_ATTR_NOATIME"),
    (0x20, "MOUNT_ATTR_STRICTATIME"),
    (0x80, "MOUNT_ATTR_NODIRATIME"),
] };

/// How mounts propagate, linux/mount.h.
#[rustfmt::skip]
pub static PROPAGATION: Names = Names { prefix: "MS_???", entries: &[
    (0x20000, "MS_UNBINDABLE"),
    (0x40000, "MS_PRIVATE"),
    (0x80000, "MS_SLAVE"),
    (0x100000, "MS_SHARED"),
] };

/// What old programs put before mount's flags, linux/fs.h.
#[rustfmt::skip]
pub static MOUNT_MAGIC: Names = Names { prefix: "MS_???", entries: &[
    (0xc0ed0000, "MS_MGC_VAL"),
] };

/// move_mount flags, linux/mount.h.
#[rustfmt::skip]
pub static MOVE_MOUNT_FLAGS: Names = Names { prefix: "MOVE_MOUNT_???", entries: &[
    (1, "MOVE_MOUNT_F_SYMLINKS"),
    (2, "MOVE_MOUNT_F_AUTOMOUNTS"),
    (4, "MOVE_MOUNT_F_EMPTY_PATH"),
    (0x10, "MOVE_MOUNT_T_SYMLINKS"),
    (0x20, "MOVE_MOUNT_T_AUTOMOUNTS"),
    (0x40, "MOVE_MOUNT_T_EMPTY_PATH"),
    (0x100, "MOVE_MOUNT_SET_GROUP"),
    (0x200, "MOVE_MOUNT_BENEATH"),
] };

/// open_tree flags, linux/mount.h and linux/fcntl.h.
#[rustfmt::skip]
pub static OPEN_TREE_FLAGS: Names = Names { prefix: "OPEN_TREE_???", entries: &[
    (1, "OPEN_TREE_CLONE"),
    (0x80000, "OPEN_TREE_CLOEXEC"),
    (0x100, "AT_SYMLINK_NOFOLLOW"),
    (0x200, "AT_REMOVEDIR"),
    (0x400, "AT_SYMLINK_FOLLOW"),
    (0x800, "AT_NO_AUTOMOUNT"),
    (0x1000, "AT_EMPTY_PATH"),
    (0x8000, "AT_RECURSIVE"),
] };

/// fsconfig cmd, linux/mount.h.
#[rustfmt::skip]
pub static FSCONFIG_CMDS: Names = Names { prefix: "FSCONFIG_???", entries: &[
    (0, "FSCONFIG_SET_FLAG"),
    (1, "FSCONFIG_SET_STRING"),
    (2, "FSCONFIG_SET_BINARY"),
    (3, "FSCONFIG_SET_PATH"),
    (4, "FSCONFIG_SET_PATH_EMPTY"),
    (5, "FSCONFIG_SET_FD"),
    (6, "FSCONFIG_CMD_CREATE"),
    (7, "FSCONFIG_CMD_RECONFIGURE"),
    (8, "FSCONFIG_CMD_CREATE_EXCL"),
] };

/// quotactl commands, linux/quota.h, linux/dqblk_xfs.h.
#[rustfmt::skip]
pub static QUOTA_COMMANDS: Names = Names { prefix: "Q_???", entries: &[
    (0x800001, "Q_SYNC"),
    (0x800002, "Q_QUOTAON"),
    (0x800003, "Q_QUOTAOFF"),
    (0x800004, "Q_GETFMT"),
    (0x800005, "Q_GETINFO"),
    (0x800006, "Q_SETINFO"),
    (0x800007, "Q_GETQUOTA"),
    (0x800008, "Q_SETQUOTA"),
    (0x800009, "Q_GETNEXTQUOTA"),
    (0x5801, "Q_XQUOTAON"),
    (0x5802, "Q_XQUOTAOFF"),
    (0x5803, "Q_XGETQUOTA"),
    (0x5804, "Q_XSETQLIM"),
    (0x5805, "Q_XGETQSTAT"),
    (0x5806, "Q_XQUOTARM"),
    (0x5807, "Q_XQUOTASYNC"),
    (0x5808, "Q_XGETQSTATV"),
    (0x5809, "Q_XGETNEXTQUOTA"),
] };

/// Whose quota it is, linux/quota.h.
#[rustfmt::skip]
pub static QUOTA_TYPES: Names = Names { prefix: "???QUOTA", entries: &[
    (0, "USRQUOTA"),
    (1, "GRPQUOTA"),
    (2, "PRJQUOTA"),
] };

/// Formats of quota files, linux/quota.h.
#[rustfmt::skip]
pub static QUOTA_FORMATS: Names = Names { prefix: "QFMT_VFS_???", entries: &[
    (1, "QFMT_VFS_OLD"),
    (2, "QFMT_VFS_V0"),
    (3, "QFMT_OCFS2"),
    (4, "QFMT_VFS_V1"),
] };

/// if_dqblk.dqb_valid, linux/quota.h.
#[rustfmt::skip]
pub static QUOTA_VALID: Names = Names { prefix: "QIF_???", entries: &[
    (1, "QIF_BLIMITS"),
    (2, "QIF_SPACE"),
    (4, "QIF_ILIMITS"),
    (8, "QIF_INODES"),
    (0x10, "QIF_BTIME"),
    (0x20, "QIF_ITIME"),
] };

/// if_dqinfo.dqi_flags, linux/quota.h.
#[rustfmt::skip]
pub static QUOTA_INFO_FLAGS: Names = Names { prefix: "DQF_???", entries: &[
    (1, "DQF_ROOT_SQUASH"),
    (0x10000, "DQF_SYS_FILE"),
] };

/// if_dqinfo.dqi_valid, linux/quota.h.
#[rustfmt::skip]
pub static QUOTA_INFO_VALID: Names = Names { prefix: "IIF_???", entries: &[
    (7, "IIF_ALL"),
    (1, "IIF_BGRACE"),
    (2, "IIF_IGRACE"),
    (4, "IIF_FLAGS"),
] };

/// What Q_XQUOTAON switches on, linux/dqblk_xfs.h.
#[rustfmt::skip]
pub static XFS_QUOTA_FLAGS: Names = Names { prefix: "FS_QUOTA_???", entries: &[
    (1, "FS_QUOTA_UDQ_ACCT"),
    (2, "FS_QUOTA_UDQ_ENFD"),
    (4, "FS_QUOTA_GDQ_ACCT"),
    (8, "FS_QUOTA_GDQ_ENFD"),
    (0x10, "FS_QUOTA_PDQ_ACCT"),
    (0x20, "FS_QUOTA_PDQ_ENFD"),
] };

/// Whose quota files Q_XQUOTARM removes, linux/dqblk_xfs.h.
#[rustfmt::skip]
pub static XFS_QUOTA_TYPES: Names = Names { prefix: "FS_???_QUOTA", entries: &[
    (1, "FS_USER_QUOTA"),
    (2, "FS_PROJ_QUOTA"),
    (4, "FS_GROUP_QUOTA"),
] };
