//! Expansion of structs.

use quote::quote;

use crate::{annotate, keyword::Kind, tests::spaced};

#[test]
fn struct_implements_its_identity() {
    let args = quote! { role = "research" };
    let item = quote! {
        /// Finds sources.
        #[agentops(description = self.text())]
        #[derive(Clone)]
        pub struct Researcher<'a, T = u8>(#[agentops(name)] &'a str, #[cfg(a)] #[agentops(id)] pub T) where T: Copy;
    };
    let expected = quote! {
        /// Finds sources.
        #[derive(Clone)]
        pub struct Researcher<'a, T = u8>(&'a str, #[cfg(a)] pub T) where T: Copy;
        #[automatically_derived]
        #[allow(deprecated)]
        impl<'a, T> ::agentops::__private::Identified for Researcher<'a, T>
        where T: Copy, T: ::agentops::__private::FieldValue
        {
            fn agent_identity(&self) -> ::agentops::__private::AgentIdentity {
                let __agentops_identity = ::agentops::__private::AgentIdentity::of("Researcher");
                let __agentops_identity = __agentops_identity.role(::agentops::__private::field_value(&("research")));
                let __agentops_identity = __agentops_identity.description(::agentops::__private::field_value(&(self.text())));
                let __agentops_identity = __agentops_identity.name(::agentops::__private::identity_part::<&'a str>(&self.0));
                #[cfg(a)]
                let __agentops_identity = __agentops_identity.id(::agentops::__private::identity_part::<T>(&self.1));
                __agentops_identity
            }
        }
    };
    assert_eq!(spaced(&annotate(Kind::Agent, &args, item)), spaced(&expected));
}
