//! Asynchronous I/O of before io_uring.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::aio::*;
use crate::syscall::kinds::signal::sigset_and_size;
use crate::syscall::kinds::time::timespec;

calls! {
    io_setup(nr_events: Uint, ctx_idp: Out(context));
    io_destroy(ctx_id: Hex);
    io_submit(ctx_id: Hex, nr: Long, iocbpp: In(blocks));
    io_cancel(ctx_id: Hex, iocb: In(cancelled), result: Out(event_cancelled));
    io_getevents(ctx_id: Hex, min_nr: Long, nr: Long, events: Out(events_returned),
        timeout: In(timespec));
    io_pgetevents(ctx_id: Hex, min_nr: Long, nr: Long, events: Out(events_returned),
        timeout: In(timespec), usig: In(sigset_and_size));
}
