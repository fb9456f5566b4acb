import type { ReactElement } from "react";

import type { Recorder } from "./useRecorder";
import { useRecordingLength } from "./useRecordingLength";
import { Card } from "../ui/Card";
import { RecordPanel } from "./RecordPanel";

type Props = {
  minSeconds: number;
  recorder: Recorder;
  onPickFile: () => void;
  disabled: boolean;
};

/** A card to record a clip of a chosen length, or to choose a file. */
export function RecordCard({ minSeconds, recorder, onPickFile, disabled }: Props): ReactElement {
  const { lengthSeconds, setLengthSeconds } = useRecordingLength(minSeconds);
  const record = (): void => {
    if (lengthSeconds !== null) void recorder.start(lengthSeconds);
  };
  return (
    <Card>
      <RecordPanel
        recorder={recorder}
        minSeconds={minSeconds}
        lengthSeconds={lengthSeconds}
        onLength={setLengthSeconds}
        onRecord={record}
        onPickFile={onPickFile}
        disabled={disabled}
      />
    </Card>
  );
}
