import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { series } from '../letters/series.mjs';
import { Refusal } from './refusal.mjs';

/** The inbox: letters as they were drafted, and beside them what came back signed. */
export class LetterBox {
  #signed;
  #letters = new Map();

  constructor(drafts, signed) {
    this.#signed = signed;
    const printed = JSON.parse(readFileSync(join(drafts, 'letters.json'), 'utf8')).map((letter) => ({
      letter,
      bytes: readFileSync(join(drafts, `${letter.id}.pdf`)),
    }));
    for (const { letter, bytes } of [...printed, ...series()]) {
      this.#letters.set(letter.id, { letter, bytes, sha256: createHash('sha256').update(bytes).digest('hex') });
    }
  }

  list() {
    return Promise.all([...this.#letters.keys()].map((id) => this.find(id)));
  }

  async find(id) {
    const { letter } = this.#known(id);
    const signed = await this.#readSigned(id);
    const about = signed && {
      url: `/api/letters/${id}/signed`,
      size: signed.length,
      sha256: createHash('sha256').update(signed).digest('hex'),
      storedAt: (await stat(this.#signedFile(id))).mtime.toISOString(),
    };
    return { ...letter, url: `/api/letters/${id}/file`, signed: about };
  }

  original(id) {
    return this.#known(id).bytes;
  }

  /** Of the draft, as an order names it. */
  digest(id) {
    return this.#known(id).sha256;
  }

  async isSigned(id) {
    this.#known(id);
    return (await this.#readSigned(id)) !== null;
  }

  async signed(id) {
    this.#known(id);
    const bytes = await this.#readSigned(id);
    if (!bytes) throw new Refusal(404, 'S-BELUM-DITANDATANGANI');
    return bytes;
  }

  /** Takes only what adds to the draft: a signature never changes a byte of what was drafted. */
  async storeSigned(id, bytes) {
    const draft = this.original(id);
    if (bytes.length <= draft.length || !bytes.subarray(0, draft.length).equals(draft)) throw new Refusal(422, 'S-BUKAN-SURAT-INI');
    if (!bytes.subarray(draft.length).includes('/ByteRange')) throw new Refusal(422, 'S-TANPA-TANDA-TANGAN');
    const unfinished = join(this.#signed, `${randomUUID()}.new`);
    try {
      await writeFile(unfinished, bytes, { flag: 'wx', mode: 0o600 });
      await link(unfinished, this.#signedFile(id)); // whole or not at all, and never over another
      console.log(`stored ${id}`);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      // the page asks again when our answer was lost; that is no second signature
      if (!bytes.equals(await this.#readSigned(id))) throw new Refusal(409, 'S-SUDAH-DITANDATANGANI');
      console.log(`came again ${id}`);
    } finally {
      await rm(unfinished, { force: true });
    }
    return this.find(id);
  }

  #known(id) {
    const letter = this.#letters.get(id);
    if (!letter) throw new Refusal(404, 'S-SURAT-TIDAK-ADA');
    return letter;
  }

  #signedFile(id) {
    return join(this.#signed, `${id}.pdf`);
  }

  async #readSigned(id) {
    try {
      return await readFile(this.#signedFile(id));
    } catch (error) {
      if (error.code === 'ENOENT') return null;
      throw error;
    }
  }
}
