"""The sentences of the admin for each action: before it, after it, and in vain."""

from dataclasses import dataclass

from registry.models import Action

PREVIOUS_VERSION_EFFECT = "The version that served before will serve again."


@dataclass(frozen=True, slots=True)
class Wording:
    """The title of an action, and its sentences; {model} and {version} are filled in."""

    title: str
    done: str
    already: str
    effect: str = ""


WORDING = {
    Action.MAKE_DEFAULT: Wording(
        "Make default",
        "{model} is now the default.",
        "{model} is already the default.",
    ),
    Action.CLEAR_DEFAULT: Wording(
        "Stop offering as default",
        "{model} is no longer the default.",
        "{model} is not the default.",
        "No other model becomes the default.",
    ),
    Action.ROLL_BACK: Wording(
        "Roll back to the previous version",
        "Version {version} serves again.",
        "Version {version} is already serving.",
    ),
    Action.ACTIVATE: Wording(
        "Activate",
        "{model} was activated; the app offers it again.",
        "{model} is already active.",
        "The app offers it again.",
    ),
    Action.DEACTIVATE: Wording(
        "Deactivate",
        "{model} was deactivated; the app no longer offers it.",
        "{model} is already inactive.",
        "The app no longer offers it; analyses that ask for it are refused.",
    ),
    Action.PROTECT: Wording(
        "Protect",
        "{model} is now protected.",
        "{model} is already protected.",
        "From then on a second curator has to approve every change.",
    ),
    Action.UNPROTECT: Wording(
        "Remove the protection",
        "{model} is no longer protected.",
        "{model} is not protected.",
        "From then on one curator can decide alone.",
    ),
    Action.SERVE: Wording(
        "Serve this version",
        "Version {version} is now serving.",
        "Version {version} is already serving.",
    ),
    Action.ARCHIVE: Wording(
        "Archive",
        "Version {version} was archived.",
        "Version {version} is already archived.",
        "It cannot serve until it is restored. Its files and its history stay.",
    ),
    Action.RESTORE: Wording(
        "Restore from the archive",
        "Version {version} was restored and can serve again.",
        "Version {version} is not archived.",
        "It can serve again, but does not begin to by itself.",
    ),
}
