import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { RecordButton } from "./RecordButton";
import type { Recorder } from "./useRecorder";

type Props = {
  recorder: Recorder;
  minStopSeconds: number;
  disabled: boolean;
  onRecord: () => void;
};

/** One button for both, so that it keeps the focus when recording starts. */
export function RecordOrStop(props: Props): ReactElement {
  const { recorder, minStopSeconds, onRecord, disabled } = props;
  const { t } = useTranslation();
  const { state } = recorder;
  if (state.step !== "recording") {
    return (
      <RecordButton
        label={t("diagnose.start")}
        isRecording={false}
        fraction={0}
        disabled={disabled}
        isWaiting={state.step === "opening"}
        onPress={onRecord}
      />
    );
  }
  const seconds = state.progress?.seconds ?? 0;
  return (
    <RecordButton
      label={t("diagnose.stop")}
      isRecording
      fraction={seconds / state.maxSeconds}
      disabled={disabled}
      isWaiting={seconds < minStopSeconds}
      onPress={() => void recorder.stop()}
    />
  );
}
