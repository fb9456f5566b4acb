/** A page may speak to the server that it came from, and to no other. */
export const HOME_SERVER: string | null = window.location.origin;

export const MAY_SPEAK_HTTP = true;
