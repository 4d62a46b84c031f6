//! What applying a file would change.

use std::collections::BTreeSet;

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use proto::member::Program;

use super::{
    manifest::Manifest,
    mistakes::{Mistake, Mistakes},
    parts::{Kind, Listed},
    program::LEAP_DAYS,
    services::Standings,
    words::{Difference, Facts, Frame, spell},
};

/// What applying a file would change.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What becomes of the program itself.
    pub program: Step,
    /// The program as it stands, if it exists.
    pub standing: Option<Program>,
    /// What becomes of each part of the file.
    pub parts: Vec<Planned<'a>>,
    /// What the program has and the file has not. It stays.
    pub left: Vec<(Kind, String)>,
}

/// A part of a file, and what becomes of it.
#[derive(Debug)]
pub struct Planned<'a> {
    /// The part.
    pub listed: Listed<'a>,
    /// What becomes of it.
    pub step: Step,
    /// The version that stands; 0 for none.
    pub version: i32,
    /// Whether its first stock is to be given: there is none, and it may be that it never was.
    pub needs_stock: bool,
}

/// What becomes of something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// It begins to exist.
    Create,
    /// It becomes different.
    Change(Vec<Difference>),
    /// It is what the file says already.
    Unchanged,
}

impl<'a> Plan<'a> {
    /// Compares a file with a program as it stands. Refuses what can never be, with its line.
    pub fn new(manifest: &'a Manifest, program: Option<Program>, standings: &Standings) -> Result<Plan<'a>, Mistakes> {
        let parts: Vec<Planned<'a>> = manifest
            .parts()
            .into_iter()
            .map(|listed| Planned::new(listed, standings, &manifest.frame))
            .collect();
        let listed: BTreeSet<(Kind, &str)> = parts.iter().map(|planned| planned.key()).collect();
        let left = standings.keys().filter(|(kind, code)| !listed.contains(&(*kind, code)));
        Ok(Plan {
            program: compare_programs(manifest, program.as_ref())?,
            left: left.cloned().collect(),
            standing: program,
            parts,
        })
    }

    /// Tells whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.program == Step::Unchanged
            && self
                .parts
                .iter()
                .all(|planned| planned.step == Step::Unchanged && !planned.needs_stock)
    }

    /// Shows the plan.
    pub fn table(&self, manifest: &Manifest) -> Table {
        let mut table = Table::new();
        table
            .load_style(UTF8_BORDERS_ONLY)
            .set_header(["", "code", "plan", "what differs"]);
        table.add_row([
            "program".to_owned(),
            manifest.program.name.clone(),
            self.program.word(),
            self.program.details(),
        ]);
        for planned in &self.parts {
            let (kind, code) = planned.key();
            table.add_row([
                kind.to_string(),
                code.to_owned(),
                planned.step.word(),
                planned.details(),
            ]);
        }
        for (kind, code) in &self.left {
            table.add_row([&kind.to_string(), code, "left as it is", "not in the file"]);
        }
        table
    }
}

impl<'a> Planned<'a> {
    fn new(listed: Listed<'a>, standings: &Standings, frame: &Frame) -> Planned<'a> {
        let key = (listed.part.kind(), listed.part.code().to_owned());
        let standing = standings.get(&key);
        let step = standing.map_or(Step::Create, |standing| {
            Step::of(&standing.facts, &listed.part.facts(frame))
        });
        let needs_stock = listed.stock > 0 && standing.is_none_or(|standing| standing.stock == 0);
        Planned {
            version: standing.map_or(0, |standing| standing.version),
            listed,
            step,
            needs_stock,
        }
    }

    fn key(&self) -> (Kind, &str) {
        (self.listed.part.kind(), self.listed.part.code())
    }

    fn details(&self) -> String {
        let stock = match self.step {
            _ if !self.needs_stock => None,
            Step::Create => Some(format!("stock: {}", self.listed.stock)),
            Step::Change(_) | Step::Unchanged => Some(format!(
                "stock: none is left; the first {}, unless they were given before",
                self.listed.stock
            )),
        };
        [Some(self.step.details()).filter(|details| !details.is_empty()), stock]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Step {
    fn of(before: &Facts, after: &Facts) -> Step {
        let differences = before.differences(after);
        if differences.is_empty() {
            Step::Unchanged
        } else {
            Step::Change(differences)
        }
    }

    fn word(&self) -> String {
        match self {
            Step::Create => "create",
            Step::Change(_) => "change",
            Step::Unchanged => "unchanged",
        }
        .to_owned()
    }

    fn details(&self) -> String {
        let Step::Change(differences) = self else {
            return String::new();
        };
        let lines = differences.iter().map(|Difference { name, from, to }| {
            let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
            format!("{name}: {} -> {}", side(from), side(to))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Only the name of a program may change: past decisions rest on the rest. Where its clock started is past.
fn compare_programs(manifest: &Manifest, standing: Option<&Program>) -> Result<Step, Mistakes> {
    let Some(standing) = standing else {
        return Ok(Step::Create);
    };
    let Program {
        program_id,
        name,
        zone,
        currency_code,
        sandbox,
        clock_at: _,
        etag: _,
        leap_day_birthday,
    } = &manifest.program;
    let sides = [
        ("program_id", standing.program_id.clone(), program_id.clone()),
        ("zone", standing.zone.clone(), zone.clone()),
        ("currency_code", standing.currency_code.clone(), currency_code.clone()),
        ("sandbox", standing.sandbox.to_string(), sandbox.to_string()),
        (
            "leap_day_birthday",
            spell(standing.leap_day_birthday, LEAP_DAYS),
            spell(*leap_day_birthday, LEAP_DAYS),
        ),
    ];
    let fixed = sides
        .into_iter()
        .filter(|(_, stands, _)| !stands.is_empty())
        .filter(|(_, stands, asked)| stands != asked);
    let mistakes: Vec<Mistake> = fixed
        .map(|(field, stands, asked)| {
            let mark = manifest.marks.find(&format!("program.{field}"));
            Mistake {
                line: mark.map_or(1, |mark| mark.line),
                key: mark.map_or(format!("program.{field}"), |mark| mark.key.clone()),
                what: format!("is {asked:?}, and the program that exists has {stands:?}, which cannot change"),
            }
        })
        .collect();
    if !mistakes.is_empty() {
        return Err(Mistakes::new(&manifest.file, mistakes));
    }
    Ok(Step::of(
        &Facts::default().with("name", &standing.name),
        &Facts::default().with("name", name),
    ))
}
