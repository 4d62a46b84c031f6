//! Writes a `Validate` implementation for every message, from the `buf.validate` rules of the contracts.
//!
//! A rule that is not understood here fails the build: no rule is ever passed over in silence. What a rule means is what
//! protovalidate says it means; the runtime half is `src/validate.rs`.
//!
//! The published generator for prost was tried and left: its build needs protoc, and it refuses messages inside a
//! `oneof`, which most of our requests and all of our events have. CEL expressions are deliberately absent.

use std::fmt::Write as _;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    OneofDescriptor, ReflectMessage as _, Value,
};

type Result<T> = std::result::Result<T, String>;

/// Returns the Rust code of all validators, for inclusion beside the module `loyalty`.
pub fn generate(pool: &DescriptorPool) -> Result<String> {
    let generator = Generator {
        field: extension(pool, "field")?,
        oneof: extension(pool, "oneof")?,
    };
    let mut code = String::new();
    for message in pool.all_messages().filter(is_ours) {
        generator
            .message(&message, &mut code)
            .map_err(|reason| format!("{}: {reason}", message.full_name()))?;
    }
    Ok(code)
}

struct Generator {
    field: ExtensionDescriptor,
    oneof: ExtensionDescriptor,
}

impl Generator {
    fn message(&self, message: &MessageDescriptor, code: &mut String) -> Result<()> {
        let mut body = String::new();
        for field in message.fields() {
            let rules = self.rules(&field);
            body += &field_check(&field, rules.as_ref()).map_err(|reason| format!("{}: {reason}", field.name()))?;
        }
        for oneof in message
            .oneofs()
            .filter(|oneof| !oneof.is_synthetic() && self.is_required(oneof))
        {
            let choices = oneof
                .fields()
                .map(|field| field.name().to_owned())
                .collect::<Vec<_>>()
                .join(", ");
            let place = format!("let at = at.field({:?});", oneof.name());
            let refusal = refuse("required", &format!("must be one of: {choices}"));
            writeln!(
                body,
                "if self.{}.is_none() {{ {place} {refusal} }}",
                member(oneof.name())
            )
            .unwrap();
        }
        writeln!(
            code,
            "impl crate::Validate for {} {{\n\
             #[allow(unused_variables)]\n\
             fn check(&self, at: &crate::Place<'_>, found: &mut ::std::vec::Vec<crate::Violation>) {{\n{body}}}\n}}",
            rust_path(message)
        )
        .unwrap();
        Ok(())
    }

    fn rules(&self, field: &FieldDescriptor) -> Option<DynamicMessage> {
        let options = field.options();
        options
            .has_extension(&self.field)
            .then(|| options.get_extension(&self.field).as_message().cloned())
            .flatten()
    }

    fn is_required(&self, oneof: &OneofDescriptor) -> bool {
        let options = oneof.options();
        let rules = options.get_extension(&self.oneof);
        rules.as_message().is_some_and(|rules| flag(rules, "required"))
    }
}

/// The checks of one field, in a block of its own in which `at` is the field's place and `value` a reference to it.
fn field_check(field: &FieldDescriptor, rules: Option<&DynamicMessage>) -> Result<String> {
    let ignore = rules.map_or(Ignore::Never, ignore_of);
    if ignore == Ignore::Always {
        return Ok(String::new());
    }
    let checks = if field.is_list() {
        list_checks(field, rules)?
    } else if field.is_map() {
        map_checks(field, rules)?
    } else {
        value_checks(&field.kind(), rules)?
    };
    let required = rules.is_some_and(|rules| flag(rules, "required"));
    if checks.is_empty() && !required {
        return Ok(String::new());
    }

    let place = format!("let at = &at.field({:?});", field.name());
    let name = member(field.name());
    let missing = refuse("required", "must be set");
    let otherwise = if required {
        format!("else {{ {place} {missing} }}")
    } else {
        String::new()
    };
    let real_oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
    Ok(if let Some(oneof) = real_oneof {
        let parent = field.parent_message();
        let variant = format!(
            "{}{}::{}::{}",
            module_path(parent),
            parent.name().to_snake_case(),
            oneof.name().to_upper_camel_case(),
            field.name().to_upper_camel_case()
        );
        let holder = member(oneof.name());
        format!(
            "if let ::std::option::Option::Some({variant}(value)) = &self.{holder} {{ {place} {checks} }} {otherwise}\n"
        )
    } else if field.supports_presence() {
        format!("if let ::std::option::Option::Some(value) = &self.{name} {{ {place} {checks} }} {otherwise}\n")
    } else if required || ignore == Ignore::IfZero {
        let empty = is_zero(field);
        format!("let value = &self.{name}; if !({empty}) {{ {place} {checks} }} {otherwise}\n")
    } else {
        format!("{{ let value = &self.{name}; {place} {checks} }}\n")
    })
}

