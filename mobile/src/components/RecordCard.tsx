import { type ReactElement, useState } from "react";

import type { Recorder } from "../hooks/useRecorder";
import { Card } from "./Card";
import { LENGTHS_S, RecordPanel } from "./RecordPanel";

type Props = { recorder: Recorder; onPickFile: () => void; disabled: boolean };

/** A card to record or pick a clip, as long as is chosen on it. */
export function RecordCard({ recorder, onPickFile, disabled }: Props): ReactElement {
  const [lengthSeconds, setLengthSeconds] = useState<number>(LENGTHS_S[0]);
  return (
    <Card>
      <RecordPanel
        recorder={recorder}
        lengthSeconds={lengthSeconds}
        onLength={setLengthSeconds}
        onRecord={() => void recorder.start(lengthSeconds)}
        onPickFile={onPickFile}
        disabled={disabled}
      />
    </Card>
  );
}
