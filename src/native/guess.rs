//! The caller of a frame that nothing describes, or whose description needs a register that is
//! not known: looked for by the frame pointer, or among the words on the stack. Never certain.

use super::registers::Registers;
use super::row::{CfaRule, Row, Rule};
use super::unwind::Process;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::{Memory, StackWords};

/// Words of the stack that are looked at.
const MAX_WORDS: u64 = 512;
/// From the entry of a function to its system call, where it has no frame.
const MAX_STUB: u64 = 128;
/// A frame pointer is no further up than this.
const MAX_FRAME: u64 = 1 << 20;

/// The caller by the frame pointer: `[fp]` is the caller's, `[fp + 8]` the return address, on
/// both machines.
pub(super) fn by_frame_pointer<M: Memory + ?Sized>(
    process: &Process<'_, M>,
    words: &mut StackWords<'_, M>,
    regs: &Registers,
) -> Option<Registers> {
    let fp = regs.fp()?;
    let sp = regs.sp();
    if fp < sp || fp.0 - sp.0 >= MAX_FRAME || !fp.0.is_multiple_of(8) {
        return None;
    }
    let ret = Addr(words.word(fp.add(8)).ok()?);
    if !process.is_call_return(ret) {
        return None;
    }
    let mut caller = Registers::new(regs.arch, ret, fp.add(16));
    caller.set(regs.fp_number(), words.word(fp).ok());
    Some(caller)
}

/// The caller of the innermost frame, where nothing describes that: in assembly around a system
/// call there is no frame, and the return address is where the call has put it. The flag says
/// whether that is certain: it stands behind a call of code that leads to the PC at once.
pub(super) fn of_leaf<M: Memory + ?Sized>(
    process: &Process<'_, M>,
    words: &mut StackWords<'_, M>,
    regs: &Registers,
) -> Option<(Registers, bool)> {
    let (ret, sp) = match regs.arch {
        Arch::X86_64 => (Addr(words.word(regs.sp()).ok()?), regs.sp().add(8)),
        Arch::Aarch64 => (regs.lr()?, regs.sp()),
    };
    if !process.is_call_return(ret) {
        return None;
    }
    let mut caller = *regs;
    caller.pc = ret;
    for number in (0..32).filter(|n| !regs.is_callee_saved(*n)) {
        caller.set(number, None);
    }
    caller.set(regs.sp_number(), Some(sp.0));
    let target = process.call_target(ret);
    let proved = target.is_some_and(|t| t < regs.pc && regs.pc.0 - t.0 < MAX_STUB);
    Some((caller, proved))
}

/// amd64: the caller of a frame whose CFA hangs on a frame pointer that is not known. It is
/// where the return address of a call of this very function stands, or else one that stands
/// above a frame pointer that leads up the stack.
pub(super) fn by_stack<M: Memory + ?Sized>(
    process: &Process<'_, M>,
    words: &mut StackWords<'_, M>,
    regs: &Registers,
    row: &Row,
    function: Addr,
) -> Option<Registers> {
    if regs.arch != Arch::X86_64 {
        return None;
    }
    // CFA = rbp + offset, the caller's rbp at CFA - saved, the return address at CFA - 8.
    let fp = regs.fp_number();
    let (offset, saved) = match (&row.cfa, row.rule(fp)) {
        (CfaRule::Offset(register, offset), Some(Rule::AtCfa(saved))) if *register == fp => {
            (*offset, *saved)
        }
        _ => return None,
    };
    let sp = regs.sp();
    let mut plausible = None;
    for i in 0..MAX_WORDS {
        let slot = sp.add(i * 8);
        let Ok(ret) = words.word(slot) else { break };
        let (ret, cfa) = (Addr(ret), slot.add(8));
        let own_fp = cfa.0.wrapping_add_signed(-offset);
        if own_fp < sp.0 || !process.is_call_return(ret) {
            continue;
        }
        let callers_fp = words.word(Addr(cfa.0.wrapping_add_signed(saved))).ok();
        let mut caller = Registers::new(regs.arch, ret, cfa);
        caller.set(fp, callers_fp);
        match process.call_target(ret) {
            Some(target) if target == function => return Some(caller),
            // Of another function; unless it is a stub that jumps here.
            Some(target) if process.function_start(target) == Some(target) => {}
            _ => {
                let leads_up = callers_fp.is_some_and(|fp| fp > cfa.0 && fp - cfa.0 < MAX_FRAME);
                // Code that nothing describes is not C.
                if leads_up && process.function_start(ret.sub(1)).is_some() {
                    plausible = plausible.or(Some(caller));
                }
            }
        }
    }
    plausible
}
