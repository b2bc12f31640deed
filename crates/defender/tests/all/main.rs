//! The client over real HTTP: what leaves, what it makes of each answer, and what it never shows.

mod budget;
mod connection;
mod credential;
mod documented;
mod download;
mod entities;
mod examples;
mod filters;
mod listing;
mod meter;
mod network;
mod outcome;
mod response;
mod secrets;
mod server;
mod token;
mod tolerance;
mod upload;
mod wire;
