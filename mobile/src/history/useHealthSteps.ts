import { useCapabilities } from "../queries/useCapabilities";

/** Return the health scores at which WARNING and CRITICAL begin, as far as they are known. */
export function useHealthSteps(): number[] {
  const verdict = useCapabilities()?.verdict;
  return verdict ? [verdict.health_at_warning, verdict.health_at_critical] : [];
}
