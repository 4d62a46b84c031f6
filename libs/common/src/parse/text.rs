//! Characters that have no business in a text: NUL, which Postgres cannot hold; control characters, which forge lines of
//! logs; and those that turn or hide text, so that a person reads something else than the machine.
//!
//! The walk goes over the encoded message with a table of where texts are, made once from the contracts. Encoding a request
//! again costs less than a microsecond, and no text of any request, present or future, is left out.

use std::{collections::HashMap, sync::LazyLock};

use prost::{
    Message, Name,
    encoding::{WireType, decode_key, decode_varint},
};
use prost_reflect::{Kind, MessageDescriptor};

use crate::refusal::Violations;

const DESCRIPTION: &str = "holds a control character, or one that turns or hides text";

/// Tells whether a character may be in a text. Line breaks and tabs may; so may the joiners that scripts and emoji need.
fn is_allowed(character: char) -> bool {
    !matches!(character,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Reads a text that came by another way than a request, such as a file.
pub fn text(violations: &mut Violations, field: &str, text: &str) -> Option<String> {
    let clean = text.chars().all(is_allowed);
    violations.check(clean, field, DESCRIPTION);
    clean.then(|| text.to_owned())
}

/// Notes every text of a message that holds what it should not.
pub(super) fn check_texts<M: Message + Name>(message: &M) -> Violations {
    let mut walk = Walk {
        violations: Violations::default(),
        path: Vec::new(),
    };
    if let Some(shape) = SHAPES.by_name.get(&(M::PACKAGE, M::NAME)) {
        walk.message(*shape, &message.encode_to_vec());
    }
    walk.violations
}

/// Where texts are in the messages of the contracts.
struct Shapes {
    by_name: HashMap<(&'static str, &'static str), usize>,
    shapes: Vec<Vec<Field>>,
}

/// A field that is a text or may hold one.
struct Field {
    number: u32,
    name: String,
    repeated: bool,
    holds: Holds,
}

#[derive(Clone, Copy)]
enum Holds {
    Text,
    Message(usize),
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let messages: Vec<_> = proto::descriptors().all_messages().collect();
    let numbers: HashMap<_, _> = messages.iter().map(|message| message.full_name()).zip(0..).collect();
    let shapes = messages.iter().map(|message| shape(message, &numbers)).collect();
    let name = |message: &MessageDescriptor| {
        let package: &'static str = message.package_name().to_owned().leak();
        let name: &'static str = message.full_name()[package.len()..]
            .trim_start_matches('.')
            .to_owned()
            .leak();
        (package, name)
    };
    let by_name = messages.iter().map(name).zip(0..).collect();
    Shapes { by_name, shapes }
});

fn shape(message: &MessageDescriptor, numbers: &HashMap<&str, usize>) -> Vec<Field> {
    let field = |field: prost_reflect::FieldDescriptor| {
        let holds = match field.kind() {
            Kind::String => Holds::Text,
            Kind::Message(inner) => Holds::Message(*numbers.get(inner.full_name())?),
            _ => return None,
        };
        Some(Field {
            number: field.number(),
            name: field.name().to_owned(),
            repeated: field.is_list() || field.is_map(),
            holds,
        })
    };
    message.fields().filter_map(field).collect()
}

struct Walk {
    violations: Violations,
    path: Vec<(&'static Field, usize)>,
}

impl Walk {
    /// Walks over what prost has just written; were it ever not well-formed, the rest of it is passed over.
    fn message(&mut self, shape: usize, mut bytes: &[u8]) -> Option<()> {
        let fields: &'static [Field] = &SHAPES.shapes[shape];
        let mut last = (0, 0);
        while !bytes.is_empty() {
            let (number, wire_type) = decode_key(&mut bytes).ok()?;
            let length = match wire_type {
                WireType::Varint => {
                    decode_varint(&mut bytes).ok()?;
                    0
                }
                WireType::SixtyFourBit => 8,
                WireType::ThirtyTwoBit => 4,
                WireType::LengthDelimited => usize::try_from(decode_varint(&mut bytes).ok()?).ok()?,
                WireType::StartGroup | WireType::EndGroup => return None,
            };
            let (content, rest) = bytes.split_at_checked(length)?;
            bytes = rest;
            last = if last.0 == number {
                (number, last.1 + 1)
            } else {
                (number, 0)
            };
            if wire_type == WireType::LengthDelimited
                && let Some(field) = fields.iter().find(|field| field.number == number)
            {
                self.path.push((field, last.1));
                match field.holds {
                    Holds::Text => self.text(content),
                    Holds::Message(inner) => _ = self.message(inner, content),
                }
                self.path.pop();
            }
        }
        Some(())
    }

    fn text(&mut self, content: &[u8]) {
        // Printable ASCII, nearly always: no need to look at characters.
        if content.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            return;
        }
        let clean = std::str::from_utf8(content).is_ok_and(|text| text.chars().all(is_allowed));
        if !clean {
            self.violations.add(self.path(), DESCRIPTION);
        }
    }

    fn path(&self) -> String {
        let step = |(field, index): &(&Field, usize)| match field.repeated {
            true => format!("{}[{index}]", field.name),
            false => field.name.clone(),
        };
        self.path.iter().map(step).collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use proto::tier::{Ladder, Level, PublishLadderRequest};

    use super::*;

    fn fields(request: &PublishLadderRequest) -> Vec<String> {
        check_texts(request)
            .list()
            .iter()
            .map(|violation| violation.field.clone())
            .collect()
    }

    fn level(display_name: &str) -> Level {
        Level {
            display_name: display_name.to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn every_text_of_a_message_is_looked_at_however_deep() {
        let levels = vec![level("Basis"), level("Go\u{202e}dl"), level("\0")];
        let ladder = Ladder {
            levels,
            display_name: "a\u{7}".to_owned(),
            ..Default::default()
        };
        let request = PublishLadderRequest {
            request_id: "\u{feff}x".to_owned(),
            ladder: Some(ladder),
            ..Default::default()
        };
        let expected = [
            "request_id",
            "ladder.display_name",
            "ladder.levels[1].display_name",
            "ladder.levels[2].display_name",
        ];
        assert_eq!(fields(&request), expected);
    }

    #[test]
    fn honest_texts_of_all_scripts_pass() {
        for honest in [
            "",
            "Gold",
            "金卡会员",
            "ذهبي",
            "می‌خواهم",
            "👩‍👩‍👧",
            "two\nlines\tand a tab",
            "e\u{301}",
        ] {
            let ladder = Ladder {
                levels: vec![level(honest)],
                ..Default::default()
            };
            let request = PublishLadderRequest {
                ladder: Some(ladder),
                ..Default::default()
            };
            assert!(fields(&request).is_empty(), "{honest:?}");
        }
    }

    #[test]
    fn a_text_from_elsewhere_is_held_to_the_same() {
        let mut violations = Violations::default();
        assert_eq!(text(&mut violations, "name", "Gold").as_deref(), Some("Gold"));
        assert_eq!(text(&mut violations, "name", "Go\u{200b}ld"), None);
        assert_eq!(violations.list().len(), 1);
    }
}
