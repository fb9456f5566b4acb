/** Bring what was typed to the origin of a server: https unless http was written out; null for what is no address. */
export function normaliseAddress(typed: string): string | null {
  const text = typed.trim();
  const match = /^(?:(https?):\/\/)?([^\s/?#]+)(?:[/?#]\S*)?$/i.exec(text);
  const host = match?.[2];
  if (!match || !host || !/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.test(host)) return null;
  return `${(match[1] ?? "https").toLowerCase()}://${host.toLowerCase()}`;
}
