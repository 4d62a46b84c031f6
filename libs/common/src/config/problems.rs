//! What is wrong with the settings.

use std::fmt;

/// Collects what is wrong with the settings, to tell it all at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Notes a problem.
    pub fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// Notes a problem unless the condition holds.
    pub fn check(&mut self, holds: bool, problem: impl Into<String>) {
        if !holds {
            self.add(problem);
        }
    }

    /// Notes when a text is not a URL with one of these schemes and a host.
    pub fn check_url(&mut self, flag: &str, url: &str, schemes: &[&str]) {
        let parsed = url.parse::<http::Uri>().ok();
        let fits = parsed.is_some_and(|uri| {
            uri.scheme_str().is_some_and(|scheme| schemes.contains(&scheme))
                && uri.host().is_some_and(|host| !host.is_empty())
        });
        self.check(
            fits,
            format!("{flag} is not a URL that begins with {}://", schemes.join(":// or ")),
        );
    }

    /// Returns an error that tells every problem, if there is one.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}
