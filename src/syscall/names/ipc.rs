//! Names of System V and POSIX inter-process communication, and io_uring.

use crate::value::Names;

/// semop sem_flg and msgget flags, linux/ipc.h.
#[rustfmt::skip]
pub static IPC_FLAGS: Names = Names { prefix: "IPC_???", entries: &[
    (0x200, "IPC_CREAT"),
    (0x400, "IPC_EXCL"),
    (0x800, "IPC_NOWAIT"),
] };

/// sembuf.sem_flg, linux/sem.h.
#[rustfmt::skip]
pub static SEM_FLAGS: Names = Names { prefix: "SEM_???", entries: &[
    (0x1000, "SEM_UNDO"),
    (0x800, "IPC_NOWAIT"),
] };

/// msgrcv and msgsnd flags, linux/msg.h.
#[rustfmt::skip]
pub static MSG_IPC_FLAGS: Names = Names { prefix: "MSG_???", entries: &[
    (0x1000, "MSG_NOERROR"),
    (0x2000, "MSG_EXCEPT"),
    (0x4000, "MSG_COPY"),
    (0x800, "IPC_NOWAIT"),
] };

/// shmat flags, linux/shm.h.
#[rustfmt::skip]
pub static SHM_FLAGS: Names = Names { prefix: "SHM_???", entries: &[
    (0x1000, "SHM_RDONLY"),
    (0x2000, "SHM_RND"),
    (0x4000, "SHM_REMAP"),
    (0x8000, "SHM_EXEC"),
] };

/// getrandom flags, linux/random.h.
#[rustfmt::skip]
pub static RANDOM_FLAGS: Names = Names { prefix: "GRND_???", entries: &[
    (1, "GRND_NONBLOCK"),
    (2, "GRND_RANDOM"),
    (4, "GRND_INSECURE"),
] };

/// io_uring_params.flags, linux/io_uring.h.
#[rustfmt::skip]
pub static URING_SETUP_FLAGS: Names = Names { prefix: "IORING_SETUP_???", entries: &[
    (1, "IORING_SETUP_IOPOLL"),
    (2, "IORING_SETUP_SQPOLL"),
    (4, "IORING_SETUP_SQ_AFF"),
    (8, "IORING_SETUP_CQSIZE"),
    (0x10, "IORING_SETUP_CLAMP"),
    (0x20, "IORING_SETUP_ATTACH_WQ"),
    (0x40, "IORING_SETUP_R_DISABLED"),
    (0x80, "IORING_SETUP_SUBMIT_ALL"),
    (0x100, "IORING_SETUP_COOP_TASKRUN"),
    (0x200, "IORING_SETUP_TASKRUN_FLAG"),
    (0x400, "IORING_SETUP_SQE128"),
    (0x800, "IORING_SETUP_CQE32"),
    (0x1000, "IORING_SETUP_SINGLE_ISSUER"),
    (0x2000, "IORING_SETUP_DEFER_TASKRUN"),
] };

/// io_uring_params.features, linux/io_uring.h.
#[rustfmt::skip]
pub static URING_FEATURES: Names = Names { prefix: "IORING_FEAT_???", entries: &[
    (1, "IORING_FEAT_SINGLE_MMAP"),
    (2, "IORING_FEAT_NODROP"),
    (4, "IORING_FEAT_SUBMIT_STABLE"),
    (8, "IORING_FEAT_RW_CUR_POS"),
    (0x10, "IORING_FEAT_CUR_PERSONALITY"),
    (0x20, "IORING_FEAT_FAST_POLL"),
    (0x40, "IORING_FEAT_POLL_32BITS"),
    (0x80, "IORING_FEAT_SQPOLL_NONFIXED"),
    (0x100, "IORING_FEAT_EXT_ARG"),
    (0x200, "IORING_FEAT_NATIVE_WORKERS"),
    (0x400, "IORING_FEAT_RSRC_TAGS"),
    (0x800, "IORING_FEAT_CQE_SKIP"),
    (0x1000, "IORING_FEAT_LINKED_FILE"),
] };

/// io_uring_enter flags, linux/io_uring.h.
#[rustfmt::skip]
pub static URING_ENTER_FLAGS: Names = Names { prefix: "IORING_ENTER_???", entries: &[
    (1, "IORING_ENTER_GETEVENTS"),
    (2, "IORING_ENTER_SQ_WAKEUP"),
    (4, "IORING_ENTER_SQ_WAIT"),
    (8, "IORING_ENTER_EXT_ARG"),
    (0x10, "IORING_ENTER_REGISTERED_RING"),
] };

