"""Brakes on doors where anybody may knock: `guessing` grows with each wrong guess, `hourly` lets so
many through an hour. Both count in PostgreSQL: with Redis away the doors stay braked."""