fn list_checks(field: &FieldDescriptor, rules: Option<&DynamicMessage>) -> Result<String> {
    let mut code = String::new();
    let mut items = None;
    if let Some(rules) = rules.map(|rules| typed(rules, "repeated")).transpose()?.flatten() {
        for (rule, value) in rules.fields() {
            match (rule.name(), value) {
                ("min_items", Value::U64(n)) => {
                    code += &bound("value.len() <", *n, "repeated.min_items", "must have at least", "item")
                }
                ("max_items", Value::U64(n)) => {
                    code += &bound("value.len() >", *n, "repeated.max_items", "must have at most", "item")
                }
                ("items", Value::Message(rules)) => items = Some(rules.clone()),
                (name, _) => return Err(format!("repeated.{name} is not supported")),
            }
        }
    }
    let each = value_checks(&field.kind(), items.as_ref())?;
    if !each.is_empty() {
        write!(
            code,
            "for (index, value) in value.iter().enumerate() {{ let at = &at.index(index); {each} }}"
        )
        .unwrap();
    }
    Ok(code)
}

fn map_checks(field: &FieldDescriptor, rules: Option<&DynamicMessage>) -> Result<String> {
    let kind = field.kind();
    let entry = kind.as_message().ok_or("a map without an entry")?;
    let (mut code, mut keys, mut values) = (String::new(), None, None);
    if let Some(rules) = rules.map(|rules| typed(rules, "map")).transpose()?.flatten() {
        for (rule, value) in rules.fields() {
            match (rule.name(), value) {
                ("min_pairs", Value::U64(n)) => {
                    code += &bound("value.len() <", *n, "map.min_pairs", "must have at least", "entry")
                }
                ("max_pairs", Value::U64(n)) => {
                    code += &bound("value.len() >", *n, "map.max_pairs", "must have at most", "entry")
                }
                ("keys", Value::Message(rules)) => keys = Some(rules.clone()),
                ("values", Value::Message(rules)) => values = Some(rules.clone()),
                (name, _) => return Err(format!("map.{name} is not supported")),
            }
        }
    }
    let of_key = value_checks(&entry.map_entry_key_field().kind(), keys.as_ref())?;
    let of_value = value_checks(&entry.map_entry_value_field().kind(), values.as_ref())?;
    if !(of_key.is_empty() && of_value.is_empty()) {
        write!(
            code,
            "for (key, value) in value {{ let at = &at.key(key); {{ let value = key; {of_key} }} {of_value} }}"
        )
        .unwrap();
    }
    Ok(code)
}

