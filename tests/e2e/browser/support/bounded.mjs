// Every wait ends: with what was waited for, or with a sentence that says what did not come.

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export async function within(milliseconds, what, promise) {
  let timer;
  const end = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds); });
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again and again until `look` answers something that counts as true, and answers that. */
export async function until(milliseconds, what, look) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await pause(25);
  }
}
