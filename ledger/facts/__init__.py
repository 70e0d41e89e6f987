"""What can happen in a case: one module per area, one frozen class per fact type."""
