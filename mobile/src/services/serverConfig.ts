/** The server that this app came from: a phone's app came from none. */
export const HOME_SERVER: string | null = null;

/** Whether this build may speak plain http. */
export const MAY_SPEAK_HTTP = __DEV__;
