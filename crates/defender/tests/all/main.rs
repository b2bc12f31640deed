//! The client over real HTTP: what leaves, what it makes of each answer, and what it never shows.

mod budget;
mod connection;
mod credential;
mod download;
mod entities;
mod examples;
mod listing;
mod outcome;
mod response;
mod secrets;
mod server;
mod token;
