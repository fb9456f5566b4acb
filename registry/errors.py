"""The errors of the registry."""

from core.errors import InvalidRequest, SignalCraftError


class InvalidName(InvalidRequest):
    """A model id, a type or a file name that may not be used."""


class UnknownMachineType(InvalidRequest):
    """No machine type has this slug."""


class IncompleteVersion(InvalidRequest):
    """The version lacks the files that make it usable."""


class UnknownModel(SignalCraftError):
    """No registered model has this id."""

    status_code = 404
    code = "unknown_model"


class UnknownVersion(SignalCraftError):
    """The model has no version of this number."""

    status_code = 404
    code = "not_found"


class DecisionRefused(SignalCraftError):
    """The model's present state does not allow the decision."""

    status_code = 409
    code = "refused"


class ModelInactive(DecisionRefused):
    code = "model_inactive"


class NoServingVersion(DecisionRefused):
    code = "no_serving_version"


class ModelProtected(DecisionRefused):
    """A change that a second curator has to approve."""

    code = "model_protected"


class NothingToRollBackTo(DecisionRefused):
    code = "nothing_to_roll_back_to"


class ProposalDecided(DecisionRefused):
    code = "proposal_decided"


class ModelTypeMismatch(DecisionRefused):
    """The id belongs to a model of another type or for another machine type."""

    code = "another_kind_of_model"


class VersionOfAnotherModel(DecisionRefused):
    code = "version_of_another_model"


class VersionArchived(DecisionRefused):
    code = "version_archived"


class VersionServes(DecisionRefused):
    code = "version_serves"


class ArtifactUnavailable(SignalCraftError):
    """Bytes, of a version or of a recording, cannot be read or written now."""

    status_code = 503
    code = "artifact_unavailable"
    headers = {"Retry-After": "5"}


class ArtifactCorrupt(SignalCraftError):
    """The bytes of a version are not the ones that were published."""

    status_code = 503
    code = "artifact_corrupt"
