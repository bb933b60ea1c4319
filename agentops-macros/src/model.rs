//! Combines the attribute and its item: everything that a span is made from.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, ext::IdentExt};

use crate::{
    args::{Args, Budget, Name, Policy, Redact, Redaction, Slot},
    credential::credential,
    item::{Binding, Block, Function, Item, Method, Output, Returned, Structure, WorkOptions},
    keyword::{self, Kind},
    own_attributes::{self, Mark, SkipIf},
    tokens::mentions,
};

/// Annotated item.
pub(crate) struct Model {
    pub(crate) kind: Kind,
    pub(crate) args: Args,
    pub(crate) item: Item,
    /// `true` for a derive, which adds to the item instead of replacing it.
    pub(crate) is_derived: bool,
}

/// Attribute whose key is a constant of the runtime.
pub(crate) struct Known<'a> {
    /// Name of the constant in the runtime's `key` module.
    pub(crate) key: &'static str,
    pub(crate) value: &'a Expr,
}

/// Limit of a budget.
pub(crate) struct Limit<'a> {
    /// Name of the limit, and of the method that sets it.
    pub(crate) name: &'static str,
    pub(crate) value: &'a Expr,
}

impl Model {
    pub(crate) fn new(kind: Kind, args: Args, item: Item) -> Self {
        Self { kind, args, item, is_derived: false }
    }

    /// Creates the model of `#[derive(Agent)]`.
    pub(crate) fn derived(args: Args, item: Item) -> Self {
        Self { is_derived: true, ..Self::new(Kind::Agent, args, item) }
    }

    /// Returns the macro as the user writes it.
    pub(crate) fn macro_name(&self) -> String {
        if self.is_derived {
            "#[derive(Agent)]".to_owned()
        } else {
            format!("#[{}]", self.kind.name())
        }
    }

    /// Returns the name of the agent that a struct stands for, unless a field or an expression provides it.
    pub(crate) fn agent_name(&self, structure: &Structure) -> String {
        self.written_name().map_or_else(|| structure.name(), LitStr::value)
    }

    /// Returns the name of the span, unless an expression provides it.
    pub(crate) fn name(&self, function: &Function) -> String {
        let given = self.written_name().or(self.args.type_name.value());
        given.map_or_else(|| function.name(), LitStr::value)
    }

    /// Returns the name that is given as a literal.
    fn written_name(&self) -> Option<&LitStr> {
        match self.args.name.value()? {
            Name::Text(text) => Some(text),
            Name::Value(_) => None,
        }
    }

    /// Returns the expression that provides the name of the span.
    pub(crate) fn name_value(&self) -> Option<&Expr> {
        match self.args.name.value()? {
            Name::Text(_) => None,
            Name::Value(value) => Some(value),
        }
    }

    /// Returns the meaning of the function's return type: a plain value, or work that continues after the call.
    pub(crate) fn returned(&self, function: &Function) -> Returned {
        let (future, stream) = (self.args.future.value(), self.args.stream.value());
        function.returned(WorkOptions { future: future.copied(), stream: stream.copied() })
    }

    /// Returns the output type of the function's body.
    pub(crate) fn output(&self, function: &Function) -> Output {
        match self.returned(function) {
            Returned::Value => function.output(),
            _ => function.output_that_goes_on(),
        }
    }

    /// Returns the span name for the methods of an impl block, if it is not the methods' own: an agent is named
    /// after its type.
    pub(crate) fn block_name(&self, block: &Block) -> Option<String> {
        let unnamed = self.kind == Kind::Agent && self.written_name().is_none();
        block.type_name.clone().filter(|_| unnamed)
    }

    /// Returns `true` if a method of an annotated impl block gets the attribute of the block. A method that the
    /// attribute's own expressions call does not: it would recurse endlessly.
    pub(crate) fn distributes_to(&self, block: &Block, method: &Method) -> bool {
        let decides_itself = |attribute| {
            self.own_kind(attribute).is_some() || self.mark(attribute) == Some(Mark::Skip)
        };
        let is_asked = || self.expressions().any(|value| calls(value.to_token_stream(), method));
        block.reaches(method) && !method.attributes.iter().any(decides_itself) && !is_asked()
    }

    /// Returns the meaning of an attribute on the item or on one of its methods.
    pub(crate) fn mark(&self, attribute: &Attribute) -> Option<Mark> {
        Mark::of(attribute, self.args.root.value())
    }

    /// Returns the condition under which a method of an annotated impl block is skipped, if any.
    pub(crate) fn skip_if(&self, attribute: &Attribute) -> Option<SkipIf> {
        SkipIf::of(attribute, self.args.root.value())
    }

    /// Returns `true` if another of our macros expands the block after this one.
    pub(crate) fn is_read_again(&self, block: &Block) -> bool {
        block.attributes.iter().any(|other| own_attributes::is_ours(other, self.args.root.value()))
    }

    /// Returns the kind of an attribute, if it is one of our macros.
    pub(crate) fn own_kind(&self, attribute: &Attribute) -> Option<Kind> {
        match self.mark(attribute) {
            Some(Mark::Kind(kind)) => Some(kind),
            Some(Mark::Skip | Mark::SkipIf | Mark::Unknown) | None => None,
        }
    }

