//! A small application round sign_in.rs, of docs/examples: one person, one browser at a time.

mod sign_in;

use sign_in::{Attempt, Person, SignIn};
use std::{collections::HashMap, env};
use tiny_http::{Header, Response, Server};

fn main() {
    let sign_in = SignIn::new(env::var("CLIENT_SECRET").expect("CLIENT_SECRET")).expect("discovery");
    let server = Server::http(format!("localhost:{}", env::var("PORT").expect("PORT"))).expect("port");
    let (mut attempts, mut people) = (HashMap::<String, Attempt>::new(), HashMap::<String, Person>::new());
    for (number, request) in server.incoming_requests().enumerate() {
        let cookie = request.headers().iter().find(|header| header.field.equiv("Cookie"));
        let id = cookie
            .and_then(|header| header.value.as_str().split("; ").find_map(|pair| pair.strip_prefix("app=")))
            .unwrap_or_default()
            .to_owned();
        let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let answer: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let response = match (path, people.get(&id)) {
            ("/", Some(person)) => {
                let shown = serde_json::json!({ "cip": person.cip, "name": person.name });
                assert!(!person.subject.is_empty());
                Response::from_string(shown.to_string()).with_header(header("Content-Type", "application/json; charset=utf-8"))
            }
            ("/", None) => {
                let (address, attempt) = sign_in.begin();
                attempts.insert(number.to_string(), attempt);
                redirect(&address).with_header(header("Set-Cookie", &format!("app={number}; Path=/; HttpOnly; SameSite=Lax")))
            }
            ("/callback", _) => {
                let attempt = attempts.remove(&id).expect("an attempt");
                match sign_in.finish(attempt, answer["state"], answer["code"].to_owned()) {
                    Ok(person) => {
                        people.insert(id, person);
                        redirect("/")
                    }
                    Err(error) => Response::from_string(format!("{error:?}")).with_status_code(400),
                }
            }
            ("/logout", Some(person)) => {
                let address = sign_in.sign_out_address(person).expect("an address");
                people.remove(&id);
                redirect(&address)
            }
            ("/signed-out", _) => Response::from_string("Au revoir"),
            _ => Response::from_string("").with_status_code(404),
        };
        request.respond(response).expect("an answer");
    }
}

fn redirect(address: &str) -> Response<std::io::Cursor<Vec<u8>>> {
    Response::from_string("").with_status_code(303).with_header(header("Location", address))
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("a header")
}
