//! Stack of the arrays and objects that are open while JSON is written.

/// Open array or object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container {
    pub(super) is_object: bool,
    pub(super) is_empty: bool,
}

/// Open arrays and objects as bit sets; the innermost one is in the lowest bit.
#[derive(Debug, Default)]
pub(super) struct Containers {
    pub(super) depth: u32,
    objects: u64,
    filled: u64,
    /// Bit set of the containers that describe properties in a JSON schema.
    describing: u64,
}

impl Containers {
    pub(super) fn open(&mut self, is_object: bool, describes: bool) {
        self.depth += 1;
        self.describing = self.describing << 1 | u64::from(describes);
        self.objects = self.objects << 1 | u64::from(is_object);
        self.filled <<= 1;
    }

    pub(super) fn last(&self) -> Option<Container> {
        let (is_object, is_empty) = (self.objects & 1 == 1, self.filled & 1 == 0);
        (self.depth > 0).then_some(Container { is_object, is_empty })
    }

    /// Sets whether the innermost container has a member.
    pub(super) fn fill(&mut self, is_filled: bool) {
        self.filled = self.filled & !1 | u64::from(is_filled);
    }

    pub(super) fn describes(&self) -> bool {
        self.describing & 1 == 1
    }

    pub(super) fn close_to(&mut self, depth: u32) {
        while self.depth > depth {
            self.close();
        }
    }

    pub(super) fn close(&mut self) -> Option<Container> {
        let last = self.last()?;
        self.depth -= 1;
        self.objects >>= 1;
        self.filled >>= 1;
        self.describing >>= 1;
        Some(last)
    }
}
