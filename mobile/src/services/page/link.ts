import { setStringAsync } from "expo-clipboard";
import { Share } from "react-native";

/** Whether this phone or browser can hand a link to another app. */
export function canShare(): boolean {
  return true;
}

export async function shareLink(url: string): Promise<void> {
  await Share.share({ message: url });
}

export async function copyLink(url: string): Promise<void> {
  await setStringAsync(url);
}
