//! Checks for a struct that is an agent.

use crate::{
    errors::Errors,
    item::{IdentityPart, Structure},
    keyword,
    model::Model,
};

pub(super) fn check(model: &Model, structure: &Structure, errors: &mut Errors) {
    options_of_an_identity(model, errors);
    known_marks(structure, errors);
    for part in IdentityPart::ALL {
        part_given_once(model, structure, part, errors);
    }
}

/// Checks that no option describes calls, since a struct is not a call.
fn options_of_an_identity(model: &Model, errors: &mut Errors) {
    let accepted =
        [keyword::NAME, keyword::ROLE, keyword::DESCRIPTION, keyword::ID, keyword::CRATE];
    for key in &model.args.keys {
        let word = key.word();
        if !accepted.contains(&word.as_str()) {
            let message = format!(
                "`{word}` speaks of calls; put it on an impl block or a method of the struct"
            );
            errors.at(key.ident.span(), message);
        }
    }
}

fn known_marks(structure: &Structure, errors: &mut Errors) {
    for mark in structure.marks.iter().filter(|mark| mark.part.is_none()) {
        let words = IdentityPart::ALL.into_iter().map(IdentityPart::word);
        let message = match (mark.written.as_str(), keyword::nearest(&mark.written, words)) {
            ("", _) => {
                "`#[agentops]` needs a word on a field; write `#[agentops(name)]`".to_owned()
            }
            (written, Some(meant)) => format!("unknown mark `{written}`; did you mean `{meant}`?"),
            (written, None) => {
                format!("unknown mark `{written}`; expected `name`, `id` or `role`")
            }
        };
        errors.at(mark.span, message);
    }
}

/// Checks that each part of the identity is given only once.
fn part_given_once(model: &Model, structure: &Structure, part: IdentityPart, errors: &mut Errors) {
    let word = part.word();
    let option = match part {
        IdentityPart::Name => model.args.name.key(),
        IdentityPart::Id => model.args.id.key(),
        IdentityPart::Role => model.args.role.key(),
    };
    let mut fields = structure.marks.iter().filter(|mark| mark.part == Some(part));
    if let (Some(_), Some(field)) = (option, fields.clone().next()) {
        let message = format!("the {word} is given by the option `{word}`, too; keep one");
        errors.at(field.span, message);
    }
    for second in fields.by_ref().skip(1) {
        errors.at(second.span, format!("another field gives the {word}, too; keep one"));
    }
}
