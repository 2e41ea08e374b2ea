#include "edge.h"
#include <linux/fs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <termios.h>
int main(void) {
    begin();
    for (unsigned code = 0x5400; code < 0x5470; code++) CALL(SYS_ioctl, -1, code, 0), CALL(SYS_ioctl, -1, code, BAD);
    for (unsigned code = 0x8900; code < 0x89a0; code++) CALL(SYS_ioctl, -1, code, 0xdeadbeef);
    for (unsigned code = 0x1250; code < 0x1290; code++) CALL(SYS_ioctl, -1, code, 0xdeadbeef);
    static const unsigned codes[] = {0x7b9, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FIFREEZE, FITHAW, FICLONE, FIBMAP, BLKGETSIZE64, BLKBSZGET, 0xdeadbeef, 0, 0x80045430, 0x5413, 0x40046601, 0x7b01, 0xb701, 0xb702, 0xb703, 0xb704, 0x2400, 0x2401, 0x80082407};
    for (unsigned i = 0; i < COUNT(codes); i++) CALL(SYS_ioctl, WIDE(-1), codes[i], 0xbadc0dedfacefeed), CALL(SYS_ioctl, -1, WIDE(codes[i]), NULL);
    int ends[2], s = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
    pipe(ends), write(ends[1], "abc", 3);
    CALL(SYS_ioctl, ends[0], FIONREAD, ROOM(int)), CALL(SYS_ioctl, ends[0], FIONREAD, BAD), CALL(SYS_ioctl, ends[0], FIONBIO, TAIL(one)), CALL(SYS_ioctl, ends[0], FIOCLEX), CALL(SYS_ioctl, ends[0], FIONCLEX, 5), CALL(SYS_ioctl, ends[0], FIOASYNC, TAIL(one)), CALL(SYS_ioctl, ends[0], TCGETS, ROOM(struct termios)), CALL(SYS_ioctl, ends[0], TIOCGWINSZ, ROOM(struct winsize));
    struct termios t = {ICRNL | IXON | BRKINT, OPOST | ONLCR, B38400 | CS8 | CREAD | HUPCL, ISIG | ICANON | ECHO | ECHOE | IEXTEN, 0, {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26}};
    for (unsigned bit = 0; bit < 29; bit++) t.c_iflag = t.c_oflag = t.c_cflag = t.c_lflag = 1u << bit, CALL(SYS_ioctl, -1, TCSETS, TAIL(t));
    t.c_oflag = t.c_lflag = t.c_iflag = -1, CALL(SYS_ioctl, -1, TCSETS, TAIL(t));
    CALL(SYS_ioctl, -1, TCSETS, TAIL(t)), CALL(SYS_ioctl, -1, TCSETSW, BAD);
    struct winsize w = {24, 80, 1, 2};
    CALL(SYS_ioctl, -1, TIOCSWINSZ, TAIL(w)), CALL(SYS_ioctl, -1, TIOCSPGRP, TAIL(one)), CALL(SYS_ioctl, -1, TIOCSCTTY, 1), CALL(SYS_ioctl, -1, TCSBRK, 1), CALL(SYS_ioctl, -1, TCFLSH, TCIOFLUSH), CALL(SYS_ioctl, -1, TCXONC, TCOON), CALL(SYS_ioctl, -1, TIOCSTI, "x"), CALL(SYS_ioctl, -1, TIOCMSET, TAIL(one));
    struct ifreq lo = {"lo"}, none = {"nonexistent"};
    CALL(SYS_ioctl, s, SIOCGIFINDEX, TAIL(lo)), CALL(SYS_ioctl, s, SIOCGIFFLAGS, TAIL(lo)), CALL(SYS_ioctl, s, SIOCGIFADDR, TAIL(lo)), CALL(SYS_ioctl, s, SIOCGIFMTU, TAIL(lo)), CALL(SYS_ioctl, s, SIOCGIFINDEX, TAIL(none)), CALL(SYS_ioctl, s, SIOCGIFINDEX, BAD), CALL(SYS_ioctl, s, SIOCGIFNETMASK, TAIL(lo)), CALL(SYS_ioctl, s, SIOCGIFMETRIC, TAIL(lo)), CALL(SYS_ioctl, s, SIOCGIFTXQLEN, TAIL(lo)), lo.ifr_ifindex = 1, CALL(SYS_ioctl, s, SIOCGIFNAME, TAIL(lo)), CALL(SYS_ioctl, -1, SIOCSIFFLAGS, TAIL(lo)), CALL(SYS_ioctl, -1, SIOCSIFMTU, TAIL(lo));
    struct ifconf conf = {0, {NULL}};
    CALL(SYS_ioctl, s, SIOCGIFCONF, BAD), CALL(SYS_ioctl, s, SIOCATMARK, ROOM(int)), CALL(SYS_ioctl, s, SIOCINQ, ROOM(int)), CALL(SYS_ioctl, s, SIOCOUTQ, ROOM(int));
    long n = 5;
    CALL(SYS_ioctl, -1, FS_IOC_SETFLAGS, TAIL(n)), CALL(SYS_ioctl, -1, BLKROSET, TAIL(one)), CALL(SYS_ioctl, -1, FICLONE, ends[0]), CALL(SYS_ioctl, -1, BLKFLSBUF, 0), CALL(SYS_ioctl, -1, 0x125d, BAD);
}
