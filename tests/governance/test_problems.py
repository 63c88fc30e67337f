"""When the house itself is in trouble, a person still reads a sentence."""

import json

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import OperationalError
from django.test import Client, RequestFactory

from governance.problems import answer_refusals, bad_request, server_error


@pytest.mark.parametrize(
    ("path", "kind"), [("/group/", "text/html"), ("/api/obligations/", "application/json")]
)
def test_a_database_that_does_not_answer_is_told_without_asking_it_again(path, kind):
    # No django_db mark: any query here would fail the test.
    chain = answer_refusals(lambda request: None)
    answer = chain.process_exception(RequestFactory().get(path), OperationalError("gone"))
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith(kind)
    told = json.loads(answer.content)["message"] if "json" in kind else answer.content.decode()
    assert "内容还在" in told


def test_a_login_that_the_database_could_not_keep_is_an_outage_and_not_a_bad_form():
    request = RequestFactory().post("/login/")
    answer = bad_request(request, SessionInterrupted("the session was not saved"))
    assert answer.status_code == 503
    assert "请稍后再试" in answer.content.decode()


def test_a_fault_of_ours_is_a_sentence_and_not_a_trace():
    answer = server_error(RequestFactory().get("/group/"))
    assert answer.status_code == 500
    assert "请稍后再试" in answer.content.decode()


def test_every_answer_carries_the_strict_headers(db):
    answer = Client().get("/login/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
