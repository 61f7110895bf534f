/** What the server will not do, with the sentence for the person. Its codes begin with `S-`. */
export class Refusal extends Error {
  constructor(status, code, userMessage) {
    super(code);
    Object.assign(this, { status, code, userMessage });
  }

  static fault() {
    return new Refusal(500, 'S-KESALAHAN-SERVER', 'Terjadi kesalahan pada server e-office.');
  }
}
