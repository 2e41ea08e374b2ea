#include "edge.h"
#include <linux/aio_abi.h>
#include <sys/uio.h>
int main(void) {
    begin();
    int zero = open("/dev/zero", O_RDONLY);
    aio_context_t *context = ROOM(aio_context_t);
    CALL(SYS_io_setup, WIDE(0xdeadbeef), NULL), CALL(SYS_io_setup, 2, BAD), CALL(SYS_io_setup, 4, context);
    char *room = ROOM(char[64]), *text = TAIL_STRING("text");
    struct iovec vectors[] = {{room, 10}, {room + 10, 20}}, texts[] = {{text, 5}, {NULL, 0}};
    struct iocb blocks[] = {
        {.aio_data = 1, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = zero, .aio_buf = (uintptr_t)room, .aio_nbytes = 16},
        {.aio_data = 0xdeadbeefbadc0dedUL, .aio_lio_opcode = IOCB_CMD_PREADV, .aio_fildes = zero, .aio_reqprio = -7, .aio_buf = (uintptr_t)TAIL(vectors), .aio_nbytes = 2, .aio_offset = 9},
    };
    struct iocb odd[] = {
        {.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = -1, .aio_buf = (uintptr_t)text, .aio_nbytes = 5, .aio_offset = -1},
        {.aio_lio_opcode = IOCB_CMD_PWRITEV, .aio_fildes = -1, .aio_buf = (uintptr_t)TAIL(texts), .aio_nbytes = 2},
        {.aio_lio_opcode = IOCB_CMD_PWRITEV, .aio_fildes = -1, .aio_nbytes = 7},
        {.aio_lio_opcode = IOCB_CMD_FSYNC, .aio_fildes = -1}, {.aio_lio_opcode = 0xf00d, .aio_fildes = -42, .aio_key = 3},
        {.aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = -1, .aio_flags = IOCB_FLAG_RESFD | IOCB_FLAG_IOPRIO, .aio_resfd = -5, .aio_reqprio = 0x4003},
    };
    struct iocb *two[] = {&blocks[0], &blocks[1]};
    CALL(SYS_io_submit, 0xface1e55deadbeefUL, 0xca7faceddeadf00dUL, NULL), CALL(SYS_io_submit, *context, 2, BAD), CALL(SYS_io_submit, *context, -1L, TAIL(two)), CALL(SYS_io_submit, *context, 0, TAIL(two)), CALL(SYS_io_submit, *context, 2, TAIL(two));
    for (unsigned i = 0; i < COUNT(odd); i++) CALL(SYS_io_submit, *context, 1, TAIL(((struct iocb *[]){TAIL(odd[i])})));
    struct iocb *end[] = {BAD, NULL, (void *)-1L};
    CALL(SYS_io_submit, *context, 4, TAIL(end));
    struct timespec soon = {0, 1000000};
    struct io_event *events = ROOM(struct io_event[4]);
    CALL(SYS_io_getevents, *context, 2, 3, events, TAIL(soon)), CALL(SYS_io_getevents, *context, 0, 1, events, NULL), CALL(SYS_io_getevents, 7, -1L, -2L, BAD, BAD), CALL(SYS_io_getevents, *context, 1, 1, events, TAIL(soon));
    struct { void *set; size_t size; } mask = {ROOM(sigset_t), 8}, bad = {BAD, 9};
    CALL(SYS_io_pgetevents, *context, 0, 1, events, TAIL(soon), TAIL(mask)), CALL(SYS_io_pgetevents, *context, 0, 1, NULL, NULL, TAIL(bad)), CALL(SYS_io_pgetevents, 1, 2, 3, BAD, BAD, BAD);
    CALL(SYS_io_cancel, 5, NULL, NULL), CALL(SYS_io_cancel, *context, &blocks[0], events), CALL(SYS_io_cancel, *context, TAIL(odd[4]), BAD), CALL(SYS_io_destroy, 0xdeadbeefUL), CALL(SYS_io_destroy, *context);
}
