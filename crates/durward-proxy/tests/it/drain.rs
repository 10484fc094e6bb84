//! The end of service, and reloads while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crate::plan::{Wanted, plan};
use crate::rig::{Client, Rig, Setting, plain_upstream, until, upstream};

#[test]
fn a_drain_loses_no_request() {
    let (address, _) = plain_upstream();
    let mut rig = Rig::start(address, Setting::default());
    let gateway = rig.address;
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let answered = Arc::clone(&answered);
            std::thread::spawn(move || {
                let mut client = Client::connect(gateway);
                loop {
                    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
                    let answer = client.message().expect("each request has an answer");
                    assert_eq!(answer.status(), 200);
                    answered.fetch_add(1, Ordering::SeqCst);
                    if answer.field("connection") == Some("close") {
                        assert!(client.is_closed());
                        return;
                    }
                }
            })
        })
        .collect();
    until("there is load", || answered.load(Ordering::SeqCst) > 500);
    let drained = rig.server.take().unwrap().drain(Duration::from_secs(10));
    assert_eq!(drained.unfinished, 0);
    for client in clients {
        client.join().unwrap();
    }
    assert_eq!(rig.lines().len(), answered.load(Ordering::SeqCst));
}

#[test]
fn a_drain_waits_for_an_answer_that_is_under_way() {
    let (came, wait) = mpsc::channel();
    let (go, goes) = mpsc::channel::<()>();
    let (came, goes) = (std::sync::Mutex::new(came), std::sync::Mutex::new(goes));
    let address = upstream(move |_, mut client| {
        client.message();
        came.lock().unwrap().send(()).unwrap();
        goes.lock().unwrap().recv().unwrap();
        client.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    let mut rig = Rig::start(address, Setting::default());
    let gateway = rig.address;
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    wait.recv().unwrap();
    let server = rig.server.take().unwrap();
    let draining = std::thread::spawn(move || server.drain(Duration::from_secs(15)));
    until("the listener is closed", || std::net::TcpStream::connect(gateway).is_err());
    go.send(()).unwrap();
    let answer = client.answer();
    assert_eq!((answer.status(), answer.field("connection")), (200, Some("close")));
    assert_eq!(draining.join().unwrap().unfinished, 0);
}

#[test]
fn a_drain_ends_at_its_deadline() {
    let address = upstream(|_, mut client| {
        client.message();
        client.is_closed();
    });
    let mut rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    let server = rig.server.take().unwrap();
    until("it is here", || server.connections().open == 1);
    assert_eq!(server.drain(Duration::from_millis(300)).unfinished, 1);
    assert!(client.message().is_none());
}

#[test]
fn a_new_plan_loses_no_request_and_keeps_connections() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let stop = Arc::new(AtomicBool::new(false));
    let (gateway, stopped) = (rig.address, Arc::clone(&stop));
    let load = std::thread::spawn(move || {
        let mut client = Client::connect(gateway);
        let mut count = 0;
        while !stopped.load(Ordering::SeqCst) {
            assert_eq!(client.get("/items").status(), 200);
            count += 1;
        }
        count
    });
    for _ in 0..20 {
        let before = seen.lock().unwrap().len();
        rig.plans.store(Arc::new(plan(address, &Wanted::default())));
        until("requests go on", || seen.lock().unwrap().len() > before + 5);
    }
    stop.store(true, Ordering::SeqCst);
    assert_eq!(load.join().unwrap(), seen.lock().unwrap().len());
    assert!(seen.lock().unwrap().iter().all(|seen| seen.connection == 0), "equal upstreams share connections");
}
