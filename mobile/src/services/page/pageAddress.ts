/** Do nothing: an installed app shows no address. */
export function forgetAddress(): void {}
