//! Which functions must be evaluated again: those that read something that has changed since.
//!
//! A pass evaluates functions as wholes. What a function reads from outside of its own nodes (variables of others,
//! parameters, objects, what called functions give back) is known beforehand or written down while it is evaluated;
//! a change there makes it stale. What is not stale would give the same again.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashSet;

use super::fresh::Reads;
use super::heap::Object;
use crate::ir::{FnId, Ir, NodeId, Op, SymId};

/// A run of nodes of one function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) start: NodeId,
    pub(super) end: NodeId,
    pub(super) function: FnId,
}

/// What depends on what.
#[derive(Debug)]
pub(super) struct Stale {
    pub(super) segments: Vec<Segment>,
    again: Vec<bool>,
    /// Whether the function takes part in this pass, and the pass in which that was decided.
    decided: Vec<(u32, bool)>,
    /// Functions that read a variable.
    readers: Vec<Vec<FnId>>,
    /// Functions that read the parameters, `this` or `arguments` of a function.
    inner: Vec<Vec<FnId>>,
    /// Variables that a function declares and sets in straight lines.
    linear: Vec<Vec<SymId>>,
    /// Functions that call a function.
    callers: Vec<Vec<FnId>>,
    /// Functions that give something else once results are settled.
    waiting: FxHashSet<FnId>,
    /// Functions that are always evaluated again.
    restless: FxHashSet<FnId>,
    /// When a function last told something new, counted in evaluations of nodes.
    told: Vec<u32>,
    /// The evaluation that goes on.
    pub(super) clock: u32,
}

impl Stale {
    pub(super) fn new(ir: &Ir<'_>) -> Self {
        let functions = ir.functions.len();
        let mut segments: Vec<Segment> = Vec::new();
        let mut readers: Vec<Vec<FnId>> = vec![Vec::new(); ir.symbols.len()];
        let mut inner: Vec<Vec<FnId>> = vec![Vec::new(); functions];
        for (id, node) in ir.nodes.iter().enumerate().skip(1) {
            let id = id as NodeId;
            match segments.last_mut() {
                Some(last) if last.function == node.function => last.end = id + 1,
                _ => segments.push(Segment {
                    start: id,
                    end: id + 1,
                    function: node.function,
                }),
            }
            match node.op {
                Op::Sym(sym) => note(&mut readers, sym, node.function),
                Op::Global(name) => {
                    if let Some(sym) = ir.implicit.get(&name) {
                        note(&mut readers, *sym, node.function);
                    }
                }
                Op::This(function)
                | Op::Arguments(function)
                | Op::Param(function, _)
                | Op::RestParam(function, _) => note(&mut inner, function, node.function),
                _ => {}
            }
        }
        let mut linear: Vec<Vec<SymId>> = vec![Vec::new(); functions];
        for (sym, info) in ir.symbols.iter().enumerate() {
            if info.linear
                && let Some(list) = info.owner.and_then(|o| linear.get_mut(o as usize))
            {
                list.push(sym as SymId);
            }
        }
        Self {
            segments,
            again: vec![true; functions],
            decided: vec![(0, false); functions],
            readers,
            inner,
            linear,
            callers: vec![Vec::new(); functions],
            waiting: FxHashSet::default(),
            restless: FxHashSet::default(),
            told: vec![0; functions],
            clock: 0,
        }
    }

    /// Whether a function takes part in a pass; decided when its first node is reached. The variables to forget if it
    /// does.
    pub(super) fn takes_part(&mut self, function: FnId, pass: u32) -> (bool, bool) {
        let at = function as usize;
        let Some(decided) = self.decided.get_mut(at) else {
            return (true, false);
        };
        if decided.0 == pass {
            return (decided.1, false);
        }
        let stale =
            self.again.get_mut(at).is_some_and(std::mem::take) || self.restless.contains(&function);
        *decided = (pass, stale);
        (stale, stale)
    }

    /// The variables that a function sets anew when it is evaluated.
    pub(super) fn own(&self, function: FnId) -> &[SymId] {
        self.linear.get(function as usize).map_or(&[], |l| l)
    }

    pub(super) fn all(&mut self) {
        self.again.iter_mut().for_each(|s| *s = true);
    }

    pub(super) fn function(&mut self, function: FnId) {
        if let Some(stale) = self.again.get_mut(function as usize) {
            *stale = true;
        }
    }

