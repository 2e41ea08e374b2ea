#include "edge.h"
#include <sys/quota.h>
#include <linux/quota.h>
int main(void) {
    begin();
    char *device = TAIL_STRING("/dev/bogus");
    static const unsigned commands[] = {Q_SYNC, Q_QUOTAON, Q_QUOTAOFF, Q_GETFMT, Q_GETINFO, Q_GETQUOTA, 0x800009, 0x5801, 0x5802, 0x5805, 0x5806, 0x5807, 0x5808, 0, 0xbadc0d};
    for (unsigned i = 0; i < COUNT(commands); i++) CALL(SYS_quotactl, QCMD(commands[i], i), device, i, BAD), CALL(SYS_quotactl, QCMD(commands[i], 0), NULL, -1, NULL), CALL(SYS_quotactl_fd, -1, QCMD(commands[i], 1), i, BAD);
    struct if_dqblk limits = {1, 2, 3, 4, 5, 6, 7, 8, 0x3f};
    struct if_dqinfo info = {9, 10, 0xffffffff, 5};
    unsigned flags = 0x7f;
    CALL(SYS_quotactl, QCMD(Q_SETQUOTA, USRQUOTA), device, 1000, TAIL(limits)), CALL(SYS_quotactl, QCMD(Q_SETQUOTA, 2), BAD, -1, (char *)TAIL(limits) + 8), CALL(SYS_quotactl, QCMD(Q_SETINFO, GRPQUOTA), device, 0, TAIL(info)), CALL(SYS_quotactl, QCMD(Q_SETINFO, 0), device, 0, NULL);
    CALL(SYS_quotactl, QCMD(0x5801, 0), device, 0, TAIL(flags)), CALL(SYS_quotactl, QCMD(0x5806, 0), device, 0, TAIL(flags)), CALL(SYS_quotactl, QCMD(Q_QUOTAON, 0), device, 4, "/tmp/bogus"), CALL(SYS_quotactl, QCMD(Q_QUOTAON, 0), device, 99, NULL), CALL(SYS_quotactl_fd, WIDE(-3), QCMD(Q_SETQUOTA, 1), 7, TAIL(limits));
}
