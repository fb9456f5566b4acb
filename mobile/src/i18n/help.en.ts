/** How the app is used. */
export const englishHelp = {
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
};
