"""Roll-up: summary(place, period) = own reports + Σ summary(children, period). Recomputed, never
incremented: `leaf` says what a place's own reports come to, `climb` drains marks upwards,
`recount` proves the result by other SQL.
"""
