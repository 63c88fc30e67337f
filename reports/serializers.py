"""The shapes of the API, for its schema. Filing is validated by the form engine, not here."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from units.kinds import Kind


class FilingBody(serializers.Serializer):
    """One sending. `period` for periodic reports, `happened_on` for events."""

    place = serializers.CharField(max_length=40, help_text=_("单元编码"))
    period = serializers.CharField(max_length=10, required=False)
    form = serializers.CharField(
        max_length=30, required=False, help_text=_("楼组上报事情时写 matter_report")
    )
    happened_on = serializers.DateField(required=False)
    amends = serializers.UUIDField(required=False, help_text=_("更正或撤回哪一份（它的编号）"))
    base_rev = serializers.IntegerField(min_value=0, default=0)
    form_version = serializers.IntegerField(min_value=1, required=False)
    nil = serializers.BooleanField(default=False)
    withdraws = serializers.BooleanField(default=False)
    answers = serializers.DictField(required=False)
    made_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=200, required=False)


class BatchItem(FilingBody):
    id = serializers.UUIDField()


class BatchBody(serializers.Serializer):
    items = BatchItem(many=True)


class ReceiptBody(serializers.Serializer):
    receipt = serializers.CharField()
    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    received_at = serializers.DateTimeField()


class PhotoBody(serializers.Serializer):
    id = serializers.UUIDField()
    receipt = serializers.CharField()
    number = serializers.IntegerField()
    received_at = serializers.DateTimeField()


class BatchAnswerItem(serializers.Serializer):
    """A receipt or a problem, told apart by `status`."""

    id = serializers.CharField()
    status = serializers.IntegerField()
    receipt = serializers.CharField(required=False)
    rev = serializers.IntegerField(required=False)
    received_at = serializers.DateTimeField(required=False)
    code = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), required=False
    )


class BatchAnswer(serializers.Serializer):
    items = BatchAnswerItem(many=True)


class ObligationBody(serializers.Serializer):
    place = serializers.CharField()
    name = serializers.CharField()
    period = serializers.CharField()
    form = serializers.CharField()
    state = serializers.CharField()
    rev = serializers.IntegerField()
    nil = serializers.BooleanField()
    due_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    locks_at = serializers.DateTimeField()


class SummaryQuery(serializers.Serializer):
    period = serializers.CharField(max_length=10)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    after = serializers.CharField(max_length=40, required=False)


class SummaryBody(serializers.Serializer):
    place = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField(required=False)
    computed_at = serializers.DateTimeField(required=False)
    columns = serializers.DictField(child=serializers.IntegerField())
