"""「我的设备」: what can get in as oneself, and stopping it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from units import devices, invitations, sessions
from units.models import SecondStep


@login_required
@require_safe
def device_list(request: HttpRequest) -> HttpResponse:
    """On the desk for staff, large for everybody else."""
    at = timezone.now()
    is_desk = invitations.has_staff_rights(request.user, at=at)
    step = SecondStep.objects.filter(user=request.user).first()
    facts = {
        "layout": "base.html" if is_desk else "phone.html",
        "is_desk": is_desk,
        "devices": request.user.devices.usable(at).order_by("-made_at"),
        "this": sessions.device_id(request),
        "second_step": step,
        "recovery_left": step and step.recovery_codes.filter(used_at__isnull=True).count(),
    }
    return render(request, "units/devices.html", facts)


@login_required
@require_POST
def revocation(request: HttpRequest, pk: int) -> HttpResponse:
    """From its next request on, the device is nobody; so is this session when it hangs on it."""
    device = get_object_or_404(request.user.devices.in_force(), pk=pk)
    devices.revoke(device, by=request.user, at=timezone.now())
    return redirect("devices")