/// The checks of one value of a kind; `value` is a reference to it.
fn value_checks(kind: &Kind, rules: Option<&DynamicMessage>) -> Result<String> {
    let family = match kind {
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Bool => "bool",
        Kind::Enum(_) => "enum",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Message(message) => {
            if let Some(rules) = rules {
                typed(rules, "")?;
            }
            return Ok(if is_ours(message) {
                "crate::Validate::check(value, at, found);".to_owned()
            } else {
                String::new()
            });
        }
        other => return Err(format!("{other:?} has no place in a contract")),
    };
    let Some(rules) = rules.map(|rules| typed(rules, family)).transpose()?.flatten() else {
        return Ok(String::new());
    };
    let mut code = String::new();
    for (rule, limit) in rules.fields() {
        let name = rule.name();
        code += &match kind {
            Kind::String | Kind::Bytes => text_check(family, name, limit)?,
            Kind::Enum(values) => {
                let id = format!("enum.{name}");
                match (name, limit) {
                    ("defined_only", Value::Bool(true)) => {
                        let known = values
                            .values()
                            .map(|value| value.number().to_string())
                            .collect::<Vec<_>>()
                            .join(", ");
                        when(
                            &format!("![{known}].contains(value)"),
                            &id,
                            "must be a value that the contract defines",
                        )
                    }
                    ("not_in", Value::List(list)) => {
                        let numbers: Vec<i32> = list.iter().filter_map(Value::as_i32).collect();
                        let names: Vec<String> = numbers
                            .iter()
                            .map(|&n| {
                                values
                                    .get_value(n)
                                    .map_or(n.to_string(), |value| value.name().to_owned())
                            })
                            .collect();
                        when(
                            &format!("{numbers:?}.contains(value)"),
                            &id,
                            &format!("must not be {}", names.join(", ")),
                        )
                    }
                    _ => return Err(format!("{id} is not supported")),
                }
            }
            _ => number_check(family, name, limit)?,
        };
    }
    Ok(code)
}

fn text_check(family: &str, name: &str, limit: &Value) -> Result<String> {
    let id = format!("{family}.{name}");
    let (length, unit) = if family == "string" {
        ("crate::validate::length(value)", "character")
    } else {
        ("value.len()", "byte")
    };
    Ok(match (name, limit) {
        ("min_len", Value::U64(n)) => bound(&format!("{length} <"), *n, &id, "must have at least", unit),
        ("max_len", Value::U64(n)) => bound(&format!("{length} >"), *n, &id, "must have at most", unit),
        ("len", Value::U64(n)) => bound(&format!("{length} !="), *n, &id, "must have exactly", unit),
        ("pattern", Value::String(pattern)) if family == "string" => {
            regex::Regex::new(pattern).map_err(|error| error.to_string())?;
            let matcher = format!(
                "static PATTERN: ::std::sync::LazyLock<::regex::Regex> = \
                 ::std::sync::LazyLock::new(|| ::regex::Regex::new({pattern:?}).expect(\"checked by the build\"));"
            );
            let check = when("!PATTERN.is_match(value)", &id, &format!("must match {pattern}"));
            format!("{{ {matcher} {check} }}")
        }
        ("uuid", Value::Bool(true)) => when("!crate::validate::is_uuid(value)", &id, "must be a UUID"),
        _ => return Err(format!("{id} is not supported")),
    })
}

fn number_check(family: &str, name: &str, limit: &Value) -> Result<String> {
    let id = format!("{family}.{name}");
    if let ("in" | "not_in", Value::List(list)) = (name, limit) {
        let numbers = list.iter().map(number).collect::<Result<Vec<_>>>()?.join(", ");
        return Ok(if name == "in" {
            when(
                &format!("![{numbers}].contains(value)"),
                &id,
                &format!("must be one of {numbers}"),
            )
        } else {
            when(
                &format!("[{numbers}].contains(value)"),
                &id,
                &format!("must not be {numbers}"),
            )
        });
    }
    let (broken, words) = match name {
        "gt" => ("<=", "must be greater than"),
        "gte" => ("<", "must be at least"),
        "lt" => (">=", "must be less than"),
        "lte" => (">", "must be at most"),
        _ => return Err(format!("{id} is not supported")),
    };
    let limit = number(limit)?;
    Ok(when(
        &format!("*value {broken} {limit}"),
        &id,
        &format!("{words} {limit}"),
    ))
}

fn number(value: &Value) -> Result<String> {
    match value {
        Value::I32(n) => Ok(n.to_string()),
        Value::I64(n) => Ok(n.to_string()),
        Value::U32(n) => Ok(n.to_string()),
        Value::U64(n) => Ok(n.to_string()),
        other => Err(format!("{other:?} is not a whole number")),
    }
}

