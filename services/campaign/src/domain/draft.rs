//! How a draft of a campaign gets on: it is written, submitted, looked at by somebody else, and published or sent back.
//!
//! What is in it is no concern of this page, and neither is whether it can be published.

/// Where a draft stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DraftState {
    /// It is being written.
    Draft,
    /// Somebody else is to approve it.
    InReview,
    /// Its revision is published.
    Published,
}

/// A draft, as far as it matters who may do what with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftStanding {
    /// Where it stands.
    pub state: DraftState,
    /// How often it was saved.
    pub revision: i32,
    /// Whether it is only copied from.
    pub is_template: bool,
    /// Who saved the revision.
    pub saved_by: String,
    /// Who submitted it, if somebody did.
    pub submitted_by: String,
    /// Who approved it, if somebody did.
    pub approved_by: String,
}

/// Why something is not done with a draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DraftRefused {
    /// The latest revision is another one.
    RevisionDiffers {
        /// The one that it has; 0 where there is no draft.
        revision: i32,
    },
    /// That is not done in its state.
    StateDiffers {
        /// Its state.
        state: DraftState,
    },
    /// It is only copied from.
    IsTemplate,
    /// Whoever wrote it does not approve it.
    SamePerson,
}

impl DraftStanding {
    /// Saves the revision behind an expected one, or the first of a draft that is not there yet. What is in review is not changed under the eyes of those who look at it.
    pub fn saved(
        before: Option<&DraftStanding>,
        expected_revision: i32,
        is_template: bool,
        by: &str,
    ) -> Result<DraftStanding, DraftRefused> {
        let revision = before.map_or(0, |before| before.revision);
        if revision != expected_revision {
            return Err(DraftRefused::RevisionDiffers { revision });
        }
        if let Some(DraftStanding { state, .. }) = before
            && *state == DraftState::InReview
        {
            return Err(DraftRefused::StateDiffers { state: *state });
        }
        Ok(DraftStanding {
            state: DraftState::Draft,
            revision: revision + 1,
            is_template,
            saved_by: by.to_owned(),
            submitted_by: String::new(),
            approved_by: String::new(),
        })
    }

    /// Lets somebody else look at a revision.
    pub fn submitted(&self, revision: i32, by: &str) -> Result<DraftStanding, DraftRefused> {
        self.check(revision, DraftState::Draft)?;
        if self.is_template {
            return Err(DraftRefused::IsTemplate);
        }
        Ok(DraftStanding {
            state: DraftState::InReview,
            submitted_by: by.to_owned(),
            ..self.clone()
        })
    }

    /// Takes a revision back, or sends it back: it is to be written on.
    pub fn sent_back(&self, revision: i32) -> Result<DraftStanding, DraftRefused> {
        self.check(revision, DraftState::InReview)?;
        Ok(DraftStanding {
            state: DraftState::Draft,
            submitted_by: String::new(),
            ..self.clone()
        })
    }

    /// Approves a revision: neither whoever saved it does nor whoever submitted it.
    pub fn approved(&self, revision: i32, by: &str) -> Result<DraftStanding, DraftRefused> {
        self.check(revision, DraftState::InReview)?;
        if [self.saved_by.as_str(), self.submitted_by.as_str()].contains(&by) {
            return Err(DraftRefused::SamePerson);
        }
        Ok(DraftStanding {
            state: DraftState::Published,
            approved_by: by.to_owned(),
            ..self.clone()
        })
    }

    fn check(&self, revision: i32, state: DraftState) -> Result<(), DraftRefused> {
        if self.revision != revision {
            return Err(DraftRefused::RevisionDiffers {
                revision: self.revision,
            });
        }
        if self.state != state {
            return Err(DraftRefused::StateDiffers { state: self.state });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved_by(by: &str) -> DraftStanding {
        DraftStanding::saved(None, 0, false, by).unwrap()
    }

    #[test]
    fn neither_who_wrote_a_revision_nor_who_submitted_it_approves_it() {
        let in_review = saved_by("ann").submitted(1, "bob").unwrap();
        for own in ["ann", "bob"] {
            assert_eq!(in_review.approved(1, own), Err(DraftRefused::SamePerson));
        }
        let approved = in_review.approved(1, "eve").unwrap();
        assert_eq!(
            (approved.state, approved.approved_by.as_str()),
            (DraftState::Published, "eve")
        );
    }

    #[test]
    fn whoever_wrote_an_earlier_revision_may_approve_a_later_one_of_somebody_else() {
        let again = DraftStanding::saved(Some(&saved_by("ann")), 1, false, "bob").unwrap();
        let in_review = again.submitted(2, "bob").unwrap();
        assert!(in_review.approved(2, "ann").is_ok());
    }

    #[test]
    fn only_the_latest_revision_goes_on() {
        let first = saved_by("ann");
        let second = DraftStanding::saved(Some(&first), 1, false, "ann").unwrap();
        let stale = DraftRefused::RevisionDiffers { revision: 2 };
        assert_eq!(DraftStanding::saved(Some(&second), 1, false, "bob"), Err(stale));
        assert_eq!(DraftStanding::saved(Some(&second), 0, false, "bob"), Err(stale));
        assert_eq!(second.submitted(1, "ann"), Err(stale));
        let in_review = second.submitted(2, "ann").unwrap();
        assert_eq!(in_review.approved(1, "bob"), Err(stale));
        assert_eq!(in_review.sent_back(3), Err(stale));
        let nothing = DraftRefused::RevisionDiffers { revision: 0 };
        assert_eq!(DraftStanding::saved(None, 1, false, "ann"), Err(nothing));
    }

    #[test]
    fn what_is_in_review_is_neither_saved_nor_submitted_again_but_sent_back() {
        let in_review = saved_by("ann").submitted(1, "ann").unwrap();
        let refused = DraftRefused::StateDiffers {
            state: DraftState::InReview,
        };
        assert_eq!(DraftStanding::saved(Some(&in_review), 1, false, "ann"), Err(refused));
        assert_eq!(in_review.submitted(1, "ann"), Err(refused));
        assert_eq!(in_review.sent_back(1).unwrap(), saved_by("ann"));
    }

    #[test]
    fn what_is_published_is_saved_anew_and_nothing_else() {
        let published = saved_by("ann").submitted(1, "ann").unwrap().approved(1, "bob").unwrap();
        let refused = DraftRefused::StateDiffers {
            state: DraftState::Published,
        };
        assert_eq!(published.submitted(1, "ann"), Err(refused));
        assert_eq!(published.sent_back(1), Err(refused));
        assert_eq!(published.approved(1, "eve"), Err(refused));
        let next = DraftStanding::saved(Some(&published), 1, false, "bob").unwrap();
        assert_eq!((next.state, next.revision), (DraftState::Draft, 2));
        assert!(next.approved_by.is_empty() && next.submitted_by.is_empty());
    }

    #[test]
    fn a_template_is_never_submitted() {
        let template = DraftStanding::saved(None, 0, true, "ann").unwrap();
        assert_eq!(template.submitted(1, "ann"), Err(DraftRefused::IsTemplate));
    }
}
