import { useState } from "react";

import { getOwner } from "../services/server/session";
import { readItem, removeItem, writeItem } from "../services/storage/storage";
import { useSession } from "./useSession";

export type Draft = { text: string; setText: (text: string) => void; forget: () => void };

/** Text that its writer finds again after leaving the screen, and after a restart. */
export function useDraft(name: string, saved: string): Draft {
  const item = `draft ${getOwner(useSession())} ${name}`.replace(/[^\w-]+/g, "_");
  const [text, setText] = useState(() => readItem(item) ?? saved);
  return {
    text,
    setText: (next) => {
      setText(next);
      writeItem(item, next);
    },
    forget: () => removeItem(item),
  };
}