/// io_uring_register opcode, linux/io_uring.h.
#[rustfmt::skip]
pub static URING_REGISTER_OPS: Names = Names { prefix: "IORING_REGISTER_???", entries: &[
    (0, "IORING_REGISTER_BUFFERS"),
    (1, "IORING_UNREGISTER_BUFFERS"),
    (2, "IORING_REGISTER_FILES"),
    (3, "IORING_UNREGISTER_FILES"),
    (4, "IORING_REGISTER_EVENTFD"),
    (5, "IORING_UNREGISTER_EVENTFD"),
    (6, "IORING_REGISTER_FILES_UPDATE"),
    (7, "IORING_REGISTER_EVENTFD_ASYNC"),
    (8, "IORING_REGISTER_PROBE"),
    (9, "IORING_REGISTER_PERSONALITY"),
    (0xa, "IORING_UNREGISTER_PERSONALITY"),
    (0xb, "IORING_REGISTER_RESTRICTIONS"),
    (0xc, "IORING_REGISTER_ENABLE_RINGS"),
    (0xd, "IORING_REGISTER_FILES2"),
    (0xe, "IORING_REGISTER_FILES_UPDATE2"),
    (0xf, "IORING_REGISTER_BUFFERS2"),
    (0x10, "IORING_REGISTER_BUFFERS_UPDATE"),
    (0x11, "IORING_REGISTER_IOWQ_AFF"),
    (0x12, "IORING_UNREGISTER_IOWQ_AFF"),
    (0x13, "IORING_REGISTER_IOWQ_MAX_WORKERS"),
    (0x14, "IORING_REGISTER_RING_FDS"),
    (0x15, "IORING_UNREGISTER_RING_FDS"),
    (0x16, "IORING_REGISTER_PBUF_RING"),
    (0x17, "IORING_UNREGISTER_PBUF_RING"),
    (0x18, "IORING_REGISTER_SYNC_CANCEL"),
    (0x19, "IORING_REGISTER_FILE_ALLOC_RANGE"),
] };

/// semget key, linux/ipc.h.
#[rustfmt::skip]
pub static IPC_KEYS: Names = Names { prefix: "", entries: &[
    (0, "IPC_PRIVATE"),
] };

/// shmget flags, linux/shm.h.
#[rustfmt::skip]
pub static SHMGET_FLAGS: Names = Names { prefix: "", entries: &[
    (0x200, "IPC_CREAT"),
    (0x400, "IPC_EXCL"),
    (0x800, "SHM_HUGETLB"),
    (0x1000, "SHM_NORESERVE"),
] };

/// semctl cmd, linux/sem.h.
#[rustfmt::skip]
pub static SEM_CONTROLS: Names = Names { prefix: "SEM_???", entries: &[
    (0, "IPC_RMID"),
    (1, "IPC_SET"),
    (2, "IPC_STAT"),
    (3, "IPC_INFO"),
    (0xb, "GETPID"),
    (0xc, "GETVAL"),
    (0xd, "GETALL"),
    (0xe, "GETNCNT"),
    (0xf, "GETZCNT"),
    (0x10, "SETVAL"),
    (0x11, "SETALL"),
    (0x12, "SEM_STAT"),
    (0x13, "SEM_INFO"),
    (0x14, "SEM_STAT_ANY"),
] };

/// msgctl cmd, linux/msg.h.
#[rustfmt::skip]
pub static MSG_CONTROLS: Names = Names { prefix: "MSG_???", entries: &[
    (0, "IPC_RMID"),
    (1, "IPC_SET"),
    (2, "IPC_STAT"),
    (3, "IPC_INFO"),
    (0xb, "MSG_STAT"),
    (0xc, "MSG_INFO"),
    (0xd, "MSG_STAT_ANY"),
] };

/// shmctl cmd, linux/shm.h.
#[rustfmt::skip]
pub static SHM_CONTROLS: Names = Names { prefix: "SHM_???", entries: &[
    (0, "IPC_RMID"),
    (1, "IPC_SET"),
    (2, "IPC_STAT"),
    (3, "IPC_INFO"),
    (0xb, "SHM_LOCK"),
    (0xc, "SHM_UNLOCK"),
    (0xd, "SHM_STAT"),
    (0xe, "SHM_INFO"),
    (0xf, "SHM_STAT_ANY"),
] };

/// mq_attr.mq_flags, asm-generic/fcntl.h.
#[rustfmt::skip]
pub static MQ_FLAGS: Names = Names { prefix: "O_???", entries: &[
    (0x800, "O_NONBLOCK"),
] };

/// aio_lio_opcode, linux/aio_abi.h.
#[rustfmt::skip]
pub static IOCB_COMMANDS: Names = Names { prefix: "IOCB_CMD_???", entries: &[
    (0, "IOCB_CMD_PREAD"),
    (1, "IOCB_CMD_PWRITE"),
    (2, "IOCB_CMD_FSYNC"),
    (3, "IOCB_CMD_FDSYNC"),
    (5, "IOCB_CMD_POLL"),
    (6, "IOCB_CMD_NOOP"),
    (7, "IOCB_CMD_PREADV"),
    (8, "IOCB_CMD_PWRITEV"),
] };

/// aio_flags, linux/aio_abi.h.
#[rustfmt::skip]
pub static IOCB_FLAGS: Names = Names { prefix: "IOCB_FLAG_???", entries: &[
    (1, "IOCB_FLAG_RESFD"),
    (2, "IOCB_FLAG_IOPRIO"),
] };
