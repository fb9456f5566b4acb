/** One recording before it is sent: bytes in a browser, the address of a file on a phone. */
export type Clip = {
  name: string;
  mimeType: string;
  seconds: number | null;
  content: Blob | string;
};

export function appendClip(form: FormData, field: string, clip: Clip): void {
  if (typeof clip.content !== "string") {
    form.append(field, clip.content, clip.name);
    return;
  }
  const part = { uri: clip.content, name: clip.name, type: clip.mimeType };
  // React Native reads the file while sending; the DOM's type does not know this form.
  form.append(field, part as unknown as Blob);
}
