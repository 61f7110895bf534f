// Child: a program that a test started. It is ended by its own pid, whatever becomes of the test.
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { until, within } from './bounded.mjs';

const living = new Set();
process.on('exit', () => { for (const child of living) child.kill(); });
// a runner that gives up on us must not leave everything running; who listens for the signal itself ends things in order
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => { if (process.listenerCount(signal) === 1) process.exit(1); });

export class Child {
  #process;
  #ended;
  /** Everything it has printed. */
  output = '';

  constructor(program, args, { env = {} } = {}) {
    this.name = basename(program);
    // the kernel ends it even where this process is killed and can end nothing itself
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    living.add(this);
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream.setEncoding('utf8').on('data', (text) => { this.output += text; });
    this.#ended = new Promise((resolve) => {
      this.#process.on('error', (error) => { this.output += `${error.message}; run ./dev setup\n`; resolve({ code: null, signal: null }); });
      this.#process.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.#ended.then((how) => { this.how = how; living.delete(this); });
  }

  get pid() { return this.#process.pid; }

  /** Waits for words in the output, from `after` characters on. A program that ends first will never say them. */
  async says(words, { after = 0, milliseconds = 30_000 } = {}) {
    const what = `${this.name} says ${words}`;
    const found = await until(milliseconds, what, () => this.output.slice(after).match(words) ?? (this.how && 'ended'));
    if (found === 'ended') throw new Error(`${what}: it ended (${this.how.code ?? this.how.signal}) after\n${this.output}`);
    return found;
  }

  signal(name) { if (!this.how) this.#process.kill(name); }

  kill() { this.signal('SIGKILL'); }

  ended(milliseconds = 20_000) { return within(milliseconds, `${this.name} ends`, this.#ended); }

  /** Asks it to end; what does not go is killed, and that is said. */
  async stop(milliseconds = 20_000) {
    this.signal('SIGTERM');
    try {
      return await this.ended(milliseconds);
    } catch (error) {
      this.kill();
      await this.ended();
      throw error;
    }
  }
}

/** A program that does one thing and ends. Answers its exit code and all it printed; a missing program is a failure. */
export function run(program, args, { env = {}, input, milliseconds = 30_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: { ...process.env, ...env }, timeout: milliseconds, killSignal: 'SIGKILL', maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') reject(new Error(`${program} is not installed; run ./dev setup`));
      else if (error?.killed) reject(new Error(`${program}: not within ${milliseconds} ms\n${stdout}${stderr}`));
      else resolve({ code: error ? error.code ?? error.signal : 0, stdout, stderr, text: stdout + stderr });
    });
    child.stdin.on('error', () => {}); // one that ends without reading
    child.stdin.end(input);
  });
}

export async function mustRun(program, args, options) {
  const said = await run(program, args, options);
  if (said.code !== 0) throw new Error(`${basename(program)} ${args.join(' ')} answered ${said.code}:\n${said.text}`);
  return said;
}

/** Whether a process lives; one that has ended and waits for its parent to notice does not. */
export function isRunning(pid) {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
