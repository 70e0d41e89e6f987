"""What may happen. Decides, and may refuse; a refusal changes nothing."""
