//! A wire between two parties, which can be slow, dead, deaf or cut.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// How much is passed on at once.
const PIECE: usize = 16 * 1024;

/// What a wire is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// It passes everything on.
    Fine,
    /// Every piece takes so long.
    Slow(Duration),
    /// Nothing passes, and nobody is told.
    Dead,
    /// Requests pass and answers are lost.
    Deaf,
}

/// A wire: whoever connects to its port is connected to what lies behind it.
pub struct Wire {
    port: u16,
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    condition: Condition,
    /// How often everything was cut: a connection of before is no more.
    cuts: u64,
}

impl Wire {
    /// Lays a wire to a port of this machine.
    pub async fn lay(to: u16) -> std::io::Result<Wire> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let fine = State {
            condition: Condition::Fine,
            cuts: 0,
        };
        let state = Arc::new(watch::Sender::new(fine));
        let watched = state.subscribe();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(connect(near, to, watched.clone()));
            }
        });
        Ok(Wire { port, state })
    }

    /// Returns the port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes the wire something.
    pub fn make(&self, condition: Condition) {
        self.state.send_modify(|state| state.condition = condition);
    }

    /// Resets every connection.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Makes the wire fine again. Where answers were lost, a connection makes no sense any more.
    pub fn mend(&self) {
        self.state.send_modify(|state| {
            state.cuts += u64::from(state.condition == Condition::Deaf);
            state.condition = Condition::Fine;
        });
    }
}

async fn connect(near: TcpStream, to: u16, mut state: watch::Receiver<State>) {
    let cuts = state.borrow().cuts;
    let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    for stream in [&near, &far] {
        // What is cut is reset, and not ended in order.
        let _ = stream.set_zero_linger();
        let _ = stream.set_nodelay(true);
    }
    let ((near_out, near_in), (far_out, far_in)) = (near.into_split(), far.into_split());
    let is_cut = state.clone();
    tokio::select! {
        () = pass(near_out, far_in, state.clone(), false) => {}
        () = pass(far_out, near_in, is_cut, true) => {}
        _ = state.wait_for(|state| state.cuts != cuts) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>, answers: bool) {
    let mut piece = vec![0; PIECE];
    while let Ok(size @ 1..) = from.read(&mut piece).await {
        let condition = state.borrow().condition;
        match condition {
            Condition::Deaf if answers => continue,
            Condition::Slow(delay) => tokio::time::sleep(delay).await,
            Condition::Dead => {
                let lives = state.wait_for(|state| state.condition != Condition::Dead).await;
                if lives.is_err() {
                    return;
                }
            }
            Condition::Fine | Condition::Deaf => {}
        }
        if to.write_all(&piece[..size]).await.is_err() {
            return;
        }
    }
}
