#include "edge.h"
#include <asm/termbits.h>
#include <linux/blkpg.h>
#include <linux/blktrace_api.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <asm/ioctls.h>
#include <sys/ioctl.h>
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
    for (unsigned code = 0x8900; code < 0x89a4; code++) CALL(SYS_ioctl, -1, code, NULL);
    for (unsigned code = 0x1250; code < 0x1290; code++) CALL(SYS_ioctl, -1, code, NULL);
    static const unsigned plain[] = {RTC_AIE_ON, RTC_AIE_OFF, RTC_UIE_ON, RTC_UIE_OFF, RTC_PIE_ON, RTC_PIE_OFF, RTC_WIE_ON, RTC_WIE_OFF, RTC_IRQP_SET, RTC_EPOCH_SET, LOOP_CLR_FD, LOOP_SET_FD, LOOP_CHANGE_FD, LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO, LOOP_SET_BLOCK_SIZE, LOOP_CTL_ADD, LOOP_CTL_REMOVE, LOOP_CTL_GET_FREE, RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG, 0x40044900, PERF_EVENT_IOC_REFRESH, PERF_EVENT_IOC_SET_OUTPUT, PERF_EVENT_IOC_SET_BPF, PERF_EVENT_IOC_PAUSE_OUTPUT};
    for (unsigned i = 0; i < COUNT(plain); i++) CALL(SYS_ioctl, -1, plain[i], 0xbadc0dedfacefeed);
    struct termios2 speeds = {IGNCR | ICRNL | 0x83828000, OPOST | NL1 | TAB3 | OFDEL, B600 | B1800 << IBSHIFT | CS5 | CRTSCTS, ISIG | XCASE | ECHO | NOFLSH | IEXTEN | ECHOPRT | ECHOKE | FLUSHO | PENDIN | TOSTOP | EXTPROC, 11, {1, 2, 3, 0, 255}, 57600, 75};
    CALL(SYS_ioctl, -1, TCSETS2, TAIL(speeds)), CALL(SYS_ioctl, -1, TCSETSF2, BAD), CALL(SYS_ioctl, -1, TCSETSW2, NULL), CALL(SYS_ioctl, -1, TCGETS2, ROOM(struct termios2)), CALL(SYS_ioctl, -1, TIOCSLCKTRMIOS, TAIL(t));
    struct termio old = {ICRNL, OPOST | CR1, B9600 | CS7 | CREAD, ICANON | TOSTOP, 0, {3, 28}};
    CALL(SYS_ioctl, -1, TCSETA, TAIL(old)), CALL(SYS_ioctl, -1, TCSETAW, BAD), CALL(SYS_ioctl, -1, TCSETAF, TAIL(old)), CALL(SYS_ioctl, -1, TCGETA, ROOM(struct termio));
    struct ifreq full = {"0123456789abcdef"}, other = {"eth0"};
    memcpy(full.ifr_newname, "fedcba9876543210", 16), strcpy(other.ifr_newname, "lan");
    static const unsigned named[] = {SIOCSIFNAME, SIOCSIFSLAVE, SIOCADDMULTI, SIOCDELMULTI, SIOCSIFHWBROADCAST, SIOCSIFMAP, SIOCSIFHWADDR, SIOCBRADDBR, SIOCBRDELBR, SIOCGIFMTU};
    for (unsigned i = 0; i < COUNT(named); i++) CALL(SYS_ioctl, -1, named[i], TAIL(full)), CALL(SYS_ioctl, -1, named[i], TAIL(other)), CALL(SYS_ioctl, -1, named[i], BAD);
    struct ifreq some[4];
    struct ifconf asked = {sizeof some, {(void *)some}}, none_asked = {0, {NULL}}, odd = {sizeof *some + 2, {(void *)some}};
    CALL(SYS_ioctl, s, SIOCGIFCONF, TAIL(asked)), CALL(SYS_ioctl, s, SIOCGIFCONF, TAIL(none_asked)), CALL(SYS_ioctl, s, SIOCGIFCONF, TAIL(odd)), CALL(SYS_ioctl, -1, SIOCGIFCONF, TAIL(asked));
    uint64_t range[2] = {1, ~0UL};
    CALL(SYS_ioctl, -1, BLKDISCARD, TAIL(range)), CALL(SYS_ioctl, -1, BLKZEROOUT, TAIL(range)), CALL(SYS_ioctl, -1, BLKBSZSET, TAIL(one)), CALL(SYS_ioctl, -1, PERF_EVENT_IOC_PERIOD, TAIL(range[1])), CALL(SYS_ioctl, -1, PERF_EVENT_IOC_SET_FILTER, "name == \"x\"");
    struct blkpg_partition part = {-5, 6, 7, "devname", "volname"};
    struct blkpg_ioctl_arg parts = {BLKPG_ADD_PARTITION, 2, 3, TAIL(part)}, no_parts = {BLKPG_DEL_PARTITION, 0, 0, BAD};
    CALL(SYS_ioctl, -1, BLKPG, TAIL(parts)), CALL(SYS_ioctl, -1, BLKPG, TAIL(no_parts));
    struct blk_user_trace_setup blktrace = {"", 1, 2, 3, 4, 5, 6};
    CALL(SYS_ioctl, -1, BLKTRACESETUP, TAIL(blktrace));
    struct fstrim_range trim = {0x1000, 5, 6};
    struct fsxattr flags = {FS_XFLAG_IMMUTABLE | FS_XFLAG_DAX | 4, 2, 3, 4, 5};
    CALL(SYS_ioctl, -1, FITRIM, TAIL(trim)), CALL(SYS_ioctl, -1, FS_IOC_FSSETXATTR, TAIL(flags)), CALL(SYS_ioctl, -1, FS_IOC_FSGETXATTR, ROOM(struct fsxattr)), CALL(SYS_ioctl, -1, FS_IOC32_SETFLAGS, TAIL(one));
    struct { struct rand_pool_info info; char bytes[8]; } pool = {{3, 8}, "1234567"};
    CALL(SYS_ioctl, -1, RNDADDENTROPY, TAIL(pool)), CALL(SYS_ioctl, -1, RNDADDTOENTCNT, TAIL(one)), CALL(SYS_ioctl, -1, RNDGETENTCNT, ROOM(int));
    int ns = open("/proc/self/ns/user", O_RDONLY);
    CALL(SYS_ioctl, ns, 0xb703);
}
