//! ioctl: the argument by its request.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::device::*;
use crate::syscall::kinds::io::{int, uint};
use crate::syscall::names::device::*;

calls! {
    ioctl(..) = ioctl_params;
}

fn ioctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        // No argument: FIOCLEX, FIONCLEX, TIOCEXCL, TIOCNXCL, TIOCNOTTY, TIOCCONS, TIOCSSERIAL,
        // TIOCSBRK, TIOCCBRK, TIOCVHANGUP; BLKRRPART, BLKFLSBUF, BLKTRACESTART, BLKTRACESTOP,
        // BLKTRACETEARDOWN; FIFREEZE, FITHAW; NS_GET_USERNS, NS_GET_PARENT, NS_GET_NSTYPE.
        0x5450
        | 0x5451
        | 0x540c
        | 0x540d
        | 0x5422
        | 0x541d
        | 0x541f
        | 0x5427
        | 0x5428
        | 0x5437
        | 0x125f
        | 0x1261
        | 0x1274..=0x1276
        | 0xc004_5877
        | 0xc004_5878
        | 0xb701..=0xb703 => {
            list!(fd: Fd, request: In(request))
        }
        // Numbers: TCSBRK, TIOCSCTTY, TCSBRKP; FICLONE.
        0x5409 | 0x540e | 0x5425 => list!(fd: Fd, request: In(request), argp: Int),
        0x4004_9409 => list!(fd: Fd, request: In(request), argp: Fd),
        // BLKRASET, BLKFRASET.
        0x1262 | 0x1264 => list!(fd: Fd, request: In(request), argp: Ulong),
        0x540a => list!(fd: Fd, request: In(request), argp: Const64(&TCXONC)),
        0x540b => list!(fd: Fd, request: In(request), argp: Const64(&TCFLSH)),
        // PERF_EVENT_IOC_ENABLE, _DISABLE, _RESET.
        0x2400 | 0x2401 | 0x2403 => list!(fd: Fd, request: In(request), argp: Flags(&PERF_FLAGS)),
        // FIONBIO, FIOASYNC, TIOCPKT, TIOCSPGRP, TIOCSSOFTCAR, TIOCSETD, TIOCSPTLCK, BLKROSET.
        0x5421 | 0x5452 | 0x5420 | 0x5410 | 0x541a | 0x5423 | 0x4004_5431 | 0x125d => {
            list!(fd: Fd, request: In(request), argp: In(int))
        }
        // FIONREAD, TIOCOUTQ, TIOCGPGRP, TIOCGSID, TIOCGSOFTCAR, TIOCGETD, TIOCGPTN, TIOCGPTLCK,
        // TIOCGPKT, TIOCGEXCL, SIOCATMARK, BLKROGET, BLKSSZGET, NS_GET_OWNER_UID.
        0x541b | 0x5411 | 0x540f | 0x5429 | 0x5419 | 0x5424 | 0x8004_5430 | 0x8004_5439
        | 0x8004_5438 | 0x8004_5440 | 0x8905 | 0x125e | 0x1268 | 0xb704 => {
            list!(fd: Fd, request: In(request), argp: Out(int))
        }
        // BLKPBSZGET, BLKIOMIN, BLKIOOPT.
        0x127b | 0x1278 | 0x1279 => list!(fd: Fd, request: In(request), argp: Out(uint)),
        // BLKGETSIZE, BLKRAGET, BLKFRAGET, BLKGETSIZE64.
        0x1260 | 0x1263 | 0x1265 | 0x8008_1272 => {
            list!(fd: Fd, request: In(request), argp: Out(size))
        }
        // TCGETS; TCSETS, TCSETSW, TCSETSF.
        0x5401 => list!(fd: Fd, request: In(request), argp: Out(termios)),
        0x5402..=0x5404 => list!(fd: Fd, request: In(request), argp: In(termios)),
        // TIOCGWINSZ, TIOCSWINSZ.
        0x5413 => list!(fd: Fd, request: In(request), argp: Out(winsize)),
        0x5414 => list!(fd: Fd, request: In(request), argp: In(winsize)),
        0x5412 => list!(fd: Fd, request: In(request), argp: In(one_character)),
        // TIOCMGET; TIOCMBIS, TIOCMBIC, TIOCMSET.
        0x5415 => list!(fd: Fd, request: In(request), argp: Out(modem_lines)),
        0x5416..=0x5418 => list!(fd: Fd, request: In(request), argp: In(modem_lines)),
        // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS.
        0x8008_6601 => list!(fd: Fd, request: In(request), argp: Out(inode_flags)),
        0x4008_6602 => list!(fd: Fd, request: In(request), argp: In(inode_flags)),
        0x8910 => list!(fd: Fd, request: In(request), argp: InOut(interface_index, interface_name)),
        // SIOCGIFFLAGS and the like, which are given a name; SIOCSIFFLAGS and the like.
        0x8913 | 0x8915 | 0x8917 | 0x8919 | 0x891b | 0x891d | 0x8921 | 0x8927 | 0x8933 | 0x8942
        | 0x8970 => {
            list!(fd: Fd, request: In(request), argp: InOut(interface_asked, interface_got))
        }
        0x8914 | 0x8916 | 0x8918 | 0x891a | 0x891c | 0x891e | 0x8922 | 0x8924 | 0x8943 => {
            list!(fd: Fd, request: In(request), argp: In(interface_set))
        }
        // TCGETA, TCSETA, TCSETAW, TCSETAF, TIOCGLCKTRMIOS, TIOCSLCKTRMIOS, BLKBSZGET, BLKBSZSET,
        // PERF_EVENT_IOC_ID.
        0x5405..=0x5408 | 0x5456 | 0x5457 | 0x8008_1270 | 0x4008_1271 | 0x8008_2407 => {
            list!(fd: Fd, request: In(request), argp: Ptr)
        }
        _ => list!(fd: Fd, request: In(request), argp: Hex),
    }
}
