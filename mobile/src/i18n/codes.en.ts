import type { Code } from "../services/server/problem";

/** Why the server refused a request, in the words of the person beside the machine. */
export const englishCodes: Record<Code, string> = {
  another_kind_of_model: "This name belongs to a model of another type. Choose another one.",
  artifact_corrupt:
    "The model's file on the server is damaged. Tell your curator and choose another model.",
  artifact_unavailable: "The server cannot read this model right now. Try again in a moment.",
  authentication_failed: "E-mail or password is wrong.",
  bandwidth_too_narrow:
    "The high frequencies that this model needs are missing. " +
    "Record with this app, or at 44.1 or 48 kHz with an app that is not made for speech.",
  calibration_superseded: "A newer calibration is in use now. Check it, then try again.",
  channels_cancel:
    "The two channels of this recording cancel each other out. " +
    "Record in mono, or send one channel.",
  database_unavailable: "The server cannot reach its database right now. Try again in a moment.",
  device_exists: "There is a machine with this ID already.",
  duplicate_clip: "It is the same sound as an earlier recording. Delete it and record again.",
  email_taken: "This e-mail address is taken.",
  empty: "The file is empty. Record again or choose another file.",
  idempotency_key_reused: "The server already has another recording with this ID. Record again.",
  inconsistent_clips:
    "It sounds very different from the others, so one of them was probably made during a fault. " +
    "Delete it and record the healthy machine again.",
  internal_error: "Something went wrong on the server. It was logged; try again later.",
  invalid: "The server could not use what was sent. Check what you entered.",
  interrupted:
    "The recording has so many gaps that no piece of it is long enough. " +
    "Close other apps that use the microphone, and record again.",
  method_not_allowed: "The server does not support this. It may need an update.",
  limits_unavailable: "The server cannot accept this right now. Try again in a moment.",
  model_inactive: "This model is no longer offered. Choose another one.",
  model_protected: "This model is protected and cannot be changed.",
  model_required: "No model is set for this machine. Choose one.",
  no_serving_version: "This model has no version in service yet. Choose another one.",
  nothing_to_roll_back_to: "There is no earlier version to go back to.",
  nothing_to_undo: "There is nothing to undo.",
  not_acceptable: "The server cannot answer in this format. The app may need an update.",
  not_authenticated: "Sign in to continue.",
  not_calibrated: "This model is not calibrated yet. Ask a curator, or choose another one.",
  not_finite: "The recording contains invalid values. Record again.",
  not_found: "It no longer exists, or your account may not see it.",
  permission_denied: "Your account may not do this. Ask your administrator for the role.",
  proposal_decided: "This has already been decided.",
  range_not_satisfiable: "The recording does not have this part.",
  recording_too_long: "The recording is too long. Record a shorter one.",
  recording_too_short:
    "The recording is too short for this model. " +
    "Record for at least half as long as the recordings it was trained on.",
  recording_unavailable:
    "The server cannot read the stored recording right now. Try again in a moment.",
  refused: "The server refused this.",
  server_busy: "The server is busy right now. Try again in a moment.",
  sign_up_off: "Nobody registers here. Ask an administrator for an account.",
  silent: "The recording is silent. Check that nothing covers the microphone, then record again.",
  throttled: "Too many requests. Wait a moment, then try again.",
  token_not_valid: "Your session has expired. Sign in again.",
  too_coarse:
    "This recording is stored too coarsely: the noise of its format hides the machine. " +
    "Record with this app, or in 16 bits or more, and nearer to the machine.",
  too_large: "The file is too large. Choose a shorter recording.",
  too_many_channels: "The recording has too many channels. Choose another file.",
  too_slow: "The connection is too slow to send this. Try again where it is better.",
  truncated: "The recording is incomplete. Record again or choose another file.",
  undecodable_audio: "This file cannot be read as a recording. Choose another one.",
  unknown_machine_type: "There is no machine type of this name.",
  unknown_model: "This model no longer exists. Choose another one.",
  unsupported_format: "The server does not support this file type. Choose another one.",
  version_archived: "This version has been archived.",
  version_of_another_model: "This version belongs to another model.",
  version_serves: "This version is in service.",
  written_once: "The server already has a file with this name.",
};