    /// A variable changed.
    pub(super) fn variable(&mut self, sym: SymId) {
        if let Some(readers) = self.readers.get(sym as usize) {
            for function in readers {
                if let Some(stale) = self.again.get_mut(*function as usize) {
                    *stale = true;
                }
            }
        }
    }

    /// What a function is called with changed.
    pub(super) fn input(&mut self, function: FnId) {
        self.tell(function);
        if let Some(inner) = self.inner.get(function as usize) {
            for function in inner {
                if let Some(stale) = self.again.get_mut(*function as usize) {
                    *stale = true;
                }
            }
        }
    }

    /// What a function gives its callers changed.
    pub(super) fn output(&mut self, function: FnId) {
        self.tell(function);
        if let Some(callers) = self.callers.get(function as usize) {
            for function in callers {
                if let Some(stale) = self.again.get_mut(*function as usize) {
                    *stale = true;
                }
            }
        }
    }

    /// When what a function tells its callers last changed.
    pub(super) fn told(&self, function: FnId) -> u32 {
        self.told.get(function as usize).copied().unwrap_or(0)
    }

    fn tell(&mut self, function: FnId) {
        if let Some(told) = self.told.get_mut(function as usize) {
            *told = self.clock;
        }
    }

    pub(super) fn called(&mut self, from: FnId, to: FnId) {
        if let Some(list) = self.callers.get_mut(to as usize) {
            list.push(from);
        }
    }

    /// Two functions set one variable.
    pub(super) fn entangle(&mut self, one: FnId, other: FnId) {
        if one != other {
            self.restless.insert(one);
            self.restless.insert(other);
        }
    }

    pub(super) fn wait(&mut self, function: FnId) {
        self.waiting.insert(function);
    }

    /// Results are settled now.
    pub(super) fn settle(&mut self) {
        for function in std::mem::take(&mut self.waiting) {
            self.function(function);
        }
    }
}

fn note(lists: &mut [Vec<FnId>], at: u32, function: FnId) {
    if let Some(list) = lists.get_mut(at as usize)
        && list.last() != Some(&function)
        && !list.contains(&function)
    {
        list.push(function);
    }
}

/// The objects of one file, and which functions have read them.
#[derive(Debug, Default)]
pub(super) struct Heap {
    objects: Vec<Object>,
    readers: RefCell<Readers>,
    /// The function that is evaluated now.
    pub(super) current: Cell<FnId>,
    /// What the node that is evaluated now has read.
    pub(super) reads: Reads,
    /// When each object last changed, counted in evaluations of nodes.
    changed: Vec<u32>,
    /// When any object did.
    pub(super) changed_last: u32,
}

#[derive(Debug, Default)]
struct Readers {
    /// For each object the functions that read it.
    of: Vec<Vec<FnId>>,
    known: FxHashSet<(u32, FnId)>,
}

impl Heap {
    pub(super) fn push(&mut self, object: Object) -> u32 {
        self.objects.push(object);
        self.changed.push(0);
        self.readers.borrow_mut().of.push(Vec::new());
        self.objects.len() as u32 - 1
    }

    /// An object, read for what it holds.
    pub(super) fn get(&self, id: usize) -> Option<&Object> {
        self.reads.object(id as u32);
        let mut readers = self.readers.borrow_mut();
        let readers = &mut *readers;
        if let Some(functions) = readers.of.get_mut(id) {
            let current = self.current.get();
            if functions.last() != Some(&current) && readers.known.insert((id as u32, current)) {
                functions.push(current);
            }
        }
        self.objects.get(id)
    }

    /// An object, looked at only to add to it.
    pub(super) fn peek(&self, id: usize) -> Option<&Object> {
        self.objects.get(id)
    }

    pub(super) fn get_mut(&mut self, id: usize) -> Option<&mut Object> {
        self.objects.get_mut(id)
    }

    /// When an object last changed.
    pub(super) fn changed_at(&self, id: u32) -> u32 {
        self.changed.get(id as usize).copied().unwrap_or(0)
    }

    /// An object changed: its readers are stale until they have read it again.
    pub(super) fn changed(&mut self, id: u32, stale: &mut Stale) {
        self.changed_last = stale.clock;
        if let Some(changed) = self.changed.get_mut(id as usize) {
            *changed = stale.clock;
        }
        let mut readers = self.readers.borrow_mut();
        let readers = &mut *readers;
        let Some(functions) = readers.of.get_mut(id as usize) else {
            return;
        };
        for function in functions.drain(..) {
            readers.known.remove(&(id, function));
            stale.function(function);
        }
    }
}
