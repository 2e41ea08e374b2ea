//! ioctl: the argument by its request.

use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::device::*;
use crate::syscall::kinds::io::{int, size_pointee, string, uint};
use crate::syscall::kinds::storage::*;
use crate::syscall::names::device::*;
use crate::syscall::names::ioctl::IOCTLS;
use crate::syscall::names::prctl::SETNS_TYPES;
use crate::value::Value;

calls! {
    ioctl(..) = ioctl_params, asides ioctl_returned;
}

fn ioctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) as u32 {
        // No argument: FIOCLEX, FIONCLEX, TIOCEXCL, TIOCNXCL, TIOCNOTTY, TIOCCONS, TIOCSSERIAL,
        // TIOCSBRK, TIOCCBRK, TIOCVHANGUP; BLKRRPART, BLKFLSBUF, BLKTRACESTART, BLKTRACESTOP,
        // BLKTRACETEARDOWN; FIFREEZE, FITHAW; NS_GET_USERNS, NS_GET_PARENT, NS_GET_NSTYPE;
        // RTC_AIE_ON to RTC_PIE_OFF, RTC_WIE_ON, RTC_WIE_OFF, RTC_VL_CLR; LOOP_CLR_FD,
        // LOOP_SET_CAPACITY, LOOP_CTL_GET_FREE; RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG;
        // NBD_DO_IT, NBD_CLEAR_SOCK, NBD_CLEAR_QUE, NBD_PRINT_DEBUG, NBD_DISCONNECT;
        // SG_GET_TIMEOUT.
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
        | 0xb701..=0xb703
        | 0x7001..=0x7006
        | 0x700f
        | 0x7010
        | 0x7014
        | 0x4c01
        | 0x4c07
        | 0x4c82
        | 0x5204
        | 0x5206
        | 0x5207
        | 0xab03..=0xab06
        | 0xab08
        | 0x2202 => {
            list!(fd: Fd, request: In(request))
        }
        // Numbers: TCSBRK, TIOCSCTTY, TCSBRKP; PERF_EVENT_IOC_REFRESH; LOOP_CTL_ADD,
        // LOOP_CTL_REMOVE; INOTIFY_IOC_SETNEXTWD.
        0x5409 | 0x540e | 0x5425 | 0x2402 | 0x4c80 | 0x4c81 | 0x4004_4900 => {
            list!(fd: Fd, request: In(request), argp: Int)
        }
        // FICLONE; PERF_EVENT_IOC_SET_OUTPUT, PERF_EVENT_IOC_SET_BPF; LOOP_SET_FD,
        // LOOP_CHANGE_FD; NBD_SET_SOCK.
        0x4004_9409 | 0x2405 | 0x4004_2408 | 0x4c00 | 0x4c06 | 0xab00 => {
            list!(fd: Fd, request: In(request), argp: Fd)
        }
        // BLKRASET, BLKFRASET; PERF_EVENT_IOC_PAUSE_OUTPUT; RTC_IRQP_SET, RTC_EPOCH_SET;
        // LOOP_SET_DIRECT_IO, LOOP_SET_BLOCK_SIZE; NBD_SET_BLKSIZE, NBD_SET_SIZE,
        // NBD_SET_SIZE_BLOCKS, NBD_SET_TIMEOUT.
        0x1262 | 0x1264 | 0x4004_2409 | 0x4008_700c | 0x4008_700e | 0x4c08 | 0x4c09 | 0xab01
        | 0xab02 | 0xab07 | 0xab09 => list!(fd: Fd, request: In(request), argp: Ulong),
        0x540a => list!(fd: Fd, request: In(request), argp: Const64(&TCXONC)),
        0x540b => list!(fd: Fd, request: In(request), argp: Const64(&TCFLSH)),
        // PERF_EVENT_IOC_ENABLE, _DISABLE, _RESET.
        0x2400 | 0x2401 | 0x2403 => list!(fd: Fd, request: In(request), argp: Flags(&PERF_FLAGS)),
        // FIONBIO, FIOASYNC, TIOCPKT, TIOCSPGRP, TIOCSSOFTCAR, TIOCSETD, TIOCSPTLCK, BLKROSET,
        // BLKBSZSET, RNDADDTOENTCNT, FIOSETOWN, SIOCSPGRP, SIOCSIFENCAP.
        0x5421 | 0x5452 | 0x5420 | 0x5410 | 0x541a | 0x5423 | 0x4004_5431 | 0x125d
        | 0x4008_1271 | 0x4004_5201 | 0x8901 | 0x8902 | 0x8926 => {
            list!(fd: Fd, request: In(request), argp: In(int))
        }
        // FIONREAD, TIOCOUTQ, TIOCGPGRP, TIOCGSID, TIOCGSOFTCAR, TIOCGETD, TIOCGPTN, TIOCGPTLCK,
        // TIOCGPKT, TIOCGEXCL, SIOCATMARK, BLKROGET, BLKSSZGET, NS_GET_OWNER_UID, FIOGETOWN,
        // SIOCGPGRP, SIOCGIFENCAP, BLKALIGNOFF, BLKBSZGET, RNDGETENTCNT.
        0x541b | 0x5411 | 0x540f | 0x5429 | 0x5419 | 0x5424 | 0x8004_5430 | 0x8004_5439
        | 0x8004_5438 | 0x8004_5440 | 0x8905 | 0x125e | 0x1268 | 0xb704 | 0x8903 | 0x8904
        | 0x8925 | 0x127a | 0x8008_1270 | 0x8004_5200 => {
            list!(fd: Fd, request: In(request), argp: Out(int))
        }
        // BLKPBSZGET, BLKIOMIN, BLKIOOPT, BLKDISCARDZEROES.
        0x127b | 0x1278 | 0x1279 | 0x127c => list!(fd: Fd, request: In(request), argp: Out(uint)),
        // BLKGETSIZE, BLKRAGET, BLKFRAGET, BLKGETSIZE64.
        0x1260 | 0x1263 | 0x1265 | 0x8008_1272 => {
            list!(fd: Fd, request: In(request), argp: Out(size))
        }
        // BLKSECTGET, BLKROTATIONAL; BLKGETDISKSEQ.
        0x1267 | 0x127e => list!(fd: Fd, request: In(request), argp: Out(short)),
        0x8008_1280 => list!(fd: Fd, request: In(request), argp: Out(size_pointee)),
        // BLKDISCARD, BLKSECDISCARD, BLKZEROOUT.
        0x1277 | 0x127d | 0x127f => list!(fd: Fd, request: In(request), argp: In(range)),
        0x1269 => list!(fd: Fd, request: In(request), argp: In(partition)),
        0xc048_1273 => list!(fd: Fd, request: In(request), argp: In(block_trace)),
        // FITRIM, FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR.
        0xc018_5879 => list!(fd: Fd, request: In(request), argp: In(trim_range)),
        0x801c_581f => list!(fd: Fd, request: In(request), argp: Out(extended_flags::<true>)),
        0x401c_5820 => list!(fd: Fd, request: In(request), argp: In(extended_flags::<false>)),
        // PERF_EVENT_IOC_PERIOD, PERF_EVENT_IOC_SET_FILTER.
        0x4008_2404 => list!(fd: Fd, request: In(request), argp: In(size_pointee)),
        0x4008_2406 => list!(fd: Fd, request: In(request), argp: In(string)),
        // RNDADDENTROPY.
        0x4008_5203 => list!(fd: Fd, request: In(request), argp: In(entropy)),
        // TCGETS2; TCSETS2, TCSETSW2, TCSETSF2.
        0x802c_542a => list!(fd: Fd, request: In(request), argp: Out(termios::<44>)),
        0x402c_542b..=0x402c_542d => {
            list!(fd: Fd, request: In(request), argp: In(termios::<44>))
        }
        // TCGETA; TCSETA, TCSETAW, TCSETAF.
        0x5405 => list!(fd: Fd, request: In(request), argp: Out(termio)),
        0x5406..=0x5408 => list!(fd: Fd, request: In(request), argp: In(termio)),
        // TCGETS, TIOCGLCKTRMIOS; TCSETS, TCSETSW, TCSETSF, TIOCSLCKTRMIOS.
        0x5401 | 0x5456 => list!(fd: Fd, request: In(request), argp: Out(termios::<36>)),
        0x5402..=0x5404 | 0x5457 => {
            list!(fd: Fd, request: In(request), argp: In(termios::<36>))
        }
        // TIOCGWINSZ, TIOCSWINSZ.
        0x5413 => list!(fd: Fd, request: In(request), argp: Out(winsize)),
        0x5414 => list!(fd: Fd, request: In(request), argp: In(winsize)),
        0x5412 => list!(fd: Fd, request: In(request), argp: In(one_character)),
        // TIOCMGET; TIOCMBIS, TIOCMBIC, TIOCMSET.
        0x5415 => list!(fd: Fd, request: In(request), argp: Out(modem_lines)),
        0x5416..=0x5418 => list!(fd: Fd, request: In(request), argp: In(modem_lines)),
        // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, and those of 32-bit programs.
        0x8008_6601 | 0x8004_6601 => list!(fd: Fd, request: In(request), argp: Out(inode_flags)),
        0x4008_6602 | 0x4004_6602 => list!(fd: Fd, request: In(request), argp: In(inode_flags)),
        0x8910 => list!(fd: Fd, request: In(request), argp: InOut(interface_index, interface_name)),
        // SIOCGIFFLAGS and the like, which are given a name; SIOCSIFFLAGS and the like.
        0x8913 | 0x8915 | 0x8917 | 0x8919 | 0x891b | 0x891d | 0x8921 | 0x8927 | 0x8933 | 0x8942
        | 0x8970 => {
            list!(fd: Fd, request: In(request), argp: InOut(interface_asked, interface_got))
        }
        0x8914
        | 0x8916
        | 0x8918
        | 0x891a
        | 0x891c
        | 0x891e
        | 0x8922
        | 0x8923
        | 0x8924
        | 0x8930..=0x8932
        | 0x8937
        | 0x8943
        | 0x8971 => {
            list!(fd: Fd, request: In(request), argp: In(interface_set))
        }
        // SIOCBRADDBR, SIOCBRDELBR; SIOCBRADDIF, SIOCBRDELIF.
        0x89a0 | 0x89a1 => list!(fd: Fd, request: In(request), argp: In(bridge_name)),
        0x89a2 | 0x89a3 => list!(fd: Fd, request: In(request), argp: In(interface_of_bridge)),
        0x8912 => list!(fd: Fd, request: In(request), argp: Held(interfaces_room, interfaces)),
        // PERF_EVENT_IOC_ID, _QUERY_BPF, _MODIFY_ATTRIBUTES; the structures of LOOP_*.
        0x8008_2407 | 0xc008_240a | 0x4008_240b | 0x4c02..=0x4c05 | 0x4c0a => {
            list!(fd: Fd, request: In(request), argp: Ptr)
        }
        raw if is_pointer(raw) => list!(fd: Fd, request: In(request), argp: Ptr),
        _ => list!(fd: Fd, request: In(request), argp: Hex),
    }
}

/// Known requests that take a structure, by their letter: what else is asked of sockets; those of video
/// and input devices, clocks and seccomp, which say a size.
fn is_pointer(raw: u32) -> bool {
    const SIZE: u32 = 0x3fff_0000;
    const SOCKETS: u32 = 0x89;
    let takes = match raw >> 8 & 0xff {
        SOCKETS => true,
        letter => b"VEp!".contains(&(letter as u8)) && raw & SIZE != 0,
    };
    takes && IOCTLS.name(u64::from(raw)).is_some()
}

/// The type of a namespace, which is what NS_GET_NSTYPE returns.
fn ioctl_returned(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    const NS_GET_NSTYPE: u32 = 0xb703;
    match cx.returned() {
        Some(kind) if cx.arg(1) as u32 == NS_GET_NSTYPE => {
            vec![("", Value::Flags(kind as u64, &SETNS_TYPES))]
        }
        _ => Vec::new(),
    }
}
