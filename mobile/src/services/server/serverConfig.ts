/** The only server this app may use; null: the user enters an address. */
export const FIXED_SERVER: string | null = null;

/** Whether this build may connect over plain http. */
export const ALLOWS_HTTP = __DEV__;
