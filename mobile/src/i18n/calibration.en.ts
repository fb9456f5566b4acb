/** Calibrating a model for one machine. */
export const englishCalibration = {
  open: "Calibrate for this machine",
  title: "Calibrate for one machine",
  why:
    "Record the healthy machine 5 to 20 times, at different times, with this phone and from " +
    "the spot where it will be recorded later. The server learns from these recordings what " +
    "is normal for this machine.",
  clips: "Recordings: {{count}} of at most {{max}}",
  pickFiles: "Choose files",
  surplus_one: "{{count}} is too many. Delete it.",
  surplus_other: "{{count}} are too many. Delete them.",
  clip: "{{number}}. {{name}}",
  refusedClip: "Recording {{number}}: {{why}}",
  deleteClip: "Delete recording {{number}}",
  missing_one: "{{count}} more is needed.",
  missing_other: "{{count}} more are needed.",
  submit_one: "Calibrate with {{count}} recording",
  submit_other: "Calibrate with {{count}} recordings",
  finished: "Calibrated. The new thresholds apply to this machine from the next recording on.",
  before: "Before",
  after: "From now on",
  from: "from {{score}}",
  effectOnHistory: "Earlier recordings of this machine",
  effectOnClips: "Recordings of this calibration",
  counts: "{{NORMAL}} normal, {{WARNING}} warning, {{CRITICAL}} critical",
  done: "Done",
  loading: "Loading the calibration…",
  none: "This model has not been calibrated for this machine.",
  current:
    "Calibrated for this machine (version {{version}}) from {{n}} recordings " +
    "by {{by}}, {{when}}.",
  undo: "Undo this calibration",
  undoSure: "The previous thresholds will apply again. Undo?",
  leave_one: "{{count}} recording has not been used yet and would be lost.",
  leave_other: "{{count}} recordings have not been used yet and would be lost.",
  stay: "Continue recording",
  discard: "Close and discard",
};

/** What limits a calibration. */
export const englishCalibrationNotes = {
  few_clips:
    "Fewer than ten recordings, so the thresholds include a safety margin. " +
    "More recordings make the calibration more precise.",
  far_from_training:
    "Even this healthy machine sounds faulty to the model. Alarms stop, but real faults may be " +
    "missed: have a model trained on this machine.",
  few_takes: "Calibrated on few recording sessions: there may be more false alarms than planned.",
  extrapolated: "The CRITICAL limit is an estimate: only few healthy recordings were available.",
  device_calibration_lapsed:
    "This machine was calibrated for another version of the model, so the version's own " +
    "calibration was used. Calibrate again.",
};
