import { englishCodes } from "./codes.en";

export const en = {
  app: { name: "SignalCraft", tagline: "Hold the phone to the machine. Know how it sounds." },
  tabs: { diagnose: "Diagnose", history: "History", settings: "Settings" },
  actions: {
    retry: "Try again",
    close: "Close",
    back: "Back",
    cancel: "Cancel",
    delete: "Delete",
    save: "Save",
    more: "Show more",
    restart: "Start again",
  },
  units: { seconds: "{{seconds}} s", minutes: "{{minutes}} min" },
  signIn: {
    title: "Sign in",
    server: "Server address",
    serverHint: "For example signalcraft.plant.example",
    serverFixed: "Server: {{server}}",
    email: "E-mail",
    password: "Password",
    submit: "Sign in",
    working: "Signing in…",
    expired: "Your session has expired. Sign in again; recordings that were not sent are kept.",
    missing: "Fill in every field.",
    badAddress: "This is not a valid server address.",
    plainHttp: "The app connects over https only. Ask your administrator for the https address.",
  },
  diagnose: {
    device: "Machine",
    anyDevice: "No machine chosen",
    model: "Model",
    noModel: "Choose a model",
    modelWithdrawn: "{{name}} is no longer offered. Choose another model.",
    modelNotCalibrated: "{{name}} is not calibrated yet: ask a curator, or choose another model.",
    modelFirst: "Choose the model for this machine, then record.",
    start: "Record",
    stop: "Stop",
    starting: "Opening the microphone…",
    pickFile: "Choose a file",
    length: "Length",
    longEnough: "This model needs {{seconds}} s or more.",
    neverLongEnough:
      "This model needs {{seconds}} s or more, which is longer than the app records. " +
      "Choose a file instead.",
    secondsOf: "{{seconds}} s of {{total}} s",
    recorded: "Recorded {{seconds}} s",
    hint: "Hold the phone still, about 30 cm away, with nothing over the microphone.",
    stopHint: "Recording stops automatically. You can stop it after {{seconds}} s.",
    level: "Level",
    levelValue: "{{level}} dBFS",
    levelQuiet: "Very quiet: move closer",
    levelGood: "Good level",
    levelLoud: "Too loud: move farther away",
    sending: "Sending…",
    sendingPercent: "Sending… {{percent}} %",
    judging: "Analyzing…",
    again: "New recording",
    confirm: "Record again to confirm",
    confirmWhy: "One recording is not proof. Record once more at the same spot before you act.",
    confirmed: {
      CRITICAL:
        "Confirmed: two recordings in a row are not normal. If it is safe, stop the machine and " +
        "inspect it before it runs again. Enter below what you found.",
      WARNING:
        "Confirmed: two recordings in a row are not normal. Have the machine inspected soon and " +
        "enter below what was found.",
      NORMAL:
        "Not confirmed: the previous recording was not normal, this one is. Record a third time.",
    },
    queued:
      "The server cannot be reached. The recording is saved on this device and will be sent " +
      "automatically.",
    willRetry: "The recording is saved on this device and will be sent again automatically.",
    notStored: "The recording could not be saved on this device. Free some space and record again.",
  },
  microphone: {
    denied: "The app may not use the microphone. Allow it in the settings, then try again.",
    missing: "No microphone was found. Connect one, or choose a file.",
    insecure:
      "Browsers allow the microphone on https pages only. Ask your administrator for the https " +
      "address.",
    lost: "The microphone is gone. Connect it again, then record again.",
    muted: "The microphone is muted. Unmute it, then record again.",
    interrupted:
      "A call, another app or the locked screen took the microphone. Keep this app open and " +
      "record again.",
    no_sound:
      "The microphone delivers no sound at all. Check that it is not switched off or in use by " +
      "another app, then record again.",
    ended: "The recording ended after {{seconds}} s and was not sent. {{why}}",
    busy: "The microphone could not be opened. Close other apps that use it, then try again.",
  },
  outbox: {
    title_one: "{{count}} recording on this device",
    title_other: "{{count}} recordings on this device",
    waiting: "Waiting for the server",
    sending: "Sending",
    refused: "Refused",
    sendNow: "Send now",
    withModel: "Send with {{name}}",
    delivered_one: "{{count}} recording was sent",
    delivered_other: "{{count}} recordings were sent",
    dismiss: "OK",
    storedHint:
      "Recordings stay here until the server has received them, even if the app is closed.",
    deleteSure: "Delete this recording?",
  },
  models: {
    title: "Choose a model",
    all: "All types",
    default: "Default",
    version: "version {{version}}",
    auc: "AUC {{value}}",
    falseAlarms: "False alarms {{percent}} %",
    loading: "Loading the models…",
    empty: "The server offers no models yet. A model appears here as soon as it has been trained.",
    emptyType: "No model for this machine type. Choose All types to see the others.",
    stale: "The server cannot be reached. This is the last list of models it sent.",
    notCalibrated: "Not calibrated yet: ask a curator.",
    level: "level {{level}}",
    suggest: "Suggest a model by sound",
    suggestWhy:
      "Record the machine while it is healthy. The models are ranked by how normal it sounds to " +
      "each of them.",
    suggested: "Best match",
    noneFits:
      "No model matches this sound. The machine may be faulty, or no model has been trained for " +
      "it yet.",
    matchPercent: "{{percent}} % of this model's healthy recordings deviate at least this much",
  },
  devices: {
    title: "Choose a machine",
    none: "No machine",
    noneHint: "The recording is analyzed, but does not appear in any machine's history.",
    loading: "Loading the machines…",
    empty: "No machines have been added yet. You can record without one.",
    search: "Find a machine",
    noMatch: "No machine has a matching name.",
    stale: "The server cannot be reached. This is the last list of machines it sent.",
    never: "Never recorded",
    last: "{{verdict}}, {{when}}",
  },
  verdict: {
    NORMAL: "Normal",
    WARNING: "Warning",
    CRITICAL: "Critical",
  },
  result: {
    title: "Result",
    loading: "Loading the result…",
    score: "Anomaly score",
    scoreScale: "Anomaly score {{score}}. Warning from {{warning}}, critical from {{critical}}.",
    scoreScaleNoCritical: "Anomaly score {{score}}. Warning from {{warning}}.",
    warningFrom: "Warning from {{value}}",
    criticalFrom: "Critical from {{value}}",
    pValue: "p-value",
    pValueMeaning: "The share of healthy recordings that deviate at least this much.",
    pValueAtMost: "{{value}} or less",
    health: "Health",
    healthValue: "{{value}} of 100",
    contributions: "What sounds different",
    contribution: "{{group}}: {{deviations}}",
    contributionsHint:
      "In standard deviations of healthy recordings. From about 3 on, a value is unusual.",
    spectrogram: "Spectrogram",
    spectrogramLoading: "Loading the spectrogram…",
    spectrogramLabel:
      "Spectrogram of the recording. Unusual moments: {{segments}}. Unusual bands: {{bands}}.",
    spectrogramHint: "Bars above mark unusual moments, bars on the right unusual frequencies.",
    nothing: "none",
    segments: "Unusual moments",
    segmentsNone: "No moment is unusual.",
    segmentsLabel: "Time line. Unusual moments: {{segments}}.",
    segment: "{{start}}–{{end}} s",
    playSegment: "Play {{start}} to {{end}} seconds",
    band: "{{low}}–{{high}}",
    playAll: "Play the recording",
    pause: "Pause",
    audioLoading: "Loading the recording…",
    bands: "Unusual frequencies",
    bandsNone: "No frequency band is unusual.",
    bandMore: "{{band}}: {{db}} dB louder than normal",
    bandLess: "{{band}}: {{db}} dB quieter than normal",
    quality: "Recording quality",
    qualityGood: "Recording quality is good.",
    qualityFacts: "{{seconds}} s, {{rate}} kHz, {{level}} dBFS",
    model: "Model",
    modelVersion: "{{model}}, version {{version}}",
    calibration: "Calibrated on {{n}} healthy recordings",
    extrapolated:
      "The CRITICAL limit is an estimate: only {{n}} healthy recordings were available.",
    device: "Machine",
    recordedAt: "Recorded",
    copyLink: "Copy the link",
    linkCopied: "Copied",
    share: "Share",
  },
  featureGroups: {
    level: "Balance of high and low frequencies",
    spread: "Unsteady sound",
    quiet: "Steady background sound",
    loud: "Loud bursts",
    change: "Rough, rattling sound",
    jump: "Knocks or clicks",
    modulation: "Slow, regular rise and fall",
    tonality: "Whine or hum",
    envelope: "Fast, regular knocking, like that of a bearing or gear",
    sway: "Uneven run",
    crackle: "Crackling",
    drift: "Tones that come and go",
    whole: "Unlike normal as a whole",
  },
  quality: {
    clipped: "Too loud (clipped): hold the phone farther away.",
    quiet: "Very quiet: hold the phone closer.",
    low_sample_rate: "Low sample rate: faults at high frequencies cannot be detected.",
    band_limited: "High frequencies are missing: faults at those frequencies cannot be detected.",
    shorter_than_training: "Much shorter than the training recordings: record for longer.",
    unexplained: "This model cannot tell when or at which frequencies a recording differs.",
    first_seconds_only: "The model used the first 10 seconds only.",
    transient: "The unusual sound is brief, perhaps a voice or a knock nearby: record again.",
    other: "Message from the server: {{warning}}",
  },
  feedback: {
    title: "Was this verdict right?",
    why: "Say what you found at the machine. Your answer helps to improve the model.",
    TRUE_POSITIVE: "Machine is faulty",
    FALSE_POSITIVE: "Machine is healthy",
    IGNORE: "Cannot tell",
    comment: "Comment",
    commentHint: "What you found",
    saved: "Saved. You can change it at any time.",
    saving: "Saving…",
  },
  calibration: {
    open: "Calibrate for this machine",
    title: "Calibrate for one machine",
    why:
      "Record the healthy machine 5 to 20 times, at different times, with this phone and from " +
      "the spot where it will be recorded later. The server learns from these recordings what " +
      "is normal for this machine.",
    clips: "Recordings: {{count}} of at most {{max}}",
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
  },
  calibrationNotes: {
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
  },
  history: {
    all: "All machines",
    loading: "Loading the history…",
    empty: "You have not recorded anything yet. Your results will appear here.",
    emptyDevice: "You have not recorded this machine yet.",
    trend: "Health over time",
    trendLabel: "{{name}}: health of the last {{count}} recordings, newest {{latest}} of 100.",
    trendLines: "Dashed lines: warning below {{warning}}, critical below {{critical}}.",
    trendMixed: "Choose a machine to see how its health develops.",
    health: "Health {{health}}",
    trendFew: "The trend appears after two recordings.",
    open: "{{verdict}}, {{where}}, {{when}}",
    noDevice: "No machine",
  },
  settings: {
    language: "Language",
    languageName: "English",
    account: "Signed in as",
    server: "Server",
    roles: "Roles",
    noRoles: "No role",
    signOut: "Sign out",
    signOutSure_one:
      "{{count}} recording has not been sent. It stays on this device until you sign in again.",
    signOutSure_other:
      "{{count}} recordings have not been sent. They stay on this device until you sign in again.",
    version: "App {{version}}",
    appearance: "Light or dark mode follows the setting of your device.",
  },
  problem: {
    offline: "The server cannot be reached. Check the network, then try again.",
    throttled: "Too many requests. Wait a moment, then try again.",
    throttledFor: "Too many requests. Try again in {{wait}}.",
    locked_out: "Too many wrong passwords. Wait a moment, then try again.",
    locked_outFor: "Too many wrong passwords. Try again in {{wait}}.",
    signed_out: "Your session has expired. Sign in again.",
    unreadable_answer:
      "The answer did not come from SignalCraft. Check the network and the server address.",
    unknown: "The server refused this ({{code}}): {{detail}}",
    crashed: "Something went wrong in the app. Your recordings are safe; start again.",
  },
  notFound: {
    title: "No such page",
    text: "This address shows nothing. Perhaps it was cut off when it was copied.",
  },
  help: {
    title: "Help",
    record: {
      title: "How to record",
      text:
        "Choose the machine and its model. Hold the phone still, about 30 cm away and always at " +
        "the same spot, with the machine running as usual. Keep voices and other noise away.",
    },
    verdict: {
      title: "What the verdict means",
      text:
        "Normal: the machine sounds as it did when the model was trained. Warning and critical: " +
        "it sounds different. Record once more at the same spot; two in a row are worth a look " +
        "at the machine. Afterwards, say whether the verdict was right.",
    },
    offline: {
      title: "Without a network",
      text:
        "Record as usual. Recordings stay on this device and are sent as soon as the server can " +
        "be reached. History and models show what was last received.",
    },
    falseAlarms: {
      title: "Too many alarms",
      text:
        "If a healthy machine raises alarms, an engineer can calibrate the model for it: choose " +
        "the machine and the model, then Calibrate for this machine.",
    },
    contact: {
      title: "If something does not work",
      text:
        "Tell your administrator what the app says, and the versions that the settings show. " +
        "Curators decide which models are offered.",
    },
  },
  roles: {
    viewer: "viewer",
    "field engineer": "field engineer",
    engineer: "engineer",
    curator: "curator",
  },
  methods: {
    isolation_forest: "isolation forest",
    autoencoder: "autoencoder",
    mahalanobis: "Mahalanobis distance",
    legacy_isolation_forest: "isolation forest of the older system",
    legacy_autoencoder: "autoencoder of the older system",
  },
  machineTypes: {
    pump: "Pump",
    fan: "Fan",
    valve: "Valve",
    slider: "Slide rail",
    compressor: "Compressor",
    motor: "Motor",
    belt: "Belt",
    engine: "Engine",
    bearing: "Bearing",
    unspecified: "Other",
  },
  codes: englishCodes,
};

type Texts<T> = { [Key in keyof T]: T[Key] extends string ? string : Texts<T[Key]> };
export type Translation = Texts<typeof en>;
