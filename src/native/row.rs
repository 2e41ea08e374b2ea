//! What call frame information says of one PC (DWARF 5, 6.4.1 "Structure of Call Frame
//! Information"), and how the caller's registers follow from it.

use super::registers::Registers;
use super::table::{FrameError, Slice};
use crate::ids::Addr;
use crate::memory::{Memory, StackWords};
use gimli::{
    Encoding, EndianSlice, EvaluationResult, Expression, Format, LittleEndian, Location,
    RegisterRule, UnwindExpression, UnwindSection, UnwindTableRow, Value,
};

/// Operations of one DWARF expression that are carried out.
const MAX_OPERATIONS: u32 = 1000;
/// The pseudo-register of arm64 that tells whether the return address is signed
/// (DWARF for the Arm 64-bit Architecture, 4.1).
const RA_SIGN_STATE: u16 = 34;
/// Bits of an arm64 address that are not part of its pointer authentication code.
const ADDRESS_BITS: u64 = (1 << 48) - 1;

/// How the canonical frame address is found: SP in the caller, right after the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CfaRule {
    /// A register and an offset.
    Offset(u16, i64),
    /// A DWARF expression.
    Expression(Box<[u8]>),
}

/// How a register of the caller is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// It is lost.
    Undefined,
    /// It has not been changed.
    SameValue,
    /// It is saved at CFA plus this.
    AtCfa(i64),
    /// It is CFA plus this.
    CfaPlus(i64),
    /// It is in another register.
    Register(u16),
    /// It is saved at the address that this expression yields.
    AtExpression(Box<[u8]>),
    /// This expression yields it.
    Expression(Box<[u8]>),
    /// It is this.
    Constant(u64),
}

/// What holds for a PC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// First address of the code that the frame description is of, as linked.
    pub start: u64,
    /// First address beyond it.
    pub end: u64,
    /// How to find the frame.
    pub cfa: CfaRule,
    /// How to find the caller's registers; those left out follow the ABI.
    pub rules: Vec<(u16, Rule)>,
    /// Which of them is the caller's PC.
    pub return_address: u16,
    /// Whether it is what a signal handler returns to: the caller was interrupted at its PC
    /// (augmentation `S`; LSB Core, "The Common Information Entry Format").
    pub is_signal: bool,
}

impl Row {
    /// Takes what is needed out of gimli's row, so that its section can go.
    pub(super) fn of<'a, S: UnwindSection<Slice<'a>>>(
        row: &UnwindTableRow<usize>,
        section: &S,
        fde: &gimli::FrameDescriptionEntry<Slice<'a>>,
    ) -> Result<Row, FrameError> {
        let bytes = |e: &UnwindExpression<usize>| -> Result<Box<[u8]>, FrameError> {
            let expression: Expression<Slice<'a>> = e.get(section)?;
            Ok(expression.0.slice().into())
        };
        let cfa = match row.cfa() {
            gimli::CfaRule::RegisterAndOffset { register, offset } => {
                CfaRule::Offset(register.0, *offset)
            }
            gimli::CfaRule::Expression(e) => CfaRule::Expression(bytes(e)?),
        };
        let mut rules = Vec::new();
        for (register, rule) in row.registers() {
            let rule = match rule {
                RegisterRule::SameValue => Rule::SameValue,
                RegisterRule::Offset(n) => Rule::AtCfa(*n),
                RegisterRule::ValOffset(n) => Rule::CfaPlus(*n),
                RegisterRule::Register(r) => Rule::Register(r.0),
                RegisterRule::Expression(e) => Rule::AtExpression(bytes(e)?),
                RegisterRule::ValExpression(e) => Rule::Expression(bytes(e)?),
                RegisterRule::Constant(n) => Rule::Constant(*n),
                // Undefined, and what a later gimli may add.
                _ => Rule::Undefined,
            };
            rules.push((register.0, rule));
        }
        Ok(Row {
            start: fde.initial_address(),
            end: fde.end_address(),
            cfa,
            rules,
            return_address: fde.cie().return_address_register().0,
            is_signal: fde.is_signal_trampoline(),
        })
    }

    /// The rule for a register, where there is one.
    #[must_use]
    pub fn rule(&self, number: u16) -> Option<&Rule> {
        let mut rules = self.rules.iter();
        rules.find(|(n, _)| *n == number).map(|(_, rule)| rule)
    }

    /// The canonical frame address in a frame with these registers.
    ///
    /// # Errors
    /// When a register is not known or memory cannot be read.
    pub fn cfa<M: Memory + ?Sized>(
        &self,
        regs: &Registers,
        words: &mut StackWords<'_, M>,
    ) -> Result<Addr, Unresolved> {
        match &self.cfa {
            CfaRule::Offset(register, offset) => {
                let base = regs.get(*register).ok_or(Unresolved::Register(*register))?;
                Ok(Addr(base.wrapping_add_signed(*offset)))
            }
            CfaRule::Expression(e) => evaluate(e, regs, words, None).map(Addr),
        }
    }