fn bound(condition: &str, n: u64, id: &str, words: &str, unit: &str) -> String {
    let unit = match (n, unit) {
        (1, unit) => unit.to_owned(),
        (_, "entry") => "entries".to_owned(),
        (_, unit) => format!("{unit}s"),
    };
    when(&format!("{condition} {n}"), id, &format!("{words} {n} {unit}"))
}

fn when(condition: &str, id: &str, description: &str) -> String {
    format!("if {condition} {{ {} }}\n", refuse(id, description))
}

fn refuse(id: &str, description: &str) -> String {
    format!("found.push(at.violation({id:?}, {description:?}));")
}

#[derive(PartialEq)]
enum Ignore {
    Never,
    IfZero,
    Always,
}

fn ignore_of(rules: &DynamicMessage) -> Ignore {
    let value = rules.get_field_by_name("ignore");
    let number = value.as_deref().and_then(Value::as_enum_number).unwrap_or(0);
    let descriptor = rules.descriptor().get_field_by_name("ignore");
    let kind = descriptor.map(|field| field.kind());
    let name = kind
        .as_ref()
        .and_then(Kind::as_enum)
        .and_then(|values| values.get_value(number));
    match name.as_ref().map(|value| value.name()) {
        Some("IGNORE_IF_ZERO_VALUE") => Ignore::IfZero,
        Some("IGNORE_ALWAYS") => Ignore::Always,
        _ => Ignore::Never,
    }
}

/// Returns the rules of a family, and refuses rules of any other.
fn typed(rules: &DynamicMessage, family: &str) -> Result<Option<DynamicMessage>> {
    let mut found = None;
    for (field, value) in rules.fields() {
        match (field.name(), value) {
            ("required" | "ignore", _) => {}
            (name, Value::Message(rules)) if name == family => found = Some(rules.clone()),
            (name, _) => return Err(format!("{name} rules are not supported here")),
        }
    }
    Ok(found)
}

fn flag(rules: &DynamicMessage, name: &str) -> bool {
    rules
        .get_field_by_name(name)
        .is_some_and(|value| value.as_bool() == Some(true))
}

fn is_zero(field: &FieldDescriptor) -> &'static str {
    match field.kind() {
        _ if field.cardinality() == Cardinality::Repeated => "value.is_empty()",
        Kind::String | Kind::Bytes => "value.is_empty()",
        Kind::Bool => "!*value",
        _ => "*value == 0",
    }
}

fn extension(pool: &DescriptorPool, name: &str) -> Result<ExtensionDescriptor> {
    pool.get_extension_by_name(&format!("buf.validate.{name}"))
        .ok_or(format!("buf.validate.{name} is not imported"))
}

fn is_ours(message: &MessageDescriptor) -> bool {
    message.package_name().starts_with("loyalty.") && !message.is_map_entry()
}

fn rust_path(message: &MessageDescriptor) -> String {
    format!("{}{}", module_path(message), message.name().to_upper_camel_case())
}

/// The module a message lies in, with `::` at its end.
fn module_path(message: &MessageDescriptor) -> String {
    match message.parent_message() {
        Some(parent) => format!("{}{}::", module_path(&parent), parent.name().to_snake_case()),
        None => format!("{}::", message.package_name().replace('.', "::")),
    }
}

/// The Rust name of a field, escaped where it is a keyword.
fn member(name: &str) -> String {
    let name = name.to_snake_case();
    match name.as_str() {
        "self" | "super" | "crate" => format!("{name}_"),
        "as" | "async" | "await" | "break" | "const" | "continue" | "dyn" | "else" | "enum" | "extern" | "false"
        | "fn" | "for" | "if" | "impl" | "in" | "let" | "loop" | "match" | "mod" | "move" | "mut" | "pub" | "ref"
        | "return" | "static" | "struct" | "trait" | "true" | "type" | "unsafe" | "use" | "where" | "while"
        | "abstract" | "become" | "box" | "do" | "final" | "macro" | "override" | "priv" | "typeof" | "unsized"
        | "virtual" | "yield" | "try" | "gen" => format!("r#{name}"),
        _ => name,
    }
}
