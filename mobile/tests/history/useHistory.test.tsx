import { renderHook, waitFor } from "@testing-library/react-native";

import { useHistory } from "../../src/history/useHistory";
import { AnalysisService } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession, endSession } from "../../src/services/server/session";
import { SESSION, analysis } from "../support/examples";
import { AppProviders } from "../support/renderInApp";

const FILTER = { deviceId: null, isMine: false };

test("the history of one user is not shown to the next", async () => {
  await beginSession(SESSION);
  const page = { analyses: [analysis("CRITICAL")], next: null };
  jest.spyOn(AnalysisService, "getHistory").mockResolvedValue(succeed(page));
  const { result, unmount } = renderHook(() => useHistory(FILTER), { wrapper: AppProviders });
  await waitFor(() => expect(result.current.value).toHaveLength(1));
  unmount();

  await endSession("signed_out");
  await beginSession({ ...SESSION, email: "another@plant.example" });
  jest.spyOn(AnalysisService, "getHistory").mockResolvedValue(fail(OFFLINE));
  const next = renderHook(() => useHistory(FILTER), { wrapper: AppProviders });
  expect(next.result.current.value).toBeUndefined();
  await waitFor(() => expect(next.result.current.problem).toEqual(OFFLINE));
  expect(next.result.current.value).toBeUndefined();
});
