//! Streams of bulk messages, each of which is asked like a call.

use futures::{StreamExt as _, TryStreamExt as _};
use proto::points::{
    BulkCommand, EarnPointsRequest, PostBulkRequest, PostBulkResponse, bulk_command::Command, bulk_result,
};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::demo::clients::Clients;

/// How many commands a message has.
pub const COMMANDS: usize = 500;
/// How many messages of a stream are under way.
pub const UNDER_WAY: usize = 4;

type Asked = (PostBulkRequest, oneshot::Sender<PostBulkResponse>);

/// Streams that stay open.
#[derive(Clone)]
pub struct Bulk {
    streams: Vec<mpsc::Sender<Asked>>,
}

impl Bulk {
    /// Opens streams, each on a connection of its own.
    pub fn open(clients: &Clients, streams: usize) -> Bulk {
        Bulk {
            streams: (0..streams).map(|number| open(clients, number)).collect(),
        }
    }

    /// Sends a message and waits until every one of its commands is done.
    pub async fn earn(&self, number: usize, requests: Vec<EarnPointsRequest>) -> Result<(), Status> {
        let command = |request| BulkCommand {
            command: Some(Command::Earn(request)),
        };
        let message = PostBulkRequest {
            commands: requests.into_iter().map(command).collect(),
        };
        let (reply, answer) = oneshot::channel();
        let broken = || Status::unavailable("the stream broke");
        let stream = &self.streams[number % self.streams.len()];
        stream.send((message, reply)).await.map_err(|_| broken())?;
        let answer = answer.await.map_err(|_| broken())?;
        for result in answer.results {
            if let Some(bulk_result::Result::Refusal(refusal)) = result.result {
                return Err(Status::new(refusal.code.into(), refusal.message));
            }
        }
        Ok(())
    }
}

/// Opens a stream. Its messages are answered in the order in which they were sent.
fn open(clients: &Clients, number: usize) -> mpsc::Sender<Asked> {
    let (queue, asked) = mpsc::channel::<Asked>(UNDER_WAY);
    let (waits, mut waiting) = mpsc::unbounded_channel();
    let messages = ReceiverStream::new(asked).map(move |(message, reply)| {
        let _ = waits.send(reply);
        message
    });
    let mut client = clients.points(number);
    tokio::spawn(async move {
        let answering = async {
            let mut answers = client.post_bulk(messages).await?.into_inner();
            while let Some(answer) = answers.try_next().await? {
                let Some(reply) = waiting.recv().await else { break };
                let _ = reply.send(answer);
            }
            Ok::<(), Status>(())
        };
        // Whoever waits learns that the stream broke, and here is why.
        if let (Err(status), Ok(_)) = (answering.await, waiting.try_recv()) {
            eprintln!("a bulk stream broke: {status}");
        }
    });
    queue
}
