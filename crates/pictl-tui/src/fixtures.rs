//! Made-up sessions for pictures and tests.
