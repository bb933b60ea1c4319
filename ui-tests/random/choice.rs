//! Choices that look random and are the same every time.

/// A generator after Marsaglia's xorshift; good enough to vary sources with.
pub(crate) struct Choice(u64);

impl Choice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.next() % bound
    }

    /// True once in `n` times.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Some of them, in their order, each with the same chance.
    pub(crate) fn some_of<'a, T>(&mut self, all: &'a [T], chance: usize) -> Vec<&'a T> {
        all.iter().filter(|_| self.once_in(chance)).collect()
    }
}
