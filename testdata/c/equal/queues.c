#include "edge.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void) {
    begin();
    static const int flags[] = {0, 0600, IPC_CREAT | 0644, IPC_CREAT | IPC_EXCL, IPC_NOWAIT, 0xffffffff, 0xfff, 07000};
    for (unsigned i = 0; i < COUNT(flags); i++) CALL(SYS_semget, 0x1234567, -1, flags[i]), CALL(SYS_msgget, 0xbadc0ded, flags[i] & ~IPC_CREAT), CALL(SYS_shmget, 0xfacefeed, i, flags[i] & ~IPC_CREAT), CALL(SYS_shmget, 0x1, 0xffffffffffffffff, flags[i] | 12 << 26 | SHM_HUGETLB);
    for (int cmd = -1; cmd < 22; cmd++) CALL(SYS_semctl, -1, -2, cmd, BAD), CALL(SYS_msgctl, -1, cmd, BAD), CALL(SYS_shmctl, -1, cmd, BAD), CALL(SYS_msgctl, -1, cmd | 0x100, NULL);
    struct sembuf ops[3] = {{1, 2, SEM_UNDO | IPC_NOWAIT}, {0xffff, -32768, 0xffff}, {0, 0, 0}};
    struct timespec zero = {0, 0}, odd = {-1, -1};
    CALL(SYS_semop, -1, TAIL(ops), 3), CALL(SYS_semop, -1, TAIL(ops), 4), CALL(SYS_semop, WIDE(-1), BAD, WIDE(-1)), CALL(SYS_semop, -1, NULL, 0), CALL(SYS_semtimedop, -1, TAIL(ops), 2, TAIL(odd)), CALL(SYS_semtimedop, -1, NULL, 1, BAD), CALL(SYS_semtimedop, -1, (char *)TAIL(ops) + 3, 3, TAIL(zero));
    struct { long type; char text[12]; } m = {0x1122334455667788, "message \1\2"};
    CALL(SYS_msgsnd, -1, TAIL(m), 12, IPC_NOWAIT), CALL(SYS_msgsnd, -1, BAD, 5, 0xffffffff), CALL(SYS_msgsnd, -1, NULL, -1L, 0), CALL(SYS_msgsnd, -1, TAIL(m), 13, 0), CALL(SYS_msgrcv, -1, BAD, 5, -2, 0xffffffff), CALL(SYS_msgrcv, -1, NULL, -1L, 0xdeadbeefbadc0ded, MSG_NOERROR | MSG_COPY | MSG_EXCEPT);
    CALL(SYS_shmat, -1, BAD, 0xffffffff), CALL(SYS_shmat, WIDE(-1), NULL, SHM_RDONLY | SHM_RND), CALL(SYS_shmdt, NULL), CALL(SYS_shmdt, BAD);
    struct mq_attr attr = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 2, .mq_msgsize = 30, .mq_curmsgs = -1}, odda = {.mq_flags = 0xffff, .mq_maxmsg = -1};
    CALL(SYS_mq_open, NULL, O_CREAT, 0xffff, TAIL(odda)), CALL(SYS_mq_open, "/bad", O_RDONLY | O_NONBLOCK), CALL(SYS_mq_open, BAD, O_CREAT | O_EXCL | O_RDWR, 0700, BAD);
    int mq = CALL(SYS_mq_open, "gostrace-test", O_CREAT | O_RDWR | O_NONBLOCK, 0600, TAIL(attr));
    CALL(SYS_mq_getsetattr, mq, NULL, ROOM(struct mq_attr)), CALL(SYS_mq_getsetattr, -1, TAIL(odda), NULL), CALL(SYS_mq_getsetattr, mq, BAD, BAD), CALL(SYS_mq_getsetattr, mq, TAIL(attr), ROOM(struct mq_attr));
    CALL(SYS_mq_timedsend, mq, TAIL("hello\1"), 7, 5, TAIL(zero)), CALL(SYS_mq_timedsend, mq, BAD, 5, WIDE(-1), TAIL(odd)), CALL(SYS_mq_timedsend, -1, NULL, -1L, 0, NULL), CALL(SYS_mq_timedreceive, mq, ROOM(char[30]), 30, ROOM(int), TAIL(zero)), CALL(SYS_mq_timedreceive, mq, ROOM(char[30]), 30, BAD, NULL), CALL(SYS_mq_timedreceive, -1, NULL, -1L, NULL, BAD);
    sigevent_t ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_ptr = BAD};
    CALL(SYS_mq_notify, mq, TAIL(ev)), CALL(SYS_mq_notify, -1, NULL), CALL(SYS_mq_notify, mq, BAD), CALL(SYS_mq_unlink, "gostrace-test"), CALL(SYS_mq_unlink, NULL);
}
