//! Reads, gathered: what is asked for while reads are under way is read together by the next one. There is no timer, so a lone question is read at once; under load a
//! statement answers many, and costs each of them little.

use std::{collections::VecDeque, future::Future};

use tokio::sync::{mpsc, oneshot};

/// How many questions may wait.
const QUEUE: usize = 16_384;

/// Gathers questions of one kind. Cheap to clone.
pub struct Gather<Q, A> {
    queue: mpsc::Sender<Asked<Q, A>>,
}

struct Asked<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A, sqlx::Error>>,
}

impl<Q, A> Clone for Gather<Q, A> {
    fn clone(&self) -> Self {
        Gather {
            queue: self.queue.clone(),
        }
    }
}

impl<Q, A> Gather<Q, A>
where
    Q: Send + 'static,
    A: Send + 'static,
{
    /// Starts gathering, for as long as this or a clone of it is there: at most so many questions to a read, which answers each of them in their order, and one read at a
    /// time.
    pub fn start<F, Fut>(most: usize, read: F) -> Gather<Q, A>
    where
        F: Fn(Vec<Q>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, sqlx::Error>> + Send + 'static,
    {
        let (queue, mut waiting) = mpsc::channel::<Asked<Q, A>>(QUEUE);
        tokio::spawn(async move {
            let mut asked = Vec::with_capacity(most);
            while waiting.recv_many(&mut asked, most).await > 0 {
                let (questions, answers): (Vec<Q>, VecDeque<_>) =
                    asked.drain(..).map(|asked| (asked.question, asked.answer)).unzip();
                // In a task of its own: a read that panics must not end the gathering.
                let read = tokio::spawn(read(questions));
                give(answers, read.await.unwrap_or(Err(sqlx::Error::WorkerCrashed)));
            }
        });
        Gather { queue }
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, question: Q) -> Result<A, sqlx::Error> {
        let (answer, given) = oneshot::channel();
        let asked = Asked { question, answer };
        self.queue.send(asked).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        given.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

/// Gives each its answer. Of a read that failed the first hears why; the others, that they may ask again.
fn give<A>(mut answers: VecDeque<oneshot::Sender<Result<A, sqlx::Error>>>, read: Result<Vec<A>, sqlx::Error>) {
    match read {
        Ok(read) => {
            for (answer, given) in answers.into_iter().zip(read) {
                // Whoever has gone away does not hear it.
                let _ = answer.send(Ok(given));
            }
        }
        Err(error) => {
            if let Some(first) = answers.pop_front() {
                let _ = first.send(Err(error));
            }
            for answer in answers {
                let _ = answer.send(Err(sqlx::Error::WorkerCrashed));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn what_waits_is_read_together_and_each_gets_its_own_answer() {
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = reads.clone();
        let gather = Gather::start(64, move |questions: Vec<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(questions.into_iter().map(|question| question * 2).collect())
            }
        });
        let answers = futures::future::join_all((0..100).map(|question| gather.ask(question))).await;
        let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..100).map(|question| question * 2).collect::<Vec<_>>());
        assert!(reads.load(Ordering::Relaxed) < 10);
    }

    #[tokio::test]
    async fn a_read_that_fails_fails_all_that_asked_and_none_that_asks_later() {
        let gather = Gather::start(64, |questions: Vec<u32>| async move {
            match questions.contains(&0) {
                true => Err(sqlx::Error::PoolTimedOut),
                false => Ok(questions),
            }
        });
        let (first, second) = futures::join!(gather.ask(0), gather.ask(1));
        assert!(matches!(first, Err(sqlx::Error::PoolTimedOut)) && matches!(second, Err(sqlx::Error::WorkerCrashed)));
        assert_eq!(gather.ask(2).await.unwrap(), 2);
        let panicking = Gather::start(1, |questions: Vec<u32>| async move { Ok(vec![100 / questions[0]]) });
        assert!(panicking.ask(0).await.is_err());
        assert_eq!(panicking.ask(5).await.unwrap(), 20);
    }
}
