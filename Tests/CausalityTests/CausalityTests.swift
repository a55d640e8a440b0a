// Causality