    /// The registers of the caller; its PC is 0 where this is the outermost frame.
    ///
    /// # Errors
    /// When the frame or the return address cannot be found.
    pub fn caller<M: Memory + ?Sized>(
        &self,
        regs: &Registers,
        words: &mut StackWords<'_, M>,
    ) -> Result<Registers, Unresolved> {
        let cfa = self.cfa(regs, words)?;
        let mut caller = Registers::new(regs.arch, Addr(0), cfa);
        for number in 0..32 {
            let value = match self.rule(number) {
                Some(rule) => self.value(rule, number, cfa, regs, words).ok(),
                None if number == regs.sp_number() => Some(cfa.0),
                None if regs.is_callee_saved(number) => regs.get(number),
                None => None,
            };
            if number != regs.sp_number() || value.is_some() {
                caller.set(number, value);
            }
        }
        let ra = self.return_address;
        caller.pc = match self.rule(ra) {
            Some(Rule::Undefined) => Addr(0),
            Some(rule) => Addr(self.value(rule, ra, cfa, regs, words)?),
            // In the link register still.
            None => regs.get(ra).map(Addr).ok_or(Unresolved::Register(ra))?,
        };
        if !self.is_signal {
            // The call has overwritten it (the link register of arm64).
            caller.set(ra, None);
        }
        if self.rule(RA_SIGN_STATE) == Some(&Rule::Constant(1)) {
            caller.pc.0 &= ADDRESS_BITS;
        }
        Ok(caller)
    }

    fn value<M: Memory + ?Sized>(
        &self,
        rule: &Rule,
        number: u16,
        cfa: Addr,
        regs: &Registers,
        words: &mut StackWords<'_, M>,
    ) -> Result<u64, Unresolved> {
        let mut load = |at: Addr| words.word(at).map_err(|_| Unresolved::Memory(at));
        match rule {
            Rule::Undefined => Err(Unresolved::Register(number)),
            Rule::SameValue => regs.get(number).ok_or(Unresolved::Register(number)),
            Rule::AtCfa(offset) => load(Addr(cfa.0.wrapping_add_signed(*offset))),
            Rule::CfaPlus(offset) => Ok(cfa.0.wrapping_add_signed(*offset)),
            Rule::Register(other) => regs.get(*other).ok_or(Unresolved::Register(*other)),
            Rule::AtExpression(e) => {
                let at = Addr(evaluate(e, regs, words, Some(cfa))?);
                words.word(at).map_err(|_| Unresolved::Memory(at))
            }
            Rule::Expression(e) => evaluate(e, regs, words, Some(cfa)),
            Rule::Constant(n) => Ok(*n),
        }
    }
}

/// Why a rule leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unresolved {
    /// This register is not known.
    Register(u16),
    /// Nothing can be read there.
    Memory(Addr),
    /// An expression that cannot be evaluated.
    Expression,
}

/// DWARF 5, 2.5. With `cfa` on the stack where the rule is that of a register (6.4.2.3).
fn evaluate<M: Memory + ?Sized>(
    expression: &[u8],
    regs: &Registers,
    words: &mut StackWords<'_, M>,
    cfa: Option<Addr>,
) -> Result<u64, Unresolved> {
    let bad = |_| Unresolved::Expression;
    let encoding = Encoding {
        address_size: 8,
        format: Format::Dwarf32,
        version: 4,
    };
    let slice = EndianSlice::new(expression, LittleEndian);
    let mut evaluation = Expression(slice).evaluation(encoding);
    evaluation.set_max_iterations(MAX_OPERATIONS);
    if let Some(cfa) = cfa {
        evaluation.set_initial_value(cfa.0);
    }
    let mut state = evaluation.evaluate().map_err(bad)?;
    loop {
        state = match state {
            EvaluationResult::Complete => break,
            EvaluationResult::RequiresRegister { register, .. } => {
                let value = regs
                    .get(register.0)
                    .ok_or(Unresolved::Register(register.0))?;
                evaluation.resume_with_register(Value::Generic(value))
            }
            EvaluationResult::RequiresMemory { address, size, .. } => {
                let word = words.word(Addr(address));
                let word = word.map_err(|_| Unresolved::Memory(Addr(address)))?;
                let mask = match size {
                    1..=7 => (1 << (u32::from(size) * 8)) - 1,
                    _ => u64::MAX,
                };
                evaluation.resume_with_memory(Value::Generic(word & mask))
            }
            _ => return Err(Unresolved::Expression),
        }
        .map_err(bad)?;
    }
    match evaluation.result().first().map(|piece| &piece.location) {
        Some(Location::Address { address }) => Ok(*address),
        _ => Err(Unresolved::Expression),
    }
}
