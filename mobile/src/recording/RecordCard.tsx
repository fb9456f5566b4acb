import type { ReactElement } from "react";

import { Card } from "../ui/Card";
import { RecordPanel } from "./RecordPanel";
import type { Recorder } from "./useRecorder";
import { useRecordingLength } from "./useRecordingLength";

type Props = {
  minSeconds: number;
  recorder: Recorder;
  filesLabel?: string;
  onPickFile: () => void;
  disabled: boolean;
};

/** A card to record a clip of a chosen length, or to choose a file. */
export function RecordCard(props: Props): ReactElement {
  const { minSeconds, recorder, filesLabel, onPickFile, disabled } = props;
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
        {...(filesLabel !== undefined && { filesLabel })}
        onPickFile={onPickFile}
        disabled={disabled}
      />
    </Card>
  );
}
