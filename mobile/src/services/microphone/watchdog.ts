import type { Interruption } from "./microphone.types";

const MAX_ZERO_SECONDS = 2; // a working microphone has noise; some begin with a few zeros
const MAX_STALL_MS = 2_000;
const GRACE_MS = 300; // what arrived while the app was busy is delivered first

/**
 * Notices what no event tells: a microphone that delivers nothing any more, or only zeros.
 * Reports the first interruption, and no other.
 */
export class Watchdog {
  private zeroSeconds = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isOver = false;

  constructor(private readonly onInterrupted: (reason: Interruption) => void) {
    this.expectMore();
  }

  /** Take note of what was delivered. */
  see(seconds: number, { isZero }: { isZero: boolean }): void {
    if (this.isOver) return;
    this.expectMore();
    this.zeroSeconds = isZero ? this.zeroSeconds + seconds : 0;
    if (this.zeroSeconds >= MAX_ZERO_SECONDS) this.interrupt("no_sound");
  }

  /** Report an interruption that an event told. */
  interrupt(reason: Interruption): void {
    if (this.isOver) return;
    this.stop();
    this.onInterrupted(reason);
  }

  stop(): void {
    this.isOver = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private expectMore(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = setTimeout(() => this.interrupt("interrupted"), GRACE_MS);
    }, MAX_STALL_MS);
  }
}
