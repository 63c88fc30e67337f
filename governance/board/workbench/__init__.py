"""今日工作台: what waits for the committee in every room, in one queue, with one action a row.

It owns nothing: `sources.py` lists where items come from, `verbs.py` what may be done to many.
"""
