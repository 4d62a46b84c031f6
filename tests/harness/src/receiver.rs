//! A receiver of messages, as a retailer would run one: it listens on a port of its own, checks the signature of what is posted to it as Standard Webhooks says, and keeps it.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// What was posted.
#[derive(Clone, Debug)]
pub struct Post {
    /// The header `webhook-id`.
    pub id: String,
    /// How it was answered.
    pub status: u16,
    /// The `data` of the payload.
    pub data: Value,
}

/// A receiver that runs until the process ends.
#[derive(Clone)]
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    posts: Vec<Post>,
    refusing: HashMap<String, (usize, u16)>,
}

/// The keys of the receiver: the one that it goes over from, and the one that it goes over to.
const KEYS: [[u8; 32]; 2] = [
    *b"the key of the year that is over",
    *b"the key of the year that is here",
];

impl Receiver {
    /// Begins to listen.
    pub fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let receiver = Receiver {
            url: format!("http://{address}/messages?of=tests"),
            state: Arc::default(),
        };
        let listening = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let receiver = listening.clone();
                thread::spawn(move || receiver.answer(stream));
            }
        });
        receiver
    }

    /// Returns its secrets, as the setting takes them.
    pub fn secrets() -> String {
        KEYS.map(|key| format!("whsec_{}", STANDARD.encode(key))).join(",")
    }

    /// Refuses the next posts to a member with a status.
    pub fn refuse(&self, member_id: &str, times: usize, status: u16) {
        self.lock().refusing.insert(member_id.to_owned(), (times, status));
    }

    /// Returns what was posted to a member.
    pub fn posts_to(&self, member_id: &str) -> Vec<Post> {
        let posts = &self.lock().posts;
        posts
            .iter()
            .filter(|post| post.data["member_id"] == member_id)
            .cloned()
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, mut stream: TcpStream) {
        let Some(status) = read(&stream).and_then(|(headers, body)| self.take(&headers, &body)) else {
            return;
        };
        let _ = write!(
            stream,
            "HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    }

    fn take(&self, headers: &HashMap<String, String>, body: &[u8]) -> Option<u16> {
        let payload: Value = serde_json::from_slice(body).ok()?;
        let (id, data) = (headers.get("webhook-id")?.clone(), payload["data"].clone());
        let is_signed = KEYS.iter().all(|key| is_signed(key, headers, body));
        let mut state = self.lock();
        let member_id = data["member_id"].as_str()?.to_owned();
        let status = match state.refusing.get_mut(&member_id) {
            _ if !is_signed => 401,
            Some((left, status)) if *left > 0 => {
                *left -= 1;
                *status
            }
            _ => 204,
        };
        state.posts.push(Post { id, status, data });
        Some(status)
    }
}

fn read(stream: &TcpStream) -> Option<(HashMap<String, String>, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((headers, body))
}

fn is_signed(key: &[u8], headers: &HashMap<String, String>, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    header("webhook-signature")
        .split(' ')
        .any(|signature| signature == expected)
}
