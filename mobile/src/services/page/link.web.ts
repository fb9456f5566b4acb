import { setStringAsync } from "expo-clipboard";

/** Whether this browser can hand a link to another app; most on computers cannot. */
export function canShare(): boolean {
  return "share" in navigator;
}

export async function shareLink(url: string): Promise<void> {
  try {
    await navigator.share({ url });
  } catch (error) {
    // The person closed the dialog.
    if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
  }
}

export async function copyLink(url: string): Promise<void> {
  await setStringAsync(url);
}
