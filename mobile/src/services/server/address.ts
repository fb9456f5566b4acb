/** Return the origin of a server (https unless http is typed), or null for an invalid address. */
export function normalizeAddress(typed: string): string | null {
  const text = typed.trim();
  const match = /^(?:(https?):\/\/)?([^\s/?#]+)(?:[/?#]\S*)?$/i.exec(text);
  const host = match?.[2];
  if (!match || !host || !/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.test(host)) return null;
  return `${(match[1] ?? "https").toLowerCase()}://${host.toLowerCase()}`;
}
