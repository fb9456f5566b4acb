import type { ReactElement } from "react";

import { useLength } from "../hooks/useRecordingLength";
import type { Recorder } from "../hooks/useRecorder";
import { Card } from "./Card";
import { RecordPanel } from "./RecordPanel";

type Props = { leastSeconds: number; recorder: Recorder; onPickFile: () => void; disabled: boolean };

/** A card to record or pick a clip, as long as is chosen on it. */
export function RecordCard({ leastSeconds, recorder, onPickFile, disabled }: Props): ReactElement {
  const { lengthSeconds, setLengthSeconds } = useLength(leastSeconds);
  const record = (): void => {
    if (lengthSeconds !== null) void recorder.start(lengthSeconds);
  };
  return (
    <Card>
      <RecordPanel
        recorder={recorder}
        leastSeconds={leastSeconds}
        lengthSeconds={lengthSeconds}
        onLength={setLengthSeconds}
        onRecord={record}
        onPickFile={onPickFile}
        disabled={disabled}
      />
    </Card>
  );
}
