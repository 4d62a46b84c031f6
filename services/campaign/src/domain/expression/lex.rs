//! Words: what an expression is made of.

use super::Fault;

/// A word, and at which character it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub at: usize,
    pub word: Word,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    Number(u64),
    Text(String),
    Name(String),
    Symbol(&'static str),
    End,
}

/// The longer before those that they begin with.
const SYMBOLS: [&str; 23] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")", "[", "]", ",", ".",
    "{",
];

/// Cuts an expression into words.
pub fn words(source: &str) -> Result<Vec<Token>, Fault> {
    let characters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(first) = characters.get(from).copied() {
        let at = from + 1;
        let rest = &characters[from..];
        let (word, length) = match first {
            ' ' | '\t' | '\n' | '\r' => {
                from += 1;
                continue;
            }
            '0'..='9' => number(rest, at)?,
            '\'' | '"' => text(rest, at)?,
            'a'..='z' | 'A'..='Z' | '_' => name(rest, at)?,
            _ => symbol(rest, at)?,
        };
        tokens.push(Token { at, word });
        from += length;
    }
    tokens.push(Token {
        at: characters.len() + 1,
        word: Word::End,
    });
    Ok(tokens)
}

fn number(rest: &[char], at: usize) -> Result<(Word, usize), Fault> {
    let length = rest.iter().take_while(|char| char.is_ascii_alphanumeric()).count();
    let written: String = rest[..length].iter().collect();
    let has_fraction = rest.get(length) == Some(&'.') && rest.get(length + 1).is_some_and(char::is_ascii_digit);
    let not_whole = || Fault::at(at, "must be a whole number: there are no others here");
    if has_fraction || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_whole());
    }
    let number = written
        .parse()
        .map_err(|_| Fault::at(at, "is a number too large to be held"))?;
    Ok((Word::Number(number), length))
}

fn text(rest: &[char], at: usize) -> Result<(Word, usize), Fault> {
    let quote = rest[0];
    let mut text = String::new();
    let mut next = 1;
    loop {
        let char = rest
            .get(next)
            .ok_or_else(|| Fault::at(at, "is a text that does not end"))?;
        next += 1;
        match char {
            end if *end == quote => return Ok((Word::Text(text), next)),
            '\\' => {
                let escaped = rest.get(next).copied();
                text.push(match escaped {
                    Some(same @ ('\\' | '\'' | '"')) => same,
                    Some('n') => '\n',
                    Some('t') => '\t',
                    _ => {
                        let sentence = "is no escape: there are \\\\, \\', \\\", \\n and \\t";
                        return Err(Fault::at(at + next - 1, sentence));
                    }
                });
                next += 1;
            }
            plain => text.push(*plain),
        }
    }
}

fn name(rest: &[char], at: usize) -> Result<(Word, usize), Fault> {
    let is_part = |char: &&char| char.is_ascii_alphanumeric() || **char == '_';
    let length = rest.iter().take_while(is_part).count();
    if matches!(rest.get(length), Some('\'' | '"')) {
        return Err(Fault::at(
            at,
            "is no kind of text that there is here: write it plainly in quotes",
        ));
    }
    Ok((Word::Name(rest[..length].iter().collect()), length))
}

fn symbol(rest: &[char], at: usize) -> Result<(Word, usize), Fault> {
    let is_here = |symbol: &&&str| symbol.chars().eq(rest.iter().copied().take(symbol.len()));
    let found = SYMBOLS.iter().find(is_here);
    let symbol = found.ok_or_else(|| Fault::at(at, "is no sign that means anything here"))?;
    Ok((Word::Symbol(symbol), symbol.len()))
}
