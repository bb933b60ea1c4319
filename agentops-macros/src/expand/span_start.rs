//! Expands the beginning of a body: requests the span and records inputs and attributes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Expr, ext::IdentExt, spanned::Spanned};

use crate::{
    args::{Field, Form, Level, Redaction},
    item::{Binding, Function, GENERATED},
    keyword::Kind,
    model::{Known, Limit, Model},
    path::Private,
};

/// Returns the identifier `__agentops_start`: the admission decision, which also collects the attributes.
pub(super) fn variable() -> Ident {
    Ident::new("__agentops_start", Span::mixed_site())
}

/// Requests the span, and records inputs and attributes if it is recorded.
pub(super) fn start(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = variable();
    let admitted = admit(model, function, private);
    let records = records(model, function, private);
    if records.is_empty() {
        return quote_spanned! {site=> let #start = #admitted; };
    }
    quote_spanned! {site=>
        let mut #start = #admitted;
        if #start.is_on() {
            #(#records)*
        }
    }
}

fn admit(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let kind = kind(model, private);
    let name = model.name(function);
    let target = match model.args.target.value() {
        Some(target) => quote_spanned! {site=> #target },
        None => quote_spanned! {site=> ::core::module_path!() },
    };
    let level = level(model, private);
    let settings = settings(model, function, private);
    let is_later = function.signature.asyncness.is_none() && model.returned(function).is_deferred();
    let later = is_later.then(|| quote_spanned! {site=> ; later });
    quote_spanned! {site=>
        #private::admit! {
            kind: #kind,
            name: #name,
            target: #target,
            level: #level,
            settings: #settings,
            #later
        }
    }
}

