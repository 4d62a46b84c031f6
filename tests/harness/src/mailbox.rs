//! A mail server that takes every mail, as a retailer's would: it speaks SMTP on a port of its own, and keeps what it is given.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A mail server that runs until the process ends.
#[derive(Clone)]
pub struct Mailbox {
    /// Where it listens.
    pub url: String,
    mails: Arc<Mutex<Vec<(String, String)>>>,
}

impl Mailbox {
    /// Begins to listen.
    pub fn start() -> Mailbox {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let mailbox = Mailbox {
            url: format!("smtp://{address}"),
            mails: Arc::default(),
        };
        let listening = mailbox.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mailbox = listening.clone();
                thread::spawn(move || mailbox.converse(stream));
            }
        });
        mailbox
    }

    /// Returns the mails to an address, headers and all.
    pub fn mails_to(&self, address: &str) -> Vec<String> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        let to = mails.iter().filter(|(to, _)| to == address);
        to.map(|(_, mail)| mail.clone()).collect()
    }

    fn converse(&self, stream: TcpStream) -> Option<()> {
        let mut say = stream.try_clone().ok()?;
        let mut heard = BufReader::new(stream).lines();
        let mut recipient = String::new();
        say.write_all(b"220 mailbox\r\n").ok()?;
        while let Some(Ok(line)) = heard.next() {
            let answer = match line.to_uppercase() {
                line if line.starts_with("DATA") => {
                    say.write_all(b"354 go on\r\n").ok()?;
                    let mail = heard.by_ref().map_while(Result::ok).take_while(|line| line != ".");
                    let mail: Vec<String> = mail.collect();
                    let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
                    mails.push((recipient.clone(), mail.join("\n")));
                    "250 taken\r\n"
                }
                line if line.starts_with("EHLO") => "250-mailbox\r\n250 8BITMIME\r\n",
                line if line.starts_with("QUIT") => "221 bye\r\n",
                _ => "250 well\r\n",
            };
            if let Some((_, to)) = line.split_once("TO:<") {
                recipient = to.split('>').next().unwrap_or_default().to_owned();
            }
            say.write_all(answer.as_bytes()).ok()?;
        }
        None
    }
}
