// System V objects: what their control calls are given and give back. The ids of real ones differ from
// run to run, so only what the kernel says of all of them is asked for.
#include "edge.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void) {
    begin();
    struct msqid_ds queue = {.msg_perm = {.uid = 1, .gid = -1, .mode = 07777}, .msg_qbytes = -3};
    struct semid_ds set = {.sem_perm = {.uid = -1, .gid = 7, .mode = 0100}};
    struct shmid_ds segment = {.shm_perm = {.uid = 1000, .gid = 1000, .mode = 0}};
    for (int cmd = -1; cmd < 22; cmd++) {
        CALL(SYS_msgctl, -1, cmd, BAD), CALL(SYS_msgctl, WIDE(-2), WIDE(cmd), NULL);
        CALL(SYS_semctl, -1, 3, cmd, BAD), CALL(SYS_semctl, -2, WIDE(-1), cmd | 0x100, NULL);
        CALL(SYS_shmctl, -1, cmd, BAD), CALL(SYS_shmctl, -2, cmd | 0x40000000, 3);
    }
    CALL(SYS_msgctl, -1, IPC_SET, TAIL(queue)), CALL(SYS_msgctl, -1, IPC_SET, (char *)TAIL(queue) + 1);
    CALL(SYS_semctl, -1, 0, IPC_SET, TAIL(set)), CALL(SYS_semctl, -1, 0, IPC_SET, (char *)TAIL(set) + 8);
    CALL(SYS_shmctl, -1, IPC_SET, TAIL(segment)), CALL(SYS_shmctl, -1, IPC_SET, (char *)TAIL(segment) + 8);
    CALL(SYS_msgctl, 0, IPC_INFO, ROOM(struct msginfo)), CALL(SYS_msgctl, 0, IPC_INFO, ROOM(char[8]));
    CALL(SYS_semctl, 0, 0, IPC_INFO, ROOM(struct seminfo)), CALL(SYS_shmctl, 0, IPC_INFO, ROOM(char[72]));
    for (int flags = 1; flags; flags <<= 1) CALL(SYS_shmget, 1, 0, flags & ~IPC_CREAT), flags < 0x1000 && flags > 0 ? CALL(SYS_semget, 1, 0, flags & ~IPC_CREAT), CALL(SYS_msgget, 1, flags & ~IPC_CREAT) : 0;
    CALL(SYS_shmget, WIDE(-1), -1L, 0x54000000 | SHM_HUGETLB | 0644), CALL(SYS_shmget, 2, 1, 0xffffffff & ~IPC_CREAT);
    CALL(SYS_semget, IPC_PRIVATE, -1, 0), CALL(SYS_shmget, IPC_PRIVATE, 0, 0600 | IPC_CREAT | IPC_EXCL);
    CALL(SYS_shmat, -1, NULL, SHM_RDONLY | SHM_RND | 0x1000000), CALL(SYS_shmat, -1, BAD, WIDE(SHM_REMAP | SHM_EXEC)), CALL(SYS_shmdt, BAD), CALL(SYS_shmdt, NULL);
}
