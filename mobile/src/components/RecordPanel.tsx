import { useKeepAwake } from "expo-keep-awake";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import type { Recorder } from "../hooks/useRecorder";
import { SILENCE_DBFS } from "../services/microphone.types";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { LevelMeter } from "./LevelMeter";
import { Note } from "./Note";
import { RecordButton } from "./RecordButton";
import { Segmented } from "./Segmented";
import { Words } from "./Words";

export const LENGTHS_S = [10, 20, 30] as const;
const LEAST_SECONDS = 2; // the server takes one second and more; models want what they learnt from

type Props = {
  recorder: Recorder;
  lengthSeconds: number;
  onLength: (seconds: number) => void;
  onRecord: () => void;
  onPickFile: () => void;
  disabled: boolean;
};

export function RecordPanel(props: Props): ReactElement {
  const { recorder, lengthSeconds, onLength, onRecord, onPickFile, disabled } = props;
  const { t } = useTranslation();
  const { state } = recorder;
  const isRecording = state.step === "recording";
  const heard = isRecording ? state.heard : null;
  const seconds = heard?.seconds ?? 0;
  const isBusy = isRecording || state.step === "opening";
  const isTooEarly = isRecording && seconds < LEAST_SECONDS;

  return (
    <View style={styles.panel}>
      <RecordButton
        label={isRecording ? t("diagnose.stop") : t("diagnose.start")}
        isRecording={isRecording}
        fraction={seconds / lengthSeconds}
        disabled={disabled}
        isWaiting={state.step === "opening" || isTooEarly}
        onPress={isRecording ? () => void recorder.stop() : onRecord}
      />
      <Words kind="title" role="none" style={styles.hint} testID="seconds">
        {isRecording
          ? t("diagnose.secondsOf", { seconds: seconds.toFixed(1), total: lengthSeconds })
          : state.step === "opening"
            ? t("diagnose.starting")
            : t("diagnose.start")}
      </Words>
      {isRecording ? (
        <>
          <LevelMeter levelDbfs={heard?.levelDbfs ?? SILENCE_DBFS} />
          <StayAwake />
        </>
      ) : (
        <View style={styles.length}>
          <Segmented
            label={t("diagnose.length")}
            options={LENGTHS_S.map((value) => ({ value, label: t("diagnose.seconds", { seconds: value }) }))}
            value={lengthSeconds}
            onChange={onLength}
            disabled={isBusy}
          />
        </View>
      )}
      <Words kind="small" muted style={styles.hint}>
        {isRecording ? t("diagnose.stopHint", { seconds: LEAST_SECONDS }) : t("diagnose.hint")}
      </Words>
      {state.step === "failed" && <Note urgent tone="critical" icon="mic" text={t(`microphone.${state.reason}`)} />}
      {isRecording && (
        <Button kind="quiet" icon="close" label={t("actions.cancel")} onPress={() => void recorder.cancel()} />
      )}
      {!isBusy && (
        <Button kind="quiet" icon="file" label={t("diagnose.pickFile")} disabled={disabled} onPress={onPickFile} />
      )}
    </View>
  );
}

/** A screen that goes dark would end the recording. */
function StayAwake(): null {
  useKeepAwake("recording", { suppressDeactivateWarnings: true });
  return null;
}

const styles = StyleSheet.create({
  panel: { alignItems: "center", gap: SPACE.m },
  length: { width: "100%", maxWidth: 420 },
  hint: { textAlign: "center" },
});
