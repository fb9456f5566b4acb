import { AnalysisService, type Analysis } from "./analysisService";
import type { Clip } from "./clip";
import type { Parcel, ParcelStore } from "./outboxItem";
import { parcelStore } from "./outboxStore";
import { type Outcome, type Problem, SIGNED_OUT, concernsAll, fail, isPassing } from "./problem";
import { ownerOf, sessionState } from "./session";

export type Sending = { key: string; fraction: number };
export type Delivery = { parcel: Parcel; analysis: Analysis };
export type OutboxState = { parcels: Parcel[]; sending: Sending | null; deliveries: Delivery[] };

export type Fate =
  | { kind: "analysed"; analysis: Analysis }
  | { kind: "waiting"; problem: Problem } // it will be sent again by itself
  | { kind: "refused"; problem: Problem }; // it lies in the outbox until somebody decides

type Send = (parcel: Parcel, clip: Clip, onProgress: (fraction: number) => void) => Promise<Outcome<Analysis>>;

const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 60_000;

/** Keeps every recording until the server has it, and sends them one after the other. */
export class Outbox {
  private state: OutboxState = { parcels: [], sending: null, deliveries: [] };
  private listeners = new Set<() => void>();
  private turn: Promise<unknown> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private waitMs = FIRST_WAIT_MS;

  constructor(
    private readonly store: ParcelStore,
    private readonly send: Send,
  ) {}

  snapshot = (): OutboxState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Keep a recording until it is delivered, whatever happens to the app. Rejects when the device cannot. */
  async keep(parcel: Parcel, clip: Clip): Promise<void> {
    await this.store.save(parcel, clip);
    await this.read();
  }

  /** Send one that was kept. */
  deliverNow(parcel: Parcel): Promise<Fate> {
    return this.inTurn(() => this.deliver(parcel));
  }

  /** Send all that waits for this owner, oldest first, until there is no answer. */
  async flush(owner: string): Promise<void> {
    await this.read();
    await this.inTurn(async () => {
      const tried = new Set<string>();
      for (let next = this.firstWaiting(owner, tried); next; next = this.firstWaiting(owner, tried)) {
        tried.add(next.key);
        const fate = await this.deliver(next);
        if (fate.kind === "waiting" && concernsAll(fate.problem)) return;
        if (fate.kind === "analysed") this.announce(next, fate.analysis);
      }
    });
  }

  /** Try again what the server refused, perhaps with another model. */
  async resubmit(parcel: Parcel): Promise<Fate> {
    const again = { ...parcel, refusal: null };
    await this.store.update(again);
    await this.read();
    return this.deliverNow(again);
  }

  /** Let what was refused wait again: the reason may have gone away. */
  async release(parcel: Parcel): Promise<void> {
    await this.store.update({ ...parcel, refusal: null });
    await this.flush(parcel.owner);
  }

  async discard(key: string): Promise<void> {
    await this.store.remove(key);
    await this.read();
  }

  /** Forget that these were delivered: they have been seen. */
  dismissDeliveries(): void {
    this.become({ deliveries: [] });
  }

  /** Stop trying by itself. */
  rest(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waitMs = FIRST_WAIT_MS;
  }

  private firstWaiting(owner: string, tried: Set<string>): Parcel | undefined {
    return this.state.parcels.find(({ key, owner: theirs, refusal }) => theirs === owner && !refusal && !tried.has(key));
  }

  // One at a time: the second sender of a recording would find it gone.
  private inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(run);
    this.turn = mine.catch(() => undefined); // whoever awaits `mine` hears of it
    return mine;
  }

  private async deliver(parcel: Parcel): Promise<Fate> {
    const delivery = this.state.deliveries.find((each) => each.parcel.key === parcel.key);
    if (delivery) return { kind: "analysed", analysis: delivery.analysis };
    this.become({ sending: { key: parcel.key, fraction: 0 } });
    try {
      const clip = await this.store.clipOf(parcel);
      const onProgress = (fraction: number): void => this.become({ sending: { key: parcel.key, fraction } });
      return await this.settle(parcel, await this.send(parcel, clip, onProgress));
    } finally {
      this.become({ sending: null });
    }
  }

  private async settle(parcel: Parcel, outcome: Outcome<Analysis>): Promise<Fate> {
    if (outcome.ok) {
      await this.store.remove(parcel.key);
      await this.read();
      this.waitMs = FIRST_WAIT_MS;
      return { kind: "analysed", analysis: outcome.value };
    }
    const { problem } = outcome;
    if (isPassing(problem)) {
      if (problem.kind !== "signed_out") this.tryAgainLater(parcel.owner); // else when one signs in
      return { kind: "waiting", problem };
    }
    await this.store.update({ ...parcel, refusal: problem });
    await this.read();
    return { kind: "refused", problem };
  }

  // Of recordings that nobody is waiting for with the app in hand.
  private announce(parcel: Parcel, analysis: Analysis): void {
    this.become({ deliveries: [...this.state.deliveries, { parcel, analysis }] });
  }

  private tryAgainLater(owner: string): void {
    if (this.timer) return; // several of one round wait for the same moment
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.flush(owner);
    }, this.waitMs);
    this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
  }

  private async read(): Promise<void> {
    this.become({ parcels: await this.store.list() });
  }

  private become(change: Partial<OutboxState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

/** Nobody sends what somebody else recorded. */
const sendAsOwner: Send = async (parcel, clip, onProgress) => {
  const state = sessionState();
  const isOwner = state.status === "in" && ownerOf(state.session) === parcel.owner;
  return isOwner ? AnalysisService.analyze(parcel, clip, onProgress) : fail(SIGNED_OUT);
};

export const outbox = new Outbox(parcelStore, sendAsOwner);
