import { useKeepAwake } from "expo-keep-awake";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useCapabilities } from "../queries/useCapabilities";
import { SILENCE_DBFS } from "../services/microphone/microphone.types";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { SPACE } from "../ui/theme";
import { FailureNote } from "./FailureNote";
import { Lengths } from "./Lengths";
import { LevelMeter } from "./LevelMeter";
import { RecordOrStop } from "./RecordOrStop";
import type { Recorder, RecorderState } from "./useRecorder";

type Props = {
  recorder: Recorder;
  minSeconds: number;
  lengthSeconds: number | null; // null: every length is too short for the model
  onLength: (seconds: number) => void;
  onRecord: () => void;
  filesLabel?: string; // where several files can be chosen
  onPickFile: () => void;
  disabled: boolean;
};

export function RecordPanel(props: Props): ReactElement {
  const { recorder, minSeconds, lengthSeconds, onLength, onRecord, onPickFile, disabled } = props;
  const { t } = useTranslation();
  const limits = useCapabilities()?.recording;
  const { state } = recorder;
  const isRecording = state.step === "recording";
  const isBusy = isRecording || state.step === "opening";
  const minStopSeconds = Math.max(limits?.min_seconds ?? 0, minSeconds);
  const fileButton = (
    <Button
      variant="quiet"
      icon="file"
      label={props.filesLabel ?? t("diagnose.pickFile")}
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
          <LevelMeter
            levelDbfs={state.progress?.levelDbfs ?? SILENCE_DBFS}
            quietDbfs={limits?.quiet_dbfs}
          />
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

/** Keep the screen on: locking the phone would end the recording. */
function StayAwake(): null {
  useKeepAwake("recording", { suppressDeactivateWarnings: true });
  return null;
}

const styles = StyleSheet.create({
  panel: { alignItems: "center", gap: SPACE.m },
  hint: { textAlign: "center" },
});
