//! A typed client of the Microsoft Defender for Endpoint API.
