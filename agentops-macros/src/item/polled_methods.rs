//! Detects methods that an executor polls: a span for each poll would not describe the work.

use syn::{
    FnArg, GenericArgument, Path, PathArguments, ReturnType, Signature, Type, ext::IdentExt,
};

/// Returns `true` if a method is polled: by its name (`poll_…`), its return type (`Poll<…>`) or a task's `Context`
/// argument. An `async fn` never counts, whatever its name.
pub(super) fn is_polled(signature: &Signature) -> bool {
    let named = signature.ident.unraw().to_string().starts_with("poll_");
    signature.asyncness.is_none()
        && (named || returns_poll(signature) || takes_context_of_a_task(signature))
}

/// Returns `true` if it returns `Poll<…>`, possibly inside a `Result` or an `Option`.
fn returns_poll(signature: &Signature) -> bool {
    returned(signature).is_some_and(holds_poll)
}

fn holds_poll(of: &Path) -> bool {
    let Some(last) = of.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    match last.ident.to_string().as_str() {
        "Poll" => true,
        "Result" | "Option" => arguments.args.iter().any(|argument| match argument {
            GenericArgument::Type(inner) => path(inner).is_some_and(holds_poll),
            _ => false,
        }),
        _ => false,
    }
}

/// Returns `true` if it takes a task's `&mut Context`. Programs have types of that name, too, so the path or a
/// return type such as `PollResult` must confirm it.
fn takes_context_of_a_task(signature: &Signature) -> bool {
    let returned = returned(signature).and_then(|path| path.segments.last());
    let is_alias = returned.is_some_and(|last| last.ident.to_string().starts_with("Poll"));
    let contexts = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => mutable_context(&typed.ty),
        FnArg::Receiver(_) => None,
    });
    let of_task = |path: &Path| {
        path.segments.iter().rev().nth(1).is_some_and(|segment| segment.ident == "task")
    };
    contexts.into_iter().any(|path| is_alias || of_task(path))
}

/// Returns the path to `Context` in `&mut Context<'_>`.
fn mutable_context(of: &Type) -> Option<&Path> {
    let Type::Reference(reference) = of else { return None };
    let path = path(&reference.elem).filter(|_| reference.mutability.is_some())?;
    path.segments.last().is_some_and(|last| last.ident == "Context").then_some(path)
}

fn returned(signature: &Signature) -> Option<&Path> {
    match &signature.output {
        ReturnType::Type(_, output) => path(output),
        ReturnType::Default => None,
    }
}

fn path(of: &Type) -> Option<&Path> {
    match of {
        Type::Path(path) => Some(&path.path),
        Type::Group(group) => path(&group.elem),
        Type::Paren(paren) => path(&paren.elem),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::{Signature, parse_str};

    use super::is_polled;

    fn polled(signature: &str) -> bool {
        is_polled(&parse_str::<Signature>(signature).unwrap())
    }

    #[test]
    fn polled_method_is_recognised_by_name_or_types() {
        for signature in [
            "fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u8>",
            "fn poll_next(self: Pin<&mut Self>, cx: &mut Cx) -> Next",
            "fn r#poll_flush(&mut self)",
            "fn ready(&self) -> std::task::Poll<()>",
            "fn ready(&self) -> (Poll<()>)",
            "fn ready(&self) -> io::Result<Poll<()>>",
            "fn ready(&self) -> Option<Result<Poll<()>, E>>",
            "fn wake(&self, cx: &mut std::task::Context<'_>) -> bool",
            "fn drive(&self, cx: &mut Context<'_>) -> PollResult",
        ] {
            assert!(polled(signature), "{signature}");
        }
    }

    #[test]
    fn working_method_is_not_polled() {
        for signature in [
            "async fn poll_status(&self) -> Poll<u8>",
            "fn poll(&self) -> Vec<Mail>",
            "fn pollute(&self)",
            "fn open(&self) -> Poll",
            "fn run(&self, context: &mut Context<'_>) -> Result<u8, E>",
            "fn run(&self, context: &task::Context<'_>) -> u8",
            "fn run(&self, votes: Vec<Poll<u8>>) -> Vec<Poll<u8>>",
            "fn run(&self) -> Result<u8, PollError>",
        ] {
            assert!(!polled(signature), "{signature}");
        }
    }
}
