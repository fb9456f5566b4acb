/** An installed app is on the phone already. */
export function keepPageOffline(): void {}
