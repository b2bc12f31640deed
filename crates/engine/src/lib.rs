//! The pure heart of riposte: events in, commands out, and the ports to the world.
