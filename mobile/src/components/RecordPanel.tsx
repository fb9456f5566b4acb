import { useKeepAwake } from "expo-keep-awake";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { LENGTHS_S } from "../hooks/useRecordingLength";
import type { Recorder } from "../hooks/useRecorder";
import { SILENCE_DBFS } from "../services/microphone.types";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { LevelMeter } from "./LevelMeter";
import { Note } from "./Note";
import { RecordButton } from "./RecordButton";
import { Segmented } from "./Segmented";
import { Words } from "./AppText";

const LEAST_SECONDS = 2; // the server takes one second and more; models want half of what they learnt from

type Props = {
  recorder: Recorder;
  leastSeconds: number;
  lengthSeconds: number | null; // null: none is enough for the model
  onLength: (seconds: number) => void;
  onRecord: () => void;
  onPickFile: () => void;
  disabled: boolean;
};

export function RecordPanel(props: Props): ReactElement {
  const { recorder, leastSeconds, lengthSeconds, onLength, onRecord, onPickFile, disabled } = props;
  const { t } = useTranslation();
  const { state } = recorder;
  const isRecording = state.step === "recording";
  const heard = isRecording ? state.heard : null;
  const seconds = heard?.seconds ?? 0;
  const isBusy = isRecording || state.step === "opening";
  const stopsFrom = Math.max(LEAST_SECONDS, leastSeconds);
  const isTooEarly = isRecording && seconds < stopsFrom;
  const pick = <Button kind="quiet" icon="file" label={t("diagnose.pickFile")} disabled={disabled} onPress={onPickFile} />;

  if (lengthSeconds === null && !isBusy) {
    return (
      <View style={styles.panel}>
        <Note tone="warning" icon="warning" text={t("diagnose.neverLongEnough", { seconds: leastSeconds })} />
        {pick}
      </View>
    );
  }
  return (
    <View style={styles.panel}>
      <RecordButton
        label={isRecording ? t("diagnose.stop") : t("diagnose.start")}
        isRecording={isRecording}
        fraction={isRecording ? seconds / state.maxSeconds : 0}
        disabled={disabled}
        isWaiting={state.step === "opening" || isTooEarly}
        onPress={isRecording ? () => void recorder.stop() : onRecord}
      />
      <Words kind="title" role="none" style={styles.hint} testID="seconds">
        {isRecording
          ? t("diagnose.secondsOf", { seconds: seconds.toFixed(1), total: state.maxSeconds })
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
        <Lengths leastSeconds={leastSeconds} lengthSeconds={lengthSeconds} onLength={onLength} disabled={isBusy} />
      )}
      <Words kind="small" muted style={styles.hint}>
        {isRecording ? t("diagnose.stopHint", { seconds: stopsFrom }) : t("diagnose.hint")}
      </Words>
      {state.step === "failed" && <Note urgent tone="critical" icon="mic" text={t(`microphone.${state.reason}`)} />}
      {isRecording && (
        <Button kind="quiet" icon="close" label={t("actions.cancel")} onPress={() => void recorder.cancel()} />
      )}
      {!isBusy && pick}
    </View>
  );
}

type LengthsProps = Pick<Props, "leastSeconds" | "lengthSeconds" | "onLength" | "disabled">;

/** How long to record; what is too short for the model cannot be chosen, and why is told. */
function Lengths({ leastSeconds, lengthSeconds, onLength, disabled }: LengthsProps): ReactElement {
  const { t } = useTranslation();
  const options = LENGTHS_S.map((value) => ({
    value,
    label: t("diagnose.seconds", { seconds: value }),
    isDisabled: value < leastSeconds,
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
        <Words kind="small" muted style={styles.hint}>
          {t("diagnose.longEnough", { seconds: leastSeconds })}
        </Words>
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
  length: { width: "100%", maxWidth: 420, gap: SPACE.s },
  hint: { textAlign: "center" },
});
