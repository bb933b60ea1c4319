//! Many sessions at once on a multi-thread runtime: each is its own trace, nothing is mixed up.
//!
//! ```text
//! cargo run -p agentops-integration-examples --example async_sessions
//! ```
#![expect(clippy::print_stdout, reason = "the results go to stdout")]

use std::time::Duration;

use agentops::tracing::Instrument;
use agentops::{agent, session, tool};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guard = agentops::init()?;
    let travellers = ["ada", "grace", "edsger"];
    let trips: Vec<_> = travellers.into_iter().map(|who| tokio::spawn(plan_trip(who))).collect();
    for trip in trips {
        println!("{}", trip.await?);
    }
    println!("{} spans delivered", guard.shutdown()?.sent);
    Ok(())
}

/// A session per traveller; each carries the user it works for.
#[session(user_id = who)]
async fn plan_trip(who: &'static str) -> String {
    // A spawned task leaves the session unless it is told to stay in the current span.
    let hotel = tokio::spawn(book_hotel(who).in_current_span());
    let flight = book_flight(who).await;
    match (flight, hotel.await) {
        (Ok(flight), Ok(hotel)) => format!("{who}: {flight}, {hotel}"),
        (Err(reason), Ok(hotel)) => format!("{who}: no flight ({reason}), {hotel}"),
        (_, Err(_)) => format!("{who}: the hotel desk fell over"),
    }
}

#[agent]
async fn book_flight(who: &str) -> Result<String, String> {
    // The slow airline is given up on: its span ends as cancelled.
    match tokio::time::timeout(Duration::from_millis(20), ask_airline("slow air", 1000)).await {
        Ok(offer) => offer,
        Err(_) if who == "edsger" => Err("everything is full".to_owned()),
        Err(_) => ask_airline("quick air", 5).await,
    }
}

#[agent]
async fn book_hotel(who: &str) -> String {
    tokio::time::sleep(Duration::from_millis(who.len() as u64)).await;
    format!("a room for {who}")
}

#[tool]
async fn ask_airline(airline: &str, takes_ms: u64) -> Result<String, String> {
    tokio::time::sleep(Duration::from_millis(takes_ms)).await;
    Ok(format!("a seat on {airline}"))
}
