"""What residents say at the stairwell, without an account, and what the committee answers."""
