"""The product's WSGI application in a worker that also imports what only training needs."""

import librosa
import sklearn.ensemble  # noqa: F401
import torch  # noqa: F401

from signalcraft.wsgi import application

# librosa imports most of its modules when they are first used.
librosa.feature.melspectrogram  # noqa: B018

__all__ = ["application"]
