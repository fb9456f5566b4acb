"""Queries of lists: what is asked for by an unknown name is refused, not ignored."""

from typing import Any

from rest_framework import serializers


class ListQuery(serializers.Serializer[Any]):
    """The query of a list; a parameter that it does not know is an error."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown names: an answer as if they were not there would be taken for another."""
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            known = ", ".join(self.fields)
            message = f"There is no such parameter; known are {known}."
            raise serializers.ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)
