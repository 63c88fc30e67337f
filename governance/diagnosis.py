"""The self-test of a phone: what of the product works on it, told on the phone and sent nowhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def diagnosis(request: HttpRequest) -> HttpResponse:
    """For anybody, without a login: the page itself tests, and shows digits to be read out."""
    return render(request, "diagnosis.html")
