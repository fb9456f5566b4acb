import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useCapabilities } from "../queries/useCapabilities";
import { RecordCard } from "../recording/RecordCard";
import { AppText } from "../ui/AppText";
import type { DeviceCalibrationFlow } from "./useDeviceCalibration";

type Props = { minSeconds: number; flow: DeviceCalibrationFlow };

/** Recording or choosing clips of the healthy machine, as many as the server takes. */
export function ClipRecorder({ minSeconds, flow }: Props): ReactElement | null {
  const { t } = useTranslation();
  const limits = useCapabilities()?.device_calibration;
  const { clips, recorder, pickFiles } = flow;
  if (!limits) return null; // they are being loaded
  return (
    <>
      <AppText muted>{t("calibration.why")}</AppText>
      <RecordCard
        minSeconds={minSeconds}
        recorder={recorder}
        filesLabel={t("calibration.pickFiles")}
        onPickFile={() => void pickFiles()}
        disabled={clips.length >= limits.max_clips}
      />
    </>
  );
}
