"""The shapes of this package's API."""

from rest_framework import serializers

from units.models import Device, Place


class Problem(serializers.Serializer):
    """What every refusal of the API looks like."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]


class PlaceBody(serializers.ModelSerializer):
    parent = serializers.SlugRelatedField("code", read_only=True, allow_null=True)

    class Meta:
        model = Place
        fields = ("code", "name", "kind", "state", "parent")


class PlaceQuery(serializers.Serializer):
    after = serializers.CharField(max_length=40, required=False)


class DeviceBody(serializers.ModelSerializer):
    class Meta:
        model = Device
        fields = ("id", "label", "made_at", "revoked_at")
        read_only_fields = ("id", "made_at", "revoked_at")


class NewDeviceBody(DeviceBody):
    """Only at its making: the token, shown once."""

    token = serializers.CharField(read_only=True)

    class Meta(DeviceBody.Meta):
        fields = (*DeviceBody.Meta.fields, "token")
