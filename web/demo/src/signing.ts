import {
  isOver,
  JurukunciError,
  operations,
  signBatch,
  verify,
  watch,
  type Operation,
  type Session,
  type VerificationReport,
} from '@jurukunci/client';
import { Bringing } from './bringing';
import * as office from './office';
import { Run } from './run';

export type Show = (run: Run) => void;

/**
 * Signs letters with one consent and brings each signed one to the server. The server keeps which letters are on their way and under which
 * `requestId`, so any page of this user can take over where this one stops.
 */
export async function signLetters(session: Session, letters: office.Letter[], show: Show, signal: AbortSignal): Promise<Run> {
  const { purpose, taskKind, orders } = await office.config();
  const batch = await office.beginBatch(letters.map(({ id }) => id));
  const run = new Run(batch, letters, show);
  run.changed();
  await holding(batch, async () => {
    const bringing = new Bringing(session, run);
    const take = (operation: Operation) => {
      run.take(operation);
      bringing.look();
    };
    try {
      const items = [];
      for (const letter of letters) {
        signal.throwIfAborted();
        const { appearance, id, title } = letter;
        items.push({
          name: `${title}.pdf`,
          blob: await office.draft(letter),
          ...(appearance && { appearance: { ...appearance, link: `${location.origin}/cek/${id}` } }),
        });
      }
      await signBatch(session, {
        items,
        purpose,
        taskKind,
        requestId: batch.id,
        signal,
        ...(orders && { order: () => begun(batch) }),
        onProgress: ({ phase, operation, done }) => {
          run.uploaded = phase === 'uploading' ? done : letters.length;
          if (operation) take(operation);
          else run.changed();
        },
      });
    } catch (error) {
      run.error = error;
      // where the agent fell silent, the signing may go on without us: it stays open, and is looked for when the agent is there again
      if (isSilence(error) && batch.ordered) return run.to('ended');
      if (error instanceof JurukunciError && error.operation) take(error.operation);
    }
    await finish(session, run, bringing, signal.aborted);
  });
  return run;
}

/** From here on the agent may have been asked, even if nobody hears of it. */
function begun(batch: office.Batch): Promise<string> {
  batch.ordered = true;
  return office.order(batch.id);
}

/** Follows a signing that another page began. Where that page still lives, it does the bringing and this one looks on. */
export async function followBatch(session: Session, run: Run, operation: Operation, signal: AbortSignal): Promise<void> {
  run.take(operation);
  const bring = async () => {
    run.elsewhere = false;
    await readLetters(run); // what another window has brought meanwhile is not brought twice
    const bringing = new Bringing(session, run);
    const take = (now: Operation) => {
      run.take(now);
      bringing.look();
    };
    try {
      await watch(session, operation.id, { onProgress: take, signal });
    } catch (error) {
      run.error = error;
      if (isSilence(error)) return run.to('ended');
    }
    await finish(session, run, bringing, signal.aborted);
  };
  if (await holding(run.batch, bring, { ifAvailable: true })) return;
  run.elsewhere = true;
  run.changed();
  watch(session, operation.id, {
    onProgress: (now) => {
      if (run.elsewhere) run.take(now);
    },
    signal,
  }).catch(() => {}); // the other window tells what becomes of it
  await holding(run.batch, bring);
}

/** The agent's operation of each open batch; null where this computer's agent knows none. */
export async function findOpen(session: Session): Promise<{ batch: office.Batch; operation: Operation | null }[]> {
  const open = await office.batches();
  if (open.length === 0) return [];
  const known = await operations(session);
  return open.map((batch) => ({ batch, operation: known.find(({ requestId }) => requestId === batch.id) ?? null }));
}

/** The agent's verdict on a letter that was just signed, or why there is none. */
async function verdictOn(session: Session, documentId: string): Promise<VerificationReport | JurukunciError> {
  try {
    return await verify(session, documentId);
  } catch (error) {
    if (error instanceof JurukunciError) return error;
    throw error;
  }
}

/** Brings again what the server did not take. */
export async function bringAgain(session: Session, run: Run): Promise<void> {
  await holding(run.batch, () => finish(session, run, new Bringing(session, run)));
}

async function finish(session: Session, run: Run, bringing: Bringing, aborted = false): Promise<void> {
  const over = !run.operation || isOver(run.operation);
  if (over && run.operation) {
    run.to('storing');
    await bringing.end();
  }
  // it stays open as long as something may still come of it
  if ((over || aborted) && run.number('signed') === 0) await office.endBatch(run.batch.id).catch(() => {});
  const [only] = run.items;
  if (run.items.length === 1 && only?.state === 'stored' && only.documentId) {
    run.to('verifying');
    run.verdict = await verdictOn(session, only.documentId);
  }
  run.to('ended');
}

async function readLetters(run: Run): Promise<void> {
  const letters = new Map((await office.letters()).map((letter) => [letter.id, letter]));
  for (const item of run.items) {
    item.letter = letters.get(item.letter.id) ?? item.letter;
    if (item.letter.signed) item.state = 'stored';
  }
}

const lockOf = ({ id }: office.Batch) => `eoffice-batch-${id}`;

/** By a window of this browser, this one included. */
export async function isCarried(batch: office.Batch): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lockOf(batch));
}

/** Gives the letters of a forgotten batch free, unless a window carries it after all. */
export async function release(batch: office.Batch): Promise<boolean> {
  return holding(batch, async () => void (await office.endBatch(batch.id)), { ifAvailable: true });
}

/** One window of this browser at a time carries a batch; when it goes, however it goes, the next one may. Answers whether it was ours. */
async function holding(batch: office.Batch, work: () => Promise<void>, options: LockOptions = {}): Promise<boolean> {
  return navigator.locks.request(lockOf(batch), options, async (lock) => {
    if (!lock) return false;
    await work();
    return true;
  });
}

function isSilence(error: unknown): boolean {
  return error instanceof JurukunciError && error.code === 'L-AGEN-TIDAK-TERJANGKAU';
}