    /// Returns the description known at expansion: a literal, or else the doc comment.
    pub(crate) fn description(&self, function: &Function) -> Option<String> {
        match self.args.description.value() {
            // The agent's type may provide a description, so the call's own is recorded later and takes
            // precedence.
            Some(_) if self.kind == Kind::Agent => None,
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text.value()),
            None if matches!(self.kind, Kind::Agent | Kind::Tool) => function.description(),
            Some(_) | None => None,
        }
    }

    /// Returns the arguments that are captured.
    pub(crate) fn inputs<'a>(&'a self, function: &'a Function) -> Vec<&'a Binding> {
        if self.args.capture_input.value() == Some(&false) || self.args.skip_all.value().is_some() {
            return Vec::new();
        }
        function.bindings().filter(|binding| self.captures(binding)).collect()
    }

    /// Returns the redaction of an argument, if it is redacted.
    pub(crate) fn redaction(&self, binding: &Binding) -> Option<&Redaction> {
        let redact = self.args.redact.value()?;
        redact.named().iter().find(|redaction| binding.is_called(&redaction.name))
    }

    /// Returns `true` if a value of this name is redacted unless the recording of credentials is enabled.
    pub(crate) fn hides(&self, name: &str) -> bool {
        !self.redacts_nothing() && credential(name).is_some()
    }

    /// Returns `true` if the function disables redaction (`redact = off`).
    pub(crate) fn redacts_nothing(&self) -> bool {
        matches!(self.args.redact.value(), Some(Redact::Off))
    }

    /// Returns `true` if the span records an argument, so that it counts as used.
    pub(crate) fn uses(&self, function: &Function, binding: &Binding) -> bool {
        let captured = self.inputs(function).iter().any(|input| input.ident == binding.ident);
        captured
            || self.expressions().any(|value| mentions(value.to_token_stream(), &binding.ident))
    }

    fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let Args { fields, metadata, session_id, user_id, .. } = &self.args;
        let named = [fields, metadata].into_iter().filter_map(Slot::value).flatten();
        let known = self.known().into_iter().map(|known| known.value);
        let ids = [self.name_value(), session_id.value(), user_id.value()].into_iter().flatten();
        let limits = self.limits().into_iter().map(|limit| limit.value);
        named.map(|field| &field.value).chain(known).chain(ids).chain(limits)
    }

    /// Returns `true` if the session is cancelled when it exceeds a limit.
    pub(crate) fn cancels(&self) -> bool {
        let policy = self.args.budget.value().and_then(|budget| budget.policy.value());
        policy == Some(&Policy::Cancel)
    }

    /// Returns the limits of the session's budget.
    pub(crate) fn limits(&self) -> Vec<Limit<'_>> {
        let Some(Budget { tokens, usd, seconds, .. }) = self.args.budget.value() else {
            return Vec::new();
        };
        let all = [
            (keyword::TOKENS, tokens.value()),
            (keyword::USD, usd.value()),
            (keyword::SECONDS, seconds.value()),
        ];
        all.into_iter().filter_map(|(name, value)| Some(Limit { name, value: value? })).collect()
    }

    fn captures(&self, binding: &Binding) -> bool {
        let names = |list: &Vec<Ident>| list.iter().any(|name| binding.is_called(name));
        let kept = self.args.only.value().is_none_or(names);
        let skipped = self.args.skip.value().is_some_and(names);
        kept && !skipped && !binding.is_generated()
    }

    /// Returns the attributes given by the options specific to the kind.
    pub(crate) fn known(&self) -> Vec<Known<'_>> {
        let Args { model, provider, operation, role, description, id, cost, .. } = &self.args;
        let described = description.value();
        let (agent, tool) =
            if self.kind == Kind::Agent { (described, None) } else { (None, described) };
        let all = [
            ("MODEL", model.value()),
            ("PROVIDER", provider.value()),
            ("OPERATION", operation.value()),
            ("ROLE", role.value()),
            ("AGENT_DESCRIPTION", agent),
            ("DESCRIPTION", tool.filter(|value| !is_text(value))),
            ("ID", id.value()),
            ("COST", cost.value()),
        ];
        all.into_iter().filter_map(|(key, value)| Some(Known { key, value: value? })).collect()
    }
}

/// Returns `true` if tokens call a method: `self.name()` or `Self::name(self)`.
fn calls(tokens: TokenStream, method: &Method) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let named = tokens.windows(3).any(|three| match three {
        [TokenTree::Punct(before), TokenTree::Ident(word), TokenTree::Group(arguments)] => {
            matches!(before.as_char(), '.' | ':')
                && arguments.delimiter() == Delimiter::Parenthesis
                && method.signature.ident.unraw() == word.unraw()
        }
        _ => false,
    });
    named
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => calls(group.stream(), method),
            _ => false,
        })
}

fn is_text(value: &Expr) -> bool {
    matches!(value, Expr::Lit(ExprLit { lit: Lit::Str(_), .. }))
}
