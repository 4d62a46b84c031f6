//! What identifies a person within a program. Each kind has one written form, so that two ways of writing the same
//! number or address find the same member.

mod card_number;
mod email;
mod phone;

use std::borrow::Cow;

pub use card_number::CardNumber;
pub use email::Email;
pub use phone::Phone;

/// Something that belongs to one member of a program at most.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Identifier {
    /// A phone number.
    Phone(Phone),
    /// An e-mail address.
    Email(Email),
    /// The number of a loyalty card.
    CardNumber(CardNumber),
}

/// The kinds of identifiers.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum IdentifierKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The number of a loyalty card.
    CardNumber,
}

impl Identifier {
    /// Returns what kind of identifier it is.
    pub const fn kind(&self) -> IdentifierKind {
        match self {
            Identifier::Phone(_) => IdentifierKind::Phone,
            Identifier::Email(_) => IdentifierKind::Email,
            Identifier::CardNumber(_) => IdentifierKind::CardNumber,
        }
    }

    /// Returns the text that is the same for all ways of writing the identifier.
    pub fn index_form(&self) -> Cow<'_, str> {
        match self {
            Identifier::Phone(phone) => phone.reveal().into(),
            Identifier::Email(email) => email.index_form().into(),
            Identifier::CardNumber(card_number) => card_number.reveal().into(),
        }
    }
}

impl IdentifierKind {
    /// Every kind.
    pub const ALL: [IdentifierKind; 3] = [IdentifierKind::Phone, IdentifierKind::Email, IdentifierKind::CardNumber];

    /// Returns the field of a profile that holds this kind.
    pub const fn field(self) -> &'static str {
        match self {
            IdentifierKind::Phone => "phone",
            IdentifierKind::Email => "email",
            IdentifierKind::CardNumber => "card_number",
        }
    }
}
