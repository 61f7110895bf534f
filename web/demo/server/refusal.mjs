/** What the server will not do. Its codes begin with `S-`; words.mjs has the sentence for the person. */
export class Refusal extends Error {
  constructor(status, code) {
    super(code);
    Object.assign(this, { status, code });
  }

  static fault() {
    return new Refusal(500, 'S-KESALAHAN-SERVER');
  }
}
