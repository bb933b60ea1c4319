#![deny(warnings)]

extern crate agentops as telemetry;

mod wrapped {
    pub mod deep {
        pub use ::agentops::*;
    }
}

mod agentops {}

macro_rules! annotated {
    ($name:ident) => {
        #[telemetry::tool(crate = $crate::wrapped::deep)]
        fn $name() {}
    };
}

annotated!(through_a_macro);

#[telemetry::tool(crate = ::telemetry, fields(size = 1))]
fn renamed(query: &str) -> usize {
    query.len()
}

#[telemetry::agent(crate = crate::wrapped::deep, id = 1)]
async fn reexported(query: String) -> usize {
    query.len()
}

fn main() {
    through_a_macro();
    assert_eq!(renamed("rust"), 4);
    drop(reexported(String::new()));
}
