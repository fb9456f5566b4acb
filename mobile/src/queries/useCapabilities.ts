import { useQuery } from "@tanstack/react-query";

import { AnalysisService, type Capabilities } from "../services/server/analysisService";
import { unwrap } from "../services/server/problem";
import { useSession } from "./useSession";

const NONE: Capabilities = { canMatch: false };

/** Return what the server can do; loaded once per start, because its schema is large. */
export function useCapabilities(): Capabilities {
  const query = useQuery({
    queryKey: ["capabilities", useSession().server],
    queryFn: async () => unwrap(await AnalysisService.getCapabilities()),
    staleTime: Infinity,
    refetchOnMount: true,
  });
  return query.data ?? NONE;
}
