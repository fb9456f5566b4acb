// A file of its own, because the page runs no script that does not come from its server.
const ADDRESS = `${process.env.EXPO_BASE_URL ?? ""}/recorder.js`;

/** Create the part of the audio thread that hands over what was recorded. */
export async function createRecorderNode(context: AudioContext): Promise<AudioWorkletNode> {
  await context.audioWorklet.addModule(ADDRESS);
  return new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0, channelCount: 1 });
}
