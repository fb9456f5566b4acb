import { useQuery } from "@tanstack/react-query";

import { AnalysisService, type Capabilities } from "../services/analysisService";
import { unwrap } from "../services/problem";
import { useSession } from "./useSession";

const NONE: Capabilities = { canMatch: false };

/** What the server can do, asked once a start: its schema is large, and changes with the server only. */
export function useCapabilities(): Capabilities {
  const query = useQuery({
    queryKey: ["capabilities", useSession().server],
    queryFn: async () => unwrap(await AnalysisService.getCapabilities()),
    staleTime: Infinity,
    refetchOnMount: true,
  });
  return query.data ?? NONE;
}
