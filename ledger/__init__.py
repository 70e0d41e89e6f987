"""What happened, and the law it happened under. Remembers, never refuses."""
