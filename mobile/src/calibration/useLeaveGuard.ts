import { type NavigationAction, usePreventRemove } from "@react-navigation/native";
import { useState } from "react";

import { useAppNavigation } from "../navigation/routes";

export type LeaveGuard = {
  isAsking: boolean; // somebody wants to leave
  stay: () => void;
  leave: () => void;
};

/** Ask before a screen is left on which something would be lost. */
export function useLeaveGuard(hasUnsaved: boolean): LeaveGuard {
  const navigation = useAppNavigation();
  const [action, setAction] = useState<NavigationAction | null>(null);
  usePreventRemove(hasUnsaved, ({ data }) => setAction(data.action));
  return {
    isAsking: action !== null && hasUnsaved,
    stay: () => setAction(null),
    leave: () => action && navigation.dispatch(action),
  };
}
