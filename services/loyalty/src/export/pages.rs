//! What is exported, as it streams.

use anyhow::ensure;
use common::time;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use proto::points::{ExportEntriesRequest, ExportLotsRequest, export_service_client::ExportServiceClient};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

use super::{
    ExportArgs, What,
    columns::{Column, ENTRY_COLUMNS, LOT_COLUMNS, Row, entry_row, lot_row},
};
use crate::server::Identity;

/// The largest message that is read.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What is asked for.
pub enum Source {
    /// Entries.
    Entries(ExportEntriesRequest),
    /// Lots.
    Lots(ExportLotsRequest),
}

/// Some rows, and where to resume after them.
pub struct Page {
    pub rows: Vec<Row>,
    pub resume_token: String,
}

impl Source {
    /// Reads what is asked for.
    pub fn of(args: &ExportArgs) -> anyhow::Result<Source> {
        let wallet = args.wallet.clone();
        if args.what == What::Entries {
            return Ok(Source::Entries(ExportEntriesRequest {
                wallet,
                recorded_from: args.from.map(time::to_wire),
                recorded_until: args.until.map(time::to_wire),
                ..ExportEntriesRequest::default()
            }));
        }
        ensure!(
            args.from.is_none() && args.until.is_none(),
            "--from and --until are for entries; lots are always exported whole"
        );
        Ok(Source::Lots(ExportLotsRequest {
            wallet,
            ..ExportLotsRequest::default()
        }))
    }

    /// Returns what it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Source::Entries(_) => "entries",
            Source::Lots(_) => "lots",
        }
    }

    /// Returns the columns of a row.
    pub fn columns(&self) -> &'static [Column] {
        match self {
            Source::Entries(_) => ENTRY_COLUMNS,
            Source::Lots(_) => LOT_COLUMNS,
        }
    }

    /// Begins to stream, or resumes.
    pub async fn open(
        &self,
        client: &mut ExportServiceClient<InterceptedService<Channel, Identity>>,
        resume_token: &str,
    ) -> Result<BoxStream<'static, Result<Page, Status>>, Status> {
        let mut client = client.clone().max_decoding_message_size(MOST_BYTES);
        let resume_token = resume_token.to_owned();
        Ok(match self {
            Source::Entries(request) => {
                let request = ExportEntriesRequest {
                    resume_token,
                    ..request.clone()
                };
                let pages = client.export_entries(request).await?.into_inner();
                let page = |answer: proto::points::ExportEntriesResponse| Page {
                    rows: answer.entries.into_iter().map(entry_row).collect(),
                    resume_token: answer.resume_token,
                };
                pages.map_ok(page).boxed()
            }
            Source::Lots(request) => {
                let request = ExportLotsRequest {
                    resume_token,
                    ..request.clone()
                };
                let pages = client.export_lots(request).await?.into_inner();
                let page = |answer: proto::points::ExportLotsResponse| Page {
                    rows: answer.lots.into_iter().map(lot_row).collect(),
                    resume_token: answer.resume_token,
                };
                pages.map_ok(page).boxed()
            }
        })
    }
}
