import type { Translation } from "./en";

/** Calibrating a model for one machine. */
export const koreanCalibration: Translation["calibration"] = {
  open: "이 설비에 맞게 보정",
  title: "설비별 보정",
  why:
    "정상 상태의 설비를 5~20번, 서로 다른 시점에, 이 휴대폰으로 앞으로 녹음할 위치에서 " +
    "녹음하세요. 서버가 이 녹음에서 이 설비의 정상 범위를 학습합니다.",
  clips: "녹음: {{count}}건 (최대 {{max}}건)",
  pickFiles: "파일 여러 개 선택",
  surplus_one: "{{count}}건이 너무 많습니다. 삭제하세요.",
  surplus_other: "{{count}}건이 너무 많습니다. 삭제하세요.",
  clip: "{{number}}. {{name}}",
  refusedClip: "{{number}}번 녹음: {{why}}",
  deleteClip: "{{number}}번 녹음 삭제",
  missing_one: "{{count}}건 더 필요합니다.",
  missing_other: "{{count}}건 더 필요합니다.",
  submit_one: "녹음 {{count}}건으로 보정",
  submit_other: "녹음 {{count}}건으로 보정",
  finished: "보정했습니다. 다음 녹음부터 새 기준이 이 설비에 적용됩니다.",
  before: "이전",
  after: "앞으로",
  from: "{{score}}부터",
  effectOnHistory: "이 설비의 이전 녹음",
  effectOnClips: "이번 보정의 녹음",
  counts: "정상 {{NORMAL}}, 주의 {{WARNING}}, 위험 {{CRITICAL}}",
  done: "완료",
  loading: "보정을 불러오는 중…",
  none: "이 모델은 이 설비에 맞게 보정되지 않았습니다.",
  current: "이 설비에 맞게 보정됨 (버전 {{version}}): 녹음 {{n}}건, {{by}}, {{when}}.",
  undo: "이 보정 되돌리기",
  undoSure: "이전 기준이 다시 적용됩니다. 되돌릴까요?",
  leave_one: "아직 쓰지 않은 녹음 {{count}}건이 사라집니다.",
  leave_other: "아직 쓰지 않은 녹음 {{count}}건이 사라집니다.",
  stay: "계속 녹음",
  discard: "버리고 닫기",
};

/** What limits a calibration. */
export const koreanCalibrationNotes: Translation["calibrationNotes"] = {
  few_clips: "녹음이 10건 미만이라 기준에 여유를 두었습니다. 녹음이 많을수록 더 정확합니다.",
  far_from_training:
    "이 설비는 정상인데도 모델에는 이상처럼 들립니다. 경보는 멈추지만 실제 이상을 놓칠 수 " +
    "있으므로, 이 설비의 녹음으로 모델을 학습시키세요.",
  few_takes: "적은 횟수의 녹음 세션으로 보정되어 오경보가 계획보다 잦을 수 있습니다.",
  extrapolated: "정상 녹음이 적어서 위험 기준은 추정값입니다.",
  device_calibration_lapsed:
    "이 설비의 보정은 모델의 다른 버전용이라 버전 자체의 보정이 적용되었습니다. " +
    "다시 보정하세요.",
};
