//! Where a random function stands: alone, or in an impl block that carries the attribute.

use crate::{choice::Choice, function::Function};

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Free,
    Inherent,
    Trait,
    /// Our attribute stands above `#[async_trait]`.
    AboveAsyncTrait,
    /// Our attribute stands below it.
    BelowAsyncTrait,
}

impl Place {
    pub(crate) fn random(choice: &mut Choice) -> Self {
        let places = [Self::Inherent, Self::Trait, Self::AboveAsyncTrait, Self::BelowAsyncTrait];
        if choice.once_in(2) { Self::Free } else { *choice.one_of(&places) }
    }

    pub(crate) fn is_block(self) -> bool {
        self != Self::Free
    }

    pub(crate) fn is_async_trait(self) -> bool {
        matches!(self, Self::AboveAsyncTrait | Self::BelowAsyncTrait)
    }
}

/// The items around a function, below the attribute.
pub(crate) fn annotated(function: &Function, attribute: &str) -> String {
    let marker = function.marker();
    let method = function.written(&function.patterns(), &function.body());
    match function.place {
        Place::Free => format!("/// Documented.\n{attribute}\npub {method}\n"),
        Place::Inherent => format!(
            "pub struct Of{marker}<Held>(pub Held);\n\
             {attribute}\n\
             impl<Held> Of{marker}<Held> {{\n\
             pub const SIZE: usize = 3;\n\
             pub const fn size(&self) -> usize {{ Self::SIZE }}\n\
             #[agentops(skip)]\npub fn left_out(&self) {{}}\n\
             fn private(&self) {{}}\n\
             #[agentops::task]\npub fn own() {{}}\n\
             /// Documented.\npub {method}\n}}\n"
        ),
        Place::Trait => format!(
            "pub trait Like{marker} {{\ntype Other;\nconst SIZE: usize = 3;\n{}\n}}\n\
             pub struct Of{marker}<Held>(pub Held);\n\
             {attribute}\n\
             impl<Held: Clone> Like{marker} for Of{marker}<Held> {{\n\
             type Other = [Held; 2];\nconst SIZE: usize = {{ 4 }};\n{method}\n}}\n",
            function.declared()
        ),
        Place::AboveAsyncTrait | Place::BelowAsyncTrait => {
            let theirs = "#[async_trait::async_trait(?Send)]";
            let above = function.place == Place::AboveAsyncTrait;
            let (first, second) = if above { (attribute, theirs) } else { (theirs, attribute) };
            format!(
                "{theirs}\npub trait Like{marker} {{\n{}\n}}\n\
                 pub struct Of{marker}<Held>(pub Held);\n\
                 {first}\n{second}\n\
                 impl<Held> Like{marker} for Of{marker}<Held> {{\n{method}\n}}\n",
                function.declared()
            )
        }
    }
}
