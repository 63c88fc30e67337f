"""The rehearsal: groups act a whole week over HTTP against a running demo, then all is proved.

`script` says what people do, `phones` and `outbox` how it is sent, `stage` lets them act at once,
`kills` takes parts down meanwhile, `verdict` and `stock` check what is stored.
"""
