import { useKeepAwake } from "expo-keep-awake";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import type { Recorder, RecorderState } from "./useRecorder";
import { LENGTHS_S } from "./useRecordingLength";
import { SILENCE_DBFS } from "../services/microphone/microphone.types";
import { SPACE } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { LevelMeter } from "./LevelMeter";
import { Note } from "../ui/Note";
import { RecordButton } from "./RecordButton";
import { Segmented } from "../ui/Segmented";

// The server requires one second, and most models half the length of their training clips.
const MIN_SECONDS = 2;

type Props = {
  recorder: Recorder;
  minSeconds: number;
  lengthSeconds: number | null; // null: every length is too short for the model
  onLength: (seconds: number) => void;
  onRecord: () => void;
  onPickFile: () => void;
  disabled: boolean;
};

export function RecordPanel(props: Props): ReactElement {
  const { recorder, minSeconds, lengthSeconds, onLength, onRecord, onPickFile, disabled } = props;
  const { t } = useTranslation();
  const { state } = recorder;
  const isRecording = state.step === "recording";
  const isBusy = isRecording || state.step === "opening";
  const minStopSeconds = Math.max(MIN_SECONDS, minSeconds);
  const fileButton = (
    <Button
      variant="quiet"
      icon="file"
      label={t("diagnose.pickFile")}
      disabled={disabled}
      onPress={onPickFile}
    />
  );

  if (lengthSeconds === null && !isBusy) {
    const text = t("diagnose.neverLongEnough", { seconds: minSeconds });
    return (
      <View style={styles.panel}>
        <Note tone="warning" icon="warning" text={text} />
        {fileButton}
      </View>
    );
  }
  return (
    <View style={styles.panel}>
      <RecordOrStop
        recorder={recorder}
        minStopSeconds={minStopSeconds}
        disabled={disabled}
        onRecord={onRecord}
      />
      <StateText state={state} />
      {isRecording ? (
        <>
          <LevelMeter levelDbfs={state.progress?.levelDbfs ?? SILENCE_DBFS} />
          <StayAwake />
        </>
      ) : (
        <Lengths
          minSeconds={minSeconds}
          lengthSeconds={lengthSeconds}
          onLength={onLength}
          disabled={isBusy}
        />
      )}
      <AppText variant="small" muted style={styles.hint}>
        {isRecording ? t("diagnose.stopHint", { seconds: minStopSeconds }) : t("diagnose.hint")}
      </AppText>
      {state.step === "failed" && <FailureNote {...state} />}
      {isRecording && (
        <Button
          variant="quiet"
          icon="close"
          label={t("actions.cancel")}
          onPress={() => void recorder.cancel()}
        />
      )}
      {!isBusy && fileButton}
    </View>
  );
}

type Failure = Extract<RecorderState, { step: "failed" }>;

/** Why there is no recording; after how long, where one was being made. */
function FailureNote({ reason, seconds }: Failure): ReactElement {
  const { t } = useTranslation();
  const why = t(`microphone.${reason}`);
  const text =
    seconds > 0 ? t("microphone.ended", { seconds: seconds.toFixed(1), why }) : why;
  return <Note urgent tone="critical" icon="mic" text={text} />;
}

type RecordOrStopProps = Pick<Props, "recorder" | "onRecord" | "disabled"> & {
  minStopSeconds: number;
};

/** One button for both, so that it keeps the focus when recording starts. */
function RecordOrStop(props: RecordOrStopProps): ReactElement {
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

function StateText({ state }: { state: RecorderState }): ReactElement {
  const { t } = useTranslation();
  let text = t("diagnose.start");
  if (state.step === "opening") text = t("diagnose.starting");
  if (state.step === "recording") {
    const seconds = (state.progress?.seconds ?? 0).toFixed(1);
    text = t("diagnose.secondsOf", { seconds, total: state.maxSeconds });
  }
  return (
    <AppText variant="title" role="none" style={styles.hint} testID="seconds">
      {text}
    </AppText>
  );
}

type LengthsProps = Pick<Props, "minSeconds" | "lengthSeconds" | "onLength" | "disabled">;

/** How long to record; lengths that are too short for the model cannot be chosen. */
function Lengths({ minSeconds, lengthSeconds, onLength, disabled }: LengthsProps): ReactElement {
  const { t } = useTranslation();
  const options = LENGTHS_S.map((seconds) => ({
    value: seconds,
    label: t("units.seconds", { seconds }),
    isDisabled: seconds < minSeconds,
  }));
  return (
    <View style={styles.length}>
      <Segmented
        label={t("diagnose.length")}
        options={options}
        value={lengthSeconds}
        onChange={onLength}
        disabled={disabled}
      />
      {options.some(({ isDisabled }) => isDisabled) && (
        <AppText variant="small" muted style={styles.hint}>
          {t("diagnose.longEnough", { seconds: minSeconds })}
        </AppText>
      )}
    </View>
  );
}

/** Keep the screen on: locking the phone would end the recording. */
function StayAwake(): null {
  useKeepAwake("recording", { suppressDeactivateWarnings: true });
  return null;
}

const styles = StyleSheet.create({
  panel: { alignItems: "center", gap: SPACE.m },
  length: { width: "100%", maxWidth: 420, gap: SPACE.s },
  hint: { textAlign: "center" },
});
