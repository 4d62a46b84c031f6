//! What a batch writes: parts that are sent as one statement, so that they are one round trip and one transaction.

use std::borrow::Cow;

use sqlx::{Arguments as _, Encode, Postgres, Type, error::BoxDynError, postgres::PgArguments};

/// The parts of a statement, in no order: none sees what another writes, and no two may write the same row.
#[derive(Default)]
pub struct Writes {
    parts: Vec<Part>,
}

/// An insert, update or delete, with its values. They are `$1`, `$2` and so on, as if it were alone.
pub struct Part {
    sql: Cow<'static, str>,
    values: PartValues,
    must_return: Option<usize>,
}

type Bind = Box<dyn FnOnce(&mut PgArguments) -> Result<(), BoxDynError> + Send>;
type PartValues = Vec<Bind>;

impl Writes {
    /// Adds a part.
    pub fn add(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Tells whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Writes the parts as `with` clauses behind those that are there, and binds their values behind theirs. Returns what must hold for the
    /// statement to count.
    pub(super) fn append(self, sql: &mut String, arguments: &mut PgArguments) -> Result<String, BoxDynError> {
        let mut conditions = String::new();
        for (number, part) in self.parts.into_iter().enumerate() {
            sql.push_str(&format!(",\n part_{number} as ("));
            push_renumbered(sql, &part.sql, arguments.len());
            sql.push(')');
            for bind in part.values {
                bind(arguments)?;
            }
            if let Some(rows) = part.must_return {
                arguments.add(rows as i64)?;
                let count = arguments.len();
                conditions.push_str(&format!(" and (select count(*) from part_{number}) = ${count}"));
            }
        }
        Ok(conditions)
    }
}

impl Part {
    /// Begins a part.
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Part {
        Part {
            sql: sql.into(),
            values: Vec::new(),
            must_return: None,
        }
    }

    /// Says how many rows the part must return: where it returns fewer, because somebody else was faster, nothing of the whole statement counts. This
    /// is for what is no member's, and thus not under a head.
    pub fn must_return(self, rows: usize) -> Part {
        Part {
            must_return: Some(rows),
            ..self
        }
    }

    /// Binds the next value.
    pub fn bind<T>(mut self, value: T) -> Part
    where
        T: Encode<'static, Postgres> + Type<Postgres> + Send + 'static,
    {
        self.values.push(Box::new(move |arguments| arguments.add(value)));
        self
    }

    /// Binds the next value: a column of many rows.
    pub fn column<T>(self, values: impl IntoIterator<Item = T>) -> Part
    where
        T: Send + 'static,
        Vec<T>: Encode<'static, Postgres> + Type<Postgres>,
    {
        self.bind(values.into_iter().collect::<Vec<T>>())
    }
}

/// Appends a statement whose values begin behind some others.
fn push_renumbered(sql: &mut String, part: &str, before: usize) {
    let mut rest = part;
    while let Some(at) = rest.find('$') {
        let (text, numbered) = rest.split_at(at + 1);
        let digits = numbered.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = numbered.split_at(digits);
        sql.push_str(text);
        match number.parse::<usize>() {
            Ok(number) => sql.push_str(&(number + before).to_string()),
            Err(_) => sql.push_str(number),
        }
        rest = after;
    }
    sql.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_one_another_and_so_do_their_values() {
        let (mut sql, mut arguments) = ("with first as (select $1)".to_owned(), PgArguments::default());
        arguments.add(7_i64).unwrap();
        let mut writes = Writes::default();
        writes.add(Part::new("update a set b = $2 where c = $1").bind(1_i64).bind("x"));
        let delete = Part::new("delete from d where e = any($1) returning e").column([1_i16, 2]);
        writes.add(delete.must_return(2));
        let conditions = writes.append(&mut sql, &mut arguments).unwrap();
        assert_eq!(
            sql,
            "with first as (select $1),\n part_0 as (update a set b = $3 where c = $2),\n part_1 as (delete from d where e = any($4) returning e)"
        );
        assert_eq!(conditions, " and (select count(*) from part_1) = $5");
        assert_eq!(arguments.len(), 5);
    }
}
