//! Two processes, one session: a travel agent asks a weather service over HTTP, and the service's own agent
//! and tools appear in the trace of the caller.
//!
//! ```text
//! cargo run -p agentops-integration-examples --example two_services
//! ```
#![expect(clippy::print_stdout, reason = "the results go to stdout")]

use std::{
    collections::HashMap,
    env,
    error::Error,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use agentops::{agent, session, tool};
use tiny_http::{Request, Response, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let _guard = agentops::init()?;
    if env::args().nth(1).as_deref() == Some("serve") {
        return serve();
    }
    let (mut service, address) = start_service()?;
    let plan = plan_trip(&address, "Lisbon");
    // The service ends after its last answer, when this end of the pipe is closed.
    drop(service.stdin.take());
    service.wait()?;
    println!("{}", plan?);
    Ok(())
}

// ---- the first process

#[session(user_id = "ada")]
fn plan_trip(weather: &str, city: &str) -> Result<String, Box<dyn Error>> {
    let forecast = ask_weather(weather, city)?;
    Ok(format!("{city}: {forecast}"))
}

/// Asks the weather service.
#[tool(skip(service))]
fn ask_weather(service: &str, city: &str) -> Result<String, Box<dyn Error>> {
    // The headers say which session this is, and where in it the call is made.
    let mut headers = HashMap::new();
    agentops::inject(&mut headers);
    let mut request = ureq::get(format!("http://{service}/{city}"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    Ok(request.call()?.body_mut().read_to_string()?)
}

/// Starts this program once more, as the service; it says on stdout where it listens.
fn start_service() -> Result<(Child, String), Box<dyn Error>> {
    let mut service = Command::new(env::current_exe()?)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut address = String::new();
    let stdout = service.stdout.take().ok_or("the service has no stdout")?;
    BufReader::new(stdout).read_line(&mut address)?;
    Ok((service, address.trim().to_owned()))
}

// ---- the second process

fn serve() -> Result<(), Box<dyn Error>> {
    let server = Server::http("127.0.0.1:0").map_err(|error| error.to_string())?;
    println!("{}", server.server_addr());
    let request = server.recv()?;
    answer(request)
}

fn answer(request: Request) -> Result<(), Box<dyn Error>> {
    let headers: HashMap<String, String> = request
        .headers()
        .iter()
        .map(|header| (header.field.as_str().as_str().to_lowercase(), header.value.to_string()))
        .collect();
    let city = request.url().trim_start_matches('/').to_owned();
    // From here on this is the caller's session.
    let forecast = agentops::extract(&headers).in_scope(|| forecast(&city));
    Ok(request.respond(Response::from_string(forecast))?)
}

#[agent(name = "meteorologist")]
fn forecast(city: &str) -> String {
    format!("{} degrees", read_thermometer(city))
}

/// Reads the thermometer of a city.
#[tool]
fn read_thermometer(city: &str) -> usize {
    15 + city.len()
}
