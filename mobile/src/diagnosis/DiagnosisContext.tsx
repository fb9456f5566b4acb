import { type ReactElement, type ReactNode, createContext, useContext } from "react";

import { type Diagnosis, useDiagnosis } from "./useDiagnosis";

const DiagnosisContext = createContext<Diagnosis | null>(null);

/** Keeps one diagnosis for all screens: a recording continues while another one is open. */
export function DiagnosisProvider({ children }: { children: ReactNode }): ReactElement {
  return <DiagnosisContext value={useDiagnosis()}>{children}</DiagnosisContext>;
}

export function useSharedDiagnosis(): Diagnosis {
  const diagnosis = useContext(DiagnosisContext);
  if (!diagnosis) throw new Error("This screen needs a DiagnosisProvider.");
  return diagnosis;
}
