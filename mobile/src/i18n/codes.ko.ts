import type { Code } from "../services/server/problem";

/** Why the server refused a request, in the words of the person beside the machine. */
export const koreanCodes: Record<Code, string> = {
  another_kind_of_model: "다른 유형의 모델이 쓰는 이름입니다. 다른 모델을 선택하세요.",
  artifact_corrupt:
    "서버의 모델 파일이 손상되었습니다. 모델 관리자에게 알리고 다른 모델을 선택하세요.",
  artifact_unavailable: "서버가 지금 이 모델을 읽을 수 없습니다. 잠시 후 다시 시도하세요.",
  authentication_failed: "이메일이나 비밀번호가 틀렸습니다.",
  bandwidth_too_narrow:
    "이 모델에 필요한 높은 주파수가 녹음에 없습니다. " +
    "이 앱으로 녹음하거나, 통화용이 아닌 앱에서 44.1 또는 48 kHz로 녹음하세요.",
  calibration_superseded: "더 새로운 보정이 적용되어 있습니다. 확인한 뒤 다시 시도하세요.",
  channels_cancel: "이 녹음의 두 채널이 서로 상쇄됩니다. 모노로 녹음하거나 한 채널만 보내세요.",
  database_unavailable: "서버가 지금 데이터베이스에 연결할 수 없습니다. 잠시 후 다시 시도하세요.",
  device_exists: "이 ID의 기계가 이미 있습니다.",
  duplicate_clip: "앞의 녹음과 같은 소리입니다. 삭제하고 다시 녹음하세요.",
  email_taken: "이미 등록된 이메일입니다.",
  empty: "빈 파일입니다. 다시 녹음하거나 다른 파일을 선택하세요.",
  idempotency_key_reused: "같은 ID의 다른 녹음이 이미 서버에 있습니다. 다시 녹음하세요.",
  inconsistent_clips:
    "나머지 녹음과 크게 다르게 들립니다. 그중 하나는 이상이 있을 때 녹음되었을 수 있습니다. " +
    "삭제하고 정상 상태의 설비를 다시 녹음하세요.",
  internal_error: "서버에 오류가 발생해 기록되었습니다. 나중에 다시 시도하세요.",
  invalid: "서버가 보낸 내용을 처리할 수 없습니다. 입력한 내용을 확인하세요.",
  interrupted:
    "녹음이 너무 자주 끊겨 충분히 긴 부분이 없습니다. " +
    "마이크를 쓰는 다른 앱을 닫고 다시 녹음하세요.",
  method_not_allowed: "서버가 지원하지 않는 기능입니다. 서버 업데이트가 필요할 수 있습니다.",
  limits_unavailable: "서버가 지금은 요청을 받을 수 없습니다. 잠시 후 다시 시도하세요.",
  model_inactive: "더 이상 제공되지 않는 모델입니다. 다른 모델을 선택하세요.",
  model_protected: "보호된 모델이라 바꿀 수 없습니다.",
  model_required: "이 설비에 지정된 모델이 없습니다. 모델을 선택하세요.",
  no_serving_version: "아직 서비스 중인 버전이 없는 모델입니다. 다른 모델을 선택하세요.",
  nothing_to_roll_back_to: "되돌릴 이전 버전이 없습니다.",
  nothing_to_undo: "취소할 것이 없습니다.",
  not_acceptable: "서버가 이 형식으로 답할 수 없습니다. 앱 업데이트가 필요할 수 있습니다.",
  not_authenticated: "계속하려면 로그인하세요.",
  not_calibrated:
    "아직 보정되지 않은 모델입니다. 모델 관리자에게 문의하거나 다른 모델을 선택하세요.",
  not_finite: "녹음에 잘못된 값이 있습니다. 다시 녹음하세요.",
  not_found: "더 이상 없거나 이 계정으로는 볼 수 없습니다.",
  permission_denied: "이 계정으로는 할 수 없습니다. 서버 담당자에게 역할을 요청하세요.",
  proposal_decided: "이미 결정된 제안입니다.",
  range_not_satisfiable: "녹음에 없는 구간입니다.",
  recording_too_long: "녹음이 너무 깁니다. 더 짧게 녹음하세요.",
  recording_too_short:
    "이 모델에는 녹음이 너무 짧습니다. 모델이 학습한 녹음의 절반 이상 길이로 녹음하세요.",
  recording_unavailable: "서버가 지금 저장된 녹음을 읽을 수 없습니다. 잠시 후 다시 시도하세요.",
  refused: "서버가 요청을 거부했습니다.",
  server_busy: "서버가 지금 바쁩니다. 잠시 후 다시 시도하세요.",
  sign_up_off: "이 서버에서는 직접 가입할 수 없습니다. 관리자에게 계정을 요청하세요.",
  silent: "소리가 없는 녹음입니다. 마이크가 가려지지 않았는지 확인하고 다시 녹음하세요.",
  throttled: "요청이 너무 많습니다. 잠시 후 다시 시도하세요.",
  token_not_valid: "로그인이 만료되었습니다. 다시 로그인하세요.",
  too_coarse:
    "녹음 형식이 소리 크기에 비해 너무 거칩니다. 형식의 잡음이 설비 소리를 덮습니다. " +
    "이 앱으로 녹음하거나, 16비트 이상으로 설비 가까이에서 다시 녹음하세요.",
  too_large: "파일이 너무 큽니다. 더 짧은 녹음을 선택하세요.",
  too_many_channels: "채널이 너무 많은 녹음입니다. 다른 파일을 선택하세요.",
  too_slow: "연결이 너무 느려 보낼 수 없습니다. 연결이 더 좋은 곳에서 다시 시도하세요.",
  truncated: "중간에 잘린 녹음입니다. 다시 녹음하거나 다른 파일을 선택하세요.",
  undecodable_audio: "녹음으로 읽을 수 없는 파일입니다. 다른 파일을 선택하세요.",
  unknown_machine_type: "이런 이름의 기계 종류는 없습니다.",
  unknown_model: "더 이상 없는 모델입니다. 다른 모델을 선택하세요.",
  unsupported_format: "서버가 지원하지 않는 파일 형식입니다. 다른 파일을 선택하세요.",
  version_archived: "보관 처리된 버전입니다.",
  version_of_another_model: "다른 모델의 버전입니다.",
  version_serves: "서비스 중인 버전입니다.",
  written_once: "같은 이름의 파일이 이미 서버에 있습니다.",
};
