/** Go to the first address: whoever signs in next did not open what is shown now. */
export function forgetAddress(): void {
  history.replaceState(null, "", "/app/");
}
