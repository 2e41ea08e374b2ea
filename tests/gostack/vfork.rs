//! The return address that rawVforkSyscall keeps in a register on amd64.

use crate::{Live, Target, builds};
use gostrace::arch::host::ARCH;
use gostrace::golang::UnwindStart;
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, Segments};
use std::process::Stdio;

/// Memory of a process, with a made-up stack in it.
struct Overlay<'a>(&'a Live, Segments);

impl Memory for Overlay<'_> {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        self.1
            .read_some(addr, buf)
            .or_else(|_| self.0.read_some(addr, buf))
    }
}

/// rawVforkSyscall keeps its return address in a register, and a child that shares the stack
/// writes over where it was.
#[test]
fn the_caller_of_vfork_is_found_by_its_call() {
    const STACK: Addr = Addr(0x10_0000);
    const SYSCALL: [u8; 2] = [0x0f, 0x05];
    for go in builds() {
        let target = Target::start(&go.build("parked"), &[], Stdio::null());
        let entry = |name| target.program.function_entry(&target.memory, name);
        let (vfork, len) = entry("syscall.rawVforkSyscall").unwrap().unwrap();
        let code = target.memory.bytes(vfork, len as usize).unwrap();
        let at = code.windows(2).position(|w| w == SYSCALL).unwrap() as u64;
        let (child, len) = entry("syscall.forkAndExecInChild1").unwrap().unwrap();
        for ret in [child.add(len / 2), Addr(0)] {
            let mut stack = vec![0; 4096];
            stack[..8].copy_from_slice(&ret.0.to_le_bytes());
            let mut segments = Segments::new();
            segments.map(STACK, stack);
            let memory = Overlay(&target.memory, segments);
            let start = UnwindStart {
                pc: vfork.add(at + 2),
                sp: STACK.add(8),
                fp: None,
                lr: None,
                arch: ARCH,
            };
            let raw = target.program.unwind(&memory, &start, None);
            let stack = target.program.symbolize(&memory, &raw);
            assert_eq!(&*stack.frames[0].func, "syscall.rawVforkSyscall");
            match ret {
                Addr(0) => assert_eq!(stack.frames.len(), 1),
                _ => assert_eq!(&*stack.frames[1].func, "syscall.forkAndExecInChild1"),
            }
        }
    }
}
