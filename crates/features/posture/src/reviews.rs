//! Who reviewed a change, by the word of the host that keeps its request.

use foretaste_intel::Intel;
use foretaste_model::Knowledge;
use tokio::sync::Semaphore;

use crate::changes::Way;
use crate::survey::Measured;

/// Changes of one repository that the host is asked about: the newest. Each takes three questions.
const ASKED: usize = 100;
/// Questions at once, to all hosts together.
pub(crate) const AT_ONCE: usize = 8;

/// Asks about the newest changes of a repository. The first change of which the host cannot tell ends it, with the reason:
/// the others would fare no better, and each would cost a question.
pub(crate) async fn ask(
    intel: &Intel,
    slots: &Semaphore,
    repository: &mut Measured,
) -> Result<(), String> {
    let Some(origin) = &repository.origin else {
        return Err("the repository has no remote `origin`".to_owned());
    };
    for change in repository.changes.iter_mut().flatten().take(ASKED) {
        let _slot = slots.acquire().await;
        match intel.review(origin, &change.commit).await {
            Knowledge::Known(review) => {
                change.told_by_host = true;
                change.way = match &review {
                    Some(review) if review.approvals > 0 => Way::Approved,
                    Some(review) if review.comments > 0 => Way::Discussed,
                    Some(_) => Way::Unreviewed,
                    // what a trailer says stands: mail is a review too
                    None if change.way == Way::Approved => Way::Approved,
                    None if change.way == Way::Merge => Way::Merge,
                    None => Way::Direct,
                };
                change.request = review.map(|review| review.request.into());
            }
            Knowledge::Skipped(reason) => return Err(reason.to_string()),
        }
    }
    Ok(())
}
