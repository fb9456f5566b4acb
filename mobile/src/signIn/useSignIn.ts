import { useState } from "react";

import { normalizeAddress } from "../services/server/address";
import { signIn } from "../services/server/api";
import type { Problem } from "../services/server/problem";
import { ALLOWS_HTTP, FIXED_SERVER } from "../services/server/serverConfig";
import { readItem, writeItem } from "../services/storage/storage";

export type FormError = "missing" | "badAddress" | "plainHttp";

export type SignIn = {
  fixedServer: string | null;
  lastServer: string;
  problem: Problem | null;
  formError: FormError | null; // found before anything was sent
  isWorking: boolean;
  submit: (server: string, email: string, password: string) => Promise<void>;
};

const ITEM = "server";

export function useSignIn(): SignIn {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [formError, setFormError] = useState<FormError | null>(null);
  const [isWorking, setIsWorking] = useState(false);

  const submit: SignIn["submit"] = async (address, email, password) => {
    setProblem(null);
    const server = FIXED_SERVER ?? normalizeAddress(address);
    const error = validateForm(server, email, password);
    setFormError(error);
    if (error || server === null) return;

    setIsWorking(true);
    const outcome = await signIn(server, email.trim(), password);
    setIsWorking(false);
    if (outcome.ok) writeItem(ITEM, server);
    else setProblem(outcome.problem);
  };

  const lastServer = readItem(ITEM) ?? "";
  return { fixedServer: FIXED_SERVER, lastServer, problem, formError, isWorking, submit };
}

function validateForm(server: string | null, email: string, password: string): FormError | null {
  if (!email.trim() || !password) return "missing";
  if (server === null) return "badAddress";
  return server.startsWith("http://") && !ALLOWS_HTTP ? "plainHttp" : null;
}