fn kind(model: &Model, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let variant = match model.kind {
        Kind::Session => "Session",
        Kind::Agent => "Agent",
        Kind::Tool => "Tool",
        Kind::Llm => "Llm",
        Kind::Task => "Task",
        Kind::Workflow => "Workflow",
        Kind::Operation => "Operation",
        Kind::Guardrail => "Guardrail",
        Kind::Traced => {
            let kind = model.args.kind.value();
            return quote_spanned! {site=> #private::SpanKind::Custom(#kind) };
        }
    };
    let variant = Ident::new(variant, site);
    quote_spanned! {site=> #private::SpanKind::#variant }
}

fn level(model: &Model, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let name = match model.args.level.value() {
        Some(Level::Path(path)) => return quote_spanned! {site=> #path },
        Some(Level::Named(name)) => name,
        None => "INFO",
    };
    let name = Ident::new(name, site);
    quote_spanned! {site=> #private::Level::#name }
}

fn settings(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let args = &model.args;
    let version = args.version.value().map(|version| quote_spanned! {site=> .version(#version) });
    let tags = args.tags.value().map(|tags| quote_spanned! {site=> .tags(&[#(#tags),*]) });
    let description = model.description(function);
    let description = description.map(|text| quote_spanned! {site=> .description(#text) });
    let spec = args.spec.value().map(|spec| quote_spanned! {site=> .spec(#spec) });
    let input = args.capture_input.value().map(|on| quote_spanned! {site=> .capture_input(#on) });
    let output =
        args.capture_output.value().map(|on| quote_spanned! {site=> .capture_output(#on) });
    let max_len = args.max_len.value().map(|bytes| quote_spanned! {site=> .max_len(#bytes) });
    let redact = model.redacts_nothing().then(|| quote_spanned! {site=> .redact(false) });
    let cancelled = args.cancelled.value();
    let cancelled = cancelled.map(|_| quote_spanned! {site=> .cancelled_fails(true) });
    let returns_value =
        [&args.future, &args.stream].iter().any(|slot| slot.value() == Some(&false));
    let returns_value = returns_value.then(|| quote_spanned! {site=> .returns_value(true) });
    quote_spanned! {site=>
        #private::Settings::new()
            #version #tags #description #spec #input #output #max_len #redact #cancelled #returns_value
    }
}

fn records(model: &Model, function: &Function, private: &Private) -> Vec<TokenStream> {
    let args = &model.args;
    let mut records = Vec::new();
    records.extend(model.name_value().map(|name| identify("name", name, private)));
    // First, so that the options of the call come later and take precedence.
    records.extend(agent(model, function, private));
    records.extend(input(model, function, private));
    let fields = args.fields.value().into_iter().flatten();
    records.extend(fields.map(|field| record_field("field", field, model, private)));
    records.extend(model.known().iter().map(|known| record_known(known, private)));
    records.extend(args.session_id.value().map(|id| identify("session_id", id, private)));
    records.extend(args.user_id.value().map(|id| identify("user_id", id, private)));
    let metadata = args.metadata.value().into_iter().flatten();
    records.extend(metadata.map(|field| record_field("metadata", field, model, private)));
    records.extend(model.limits().iter().map(limit));
    records.extend(model.cancels().then(|| {
        let start = variable();
        quote_spanned! {Span::mixed_site()=> #start.limit_cancels(); }
    }));
    records
}

/// Records the agent identity of `self`.
fn agent(model: &Model, function: &Function, private: &Private) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let start = variable();
    let this = function.signature.receiver()?.self_token;
    let named = model.args.name.value().is_some();
    Some(quote_spanned! {site=> #start.agent(#private::agent!(#this), #named); })
}

/// Records the captured arguments. Those of a model call may be requests.
fn input(model: &Model, function: &Function, private: &Private) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let start = variable();
    let inputs = model.inputs(function);
    let entries = inputs.iter().map(|binding| entry(model, binding, private));
    let underscored = inputs.iter().any(|binding| binding.is_underscored());
    let allowance =
        underscored.then(|| quote_spanned! {site=> #[allow(clippy::used_underscore_binding)] });
    let method = Ident::new(if model.kind == Kind::Llm { "request" } else { "input" }, site);
    let record = quote_spanned! {site=> #allowance #start.#method(&[#(#entries),*]); };
    let masks: TokenStream =
        inputs.iter().filter_map(|binding| mask(model, binding, private)).collect();
    match (inputs.is_empty(), masks.is_empty()) {
        (true, _) => None,
        (false, true) => Some(record),
        // The other arguments of a model call may be requests, even if content is not captured.
        (false, false) if model.kind == Kind::Llm => Some(quote_spanned! {site=> #masks #record }),
        (false, false) => {
            Some(quote_spanned! {site=> if #start.captures_input() { #masks #record } })
        }
    }
}

fn entry(model: &Model, binding: &Binding, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let Binding { ident, conditions, .. } = binding;
    let key = ident.unraw().to_string();
    let is_asked = model.kind == Kind::Llm;
    let hidden = match model.redaction(binding) {
        Some(redaction) => Some(redacted(binding, redaction, private)),
        None => model.hides(&key).then(|| {
            quote_spanned! {site=> #private::Captured::Credential(&#private::capture!(#ident)) }
        }),
    };
    let captured = match hidden {
        Some(captured) if is_asked => quote_spanned! {site=> #private::Asked::only(#captured) },
        Some(captured) => captured,
        None if is_asked => quote_spanned! {site=> #private::asked!(#ident) },
        None => quote_spanned! {site=> #private::capture!(#ident) },
    };
    quote_spanned! {site=> #(#conditions)* (#key, #captured) }
}

/// Returns the value that is recorded instead of an argument.
fn redacted(binding: &Binding, redaction: &Redaction, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    if redaction.mask.is_none() {
        return quote_spanned! {site=> #private::Captured::Redacted };
    }
    let masked = masked(binding);
    quote_spanned! {site=> #private::masked!(#masked) }
}

/// Calls the mask function of an argument, if content is captured.
fn mask(model: &Model, binding: &Binding, private: &Private) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let mask = model.redaction(binding)?.mask.as_ref()?;
    let masked = masked(binding);
    let Binding { ident, conditions, .. } = binding;
    let at_mask = site.located_at(mask.span());
    let call = quote_spanned! {at_mask=> #mask(&#ident) };
    let asked = quote_spanned! {site=> #private::guarded(|| #call) };
    let start = variable();
    let asked = if model.kind == Kind::Llm {
        quote_spanned! {site=> if #start.captures_input() { #asked } else { ::core::option::Option::None } }
    } else {
        asked
    };
    Some(quote_spanned! {site=> #(#conditions)* let #masked = #asked; })
}

/// Returns the identifier of a masked argument.
fn masked(binding: &Binding) -> Ident {
    format_ident!("{GENERATED}masked_{}", binding.ident.unraw(), span = Span::mixed_site())
}

fn record_field(method: &str, field: &Field, model: &Model, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = variable();
    let method = Ident::new(method, site);
    let key = &field.key;
    let value = match field.form {
        Form::Value => call("field_value", &field.value, private),
        Form::Display => {
            let argument = argument(&field.value);
            quote_spanned! {site=> #start.display(#argument) }
        }
        Form::Debug => {
            let argument = argument(&field.value);
            quote_spanned! {site=> #start.debug(#argument) }
        }
    };
    let value = if model.hides(key) {
        quote_spanned! {site=> #start.credential(#key, #value) }
    } else {
        value
    };
    quote_spanned! {site=> #start.#method(#key, #value); }
}

fn record_known(known: &Known<'_>, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = variable();
    let key = Ident::new(known.key, site);
    let value = call("field_value", known.value, private);
    quote_spanned! {site=> #start.field(#private::key::#key, #value); }
}

fn identify(method: &str, value: &Expr, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = variable();
    let method = Ident::new(method, site);
    let value = call("field_value", value, private);
    quote_spanned! {site=> #start.#method(#value); }
}

fn limit(Limit { name, value }: &Limit<'_>) -> TokenStream {
    let site = Span::mixed_site();
    let start = variable();
    let method = format_ident!("limit_{name}", span = site);
    quote_spanned! {site=> #start.#method(#value); }
}

/// Calls a runtime function on the user's expression, with a span that makes type errors point there.
pub(super) fn call(function: &str, value: &Expr, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let function = Ident::new(function, site);
    let argument = argument(value);
    quote_spanned! {site=> #private::#function(#argument) }
}

fn argument(value: &Expr) -> TokenStream {
    let at_value = Span::mixed_site().located_at(value.span());
    quote_spanned! {at_value=> &(#value) }
}
