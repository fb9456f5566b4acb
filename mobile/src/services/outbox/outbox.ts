import type { Clip } from "../files/clip";
import { AnalysisService, type Analysis } from "../server/analysisService";
import {
  type Outcome,
  DAMAGED,
  type Problem,
  SIGNED_OUT,
  affectsAllRequests,
  fail,
  isTransient,
} from "../server/problem";
import { getOwner, getSessionState } from "../server/session";
import { DamagedItem, type OutboxItem, type OutboxStore } from "./outboxItem";
import { outboxStore } from "./outboxStore";
import { isResolvable } from "./refusals";

export type Sending = { key: string; fraction: number };
export type Delivery = { item: OutboxItem; analysis: Analysis };
export type OutboxState = {
  items: OutboxItem[];
  damagedKeys: string[]; // of entries that cannot be read any more
  sending: Sending | null;
  deliveries: Delivery[];
};

export type SendResult =
  | { kind: "analyzed"; analysis: Analysis }
  | { kind: "waiting"; problem: Problem } // it is sent again automatically
  | { kind: "refused"; problem: Problem; isKept: boolean }; // kept: until the user decides

type Send = (
  item: OutboxItem,
  clip: Clip,
  onProgress: (fraction: number) => void,
) => Promise<Outcome<Analysis>>;

const MIN_RETRY_MS = 4_000;
const MAX_RETRY_MS = 60_000;

/** Stores every recording until the server has it, and sends them one after the other. */
export class Outbox {
  private state: OutboxState = { items: [], damagedKeys: [], sending: null, deliveries: [] };
  private listeners = new Set<() => void>();
  private queue: Promise<unknown> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private retryMs = MIN_RETRY_MS;

  constructor(
    private readonly store: OutboxStore,
    private readonly send: Send,
  ) {}

  getState = (): OutboxState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Store a recording until it is sent; rejects when the device cannot store it. */
  async add(item: OutboxItem, clip: Clip): Promise<void> {
    await this.store.save(item, clip);
    await this.reload();
  }

  /** Send an item that was added; refused for good, it leaves the outbox: sending it is no use. */
  sendNow(item: OutboxItem): Promise<SendResult> {
    return this.enqueue(async () => {
      const result = await this.sendItem(item);
      if (result.kind !== "refused") return result;
      const isKept = isResolvable(result.problem) && !item.isFile;
      if (!isKept) await this.remove(item.key);
      return { ...result, isKept };
    });
  }

  /** Send all waiting items of this owner, oldest first; stop when no answer comes. */
  async flush(owner: string): Promise<void> {
    await this.reload();
    await this.enqueue(() => this.sendWaiting(owner));
  }

  /** Send a refused item again, perhaps with another model. */
  async resubmit(item: OutboxItem): Promise<SendResult> {
    const unrefused = { ...item, refusal: null };
    await this.store.update(unrefused);
    await this.reload();
    return this.sendNow(unrefused);
  }

  /** Put a refused item back among the waiting ones: the reason may no longer apply. */
  async retry(item: OutboxItem): Promise<void> {
    await this.store.update({ ...item, refusal: null });
    await this.flush(item.owner);
  }

  async remove(key: string): Promise<void> {
    await this.store.remove(key);
    this.update({ damagedKeys: this.state.damagedKeys.filter((each) => each !== key) });
    await this.reload();
  }

  /** Clear the list of sent items after the user has seen it. */
  dismissDeliveries(): void {
    this.update({ deliveries: [] });
  }

  stopRetrying(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.retryMs = MIN_RETRY_MS;
  }

  // Sequential: a second sender of the same item would find its clip deleted.
  private enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.queue.then(run);
    this.queue = result.catch(() => undefined); // the caller handles the error
    return result;
  }

  private async sendWaiting(owner: string): Promise<void> {
    const tried = new Set<string>();
    let item = this.findNextWaiting(owner, tried);
    while (item) {
      tried.add(item.key);
      const result = await this.sendItem(item);
      if (result.kind === "waiting" && affectsAllRequests(result.problem)) return;
      if (result.kind === "analyzed") this.addDelivery(item, result.analysis);
      item = this.findNextWaiting(owner, tried);
    }
  }

  private findNextWaiting(owner: string, tried: Set<string>): OutboxItem | undefined {
    return this.state.items.find(
      (item) => item.owner === owner && !item.refusal && !tried.has(item.key),
    );
  }

  private async sendItem(item: OutboxItem): Promise<SendResult> {
    const delivery = this.state.deliveries.find((each) => each.item.key === item.key);
    if (delivery) return { kind: "analyzed", analysis: delivery.analysis };

    const onProgress = (fraction: number): void =>
      this.update({ sending: { key: item.key, fraction } });
    onProgress(0);
    try {
      const clip = await this.store.readClip(item);
      return await this.handleOutcome(item, await this.send(item, clip, onProgress));
    } catch (error) {
      if (error instanceof DamagedItem) return await this.markDamaged(item);
      throw error;
    } finally {
      this.update({ sending: null });
    }
  }

  private async handleOutcome(
    item: OutboxItem,
    outcome: Outcome<Analysis>,
  ): Promise<SendResult> {
    if (outcome.ok) {
      await this.store.remove(item.key);
      await this.reload();
      this.retryMs = MIN_RETRY_MS;
      return { kind: "analyzed", analysis: outcome.value };
    }

    const { problem } = outcome;
    if (isTransient(problem)) {
      // After signing out there is no retry until the owner signs in again.
      if (problem.kind !== "signed_out") this.scheduleRetry(item.owner);
      return { kind: "waiting", problem };
    }

    await this.store.update({ ...item, refusal: problem });
    await this.reload();
    return { kind: "refused", problem, isKept: true };
  }

  // The others go on: it is shown as damaged from now on.
  private async markDamaged({ key }: OutboxItem): Promise<SendResult> {
    const items = this.state.items.filter((item) => item.key !== key);
    this.update({ items, damagedKeys: [...this.state.damagedKeys, key] });
    return { kind: "refused", problem: DAMAGED, isKept: true };
  }

  // Announces recordings that were sent while nobody was waiting for the result.
  private addDelivery(item: OutboxItem, analysis: Analysis): void {
    this.update({ deliveries: [...this.state.deliveries, { item, analysis }] });
  }

  private scheduleRetry(owner: string): void {
    if (this.timer) return; // one retry serves all items
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.flush(owner);
    }, this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, MAX_RETRY_MS);
  }

  private async reload(): Promise<void> {
    const stored = await this.store.list();
    // Some are found to be damaged only when their recording is read.
    const damagedKeys = [...new Set([...this.state.damagedKeys, ...stored.damagedKeys])];
    const items = stored.items.filter(({ key }) => !damagedKeys.includes(key));
    this.update({ items, damagedKeys });
  }

  private update(change: Partial<OutboxState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

/** Send an item only while its owner is signed in. */
const sendAsOwner: Send = async (item, clip, onProgress) => {
  const state = getSessionState();
  const isOwner = state.status === "in" && getOwner(state.session) === item.owner;
  return isOwner ? AnalysisService.analyze(item, clip, onProgress) : fail(SIGNED_OUT);
};

export const outbox = new Outbox(outboxStore, sendAsOwner);
