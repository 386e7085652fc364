//! Clusters to try and test pictl on.
