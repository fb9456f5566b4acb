import { useState } from "react";

import { normaliseAddress } from "../services/address";
import { signIn } from "../services/api";
import { HOME_SERVER, MAY_SPEAK_HTTP } from "../services/serverConfig";
import { readNote, writeNote } from "../services/storage";
import type { Problem } from "../services/problem";

export type Complaint = "missing" | "badAddress" | "plainHttp";

export type SignIn = {
  fixedServer: string | null;
  lastServer: string;
  problem: Problem | null;
  complaint: Complaint | null; // before anything was sent
  isWorking: boolean;
  submit: (server: string, email: string, password: string) => Promise<void>;
};

const NOTE = "server";

export function useSignIn(): SignIn {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [complaint, setComplaint] = useState<Complaint | null>(null);
  const [isWorking, setIsWorking] = useState(false);

  const submit: SignIn["submit"] = async (typed, email, password) => {
    setProblem(null);
    const server = HOME_SERVER ?? normaliseAddress(typed);
    const found = complain(server, email, password);
    setComplaint(found);
    if (found || server === null) return;
    setIsWorking(true);
    const outcome = await signIn(server, email.trim(), password);
    setIsWorking(false);
    if (outcome.ok) writeNote(NOTE, server);
    else setProblem(outcome.problem);
  };

  return { fixedServer: HOME_SERVER, lastServer: readNote(NOTE) ?? "", problem, complaint, isWorking, submit };
}

function complain(server: string | null, email: string, password: string): Complaint | null {
  if (!email.trim() || !password) return "missing";
  if (server === null) return "badAddress";
  return server.startsWith("http://") && !MAY_SPEAK_HTTP ? "plainHttp" : null;
}
