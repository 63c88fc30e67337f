"""The demo data (domain/mechanisms 1.2): two invented compounds. Every person is made up."""

# Printed on the demo's own front page; `seed_demo` refuses to run outside a demo.
PASSWORD = "xincun2026"  # noqa: S105
