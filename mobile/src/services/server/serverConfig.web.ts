/** A page may call only the server it was loaded from. */
export const FIXED_SERVER: string | null = window.location.origin;

export const ALLOWS_HTTP = true;
