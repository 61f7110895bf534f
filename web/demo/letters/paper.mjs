// One A4 letter as PDF, set in Times, without a library: the demo's inbox needs many different letters, and the repository need not carry them.
// The same text gives the same bytes, so a letter that was signed yesterday still begins with today's draft.

const width = 595,
  height = 842,
  left = 71,
  right = 71,
  floor = 60;
const measure = width - left - right;

/** Adobe's metrics, from space to tilde, in thousandths of the size. */
const widths = {
  F1: [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564,
    564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722,
    611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500,
    722, 500, 500, 444, 480, 200, 480, 541,
  ],
  F2: [
    250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 333, 333, 570,
    570, 570, 500, 930, 722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944, 722, 778, 611, 778, 722, 556, 667, 722, 722, 1000, 722, 722,
    667, 333, 278, 333, 581, 500, 333, 500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500, 556, 556, 444, 389, 333, 556, 500,
    722, 500, 500, 444, 394, 220, 394, 520,
  ],
};

const long = (text, font, size) => ([...text].reduce((sum, sign) => sum + (widths[font][sign.codePointAt(0) - 32] ?? 500), 0) * size) / 1000;
const written = (text) => text.replace(/[\\()]/g, '\\$&');

function linesOf(text, font, size, room, indent = 0) {
  const lines = [[]];
  let used = indent;
  for (const word of text.split(' ')) {
    const step = long(word, font, size);
    if (lines.at(-1).length > 0 && used + step > room) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1).push(word);
    used += step + long(' ', font, size);
  }
  return lines.map((words) => words.join(' '));
}

/** Takes what stands on the paper from top to bottom; begins a page where one is full. */
class Paper {
  pages = [[]];
  #y = height - 60;

  put(text, { x = left, y = this.#y, font = 'F1', size = 11.5, spread = 0 } = {}) {
    this.pages.at(-1).push(`BT /${font} ${size} Tf ${spread.toFixed(3)} Tw ${x.toFixed(2)} ${y.toFixed(2)} Td (${written(text)}) Tj ET`);
  }

  down(points) {
    this.#y -= points;
    if (this.#y > floor) return;
    this.pages.push([]);
    this.#y = height - 72;
  }

  centred(text, { font = 'F1', size = 11.5, from = left, to = width - right } = {}) {
    for (const line of linesOf(text, font, size, to - from)) {
      this.put(line, { x: from + (to - from - long(line, font, size)) / 2, font, size });
      this.down(size * 1.32);
    }
  }

  rule(thickness) {
    this.pages.at(-1).push(`${thickness} w ${left} ${this.#y.toFixed(2)} m ${width - right} ${this.#y.toFixed(2)} l S`);
  }

  paragraph(text, { indent = 34, at = left, mark } = {}) {
    const room = width - right - at,
      lines = linesOf(text, 'F1', 11.5, room, indent);
    if (mark) this.put(mark, { x: at - 18 });
    lines.forEach((line, i) => {
      const begin = i === 0 ? indent : 0,
        gaps = line.split(' ').length - 1;
      const spread = i < lines.length - 1 && gaps > 0 ? (room - begin - long(line, 'F1', 11.5)) / gaps : 0;
      this.put(line, { x: at + begin, spread });
      this.down(16);
    });
    this.down(6);
  }

  fields(rows, { at = left, column = 62 } = {}) {
    for (const [name, value, font = 'F1'] of rows) {
      this.put(name, { x: at });
      this.put(':', { x: at + column });
      for (const line of linesOf(value, font, 11.5, width - right - at - column - 10)) {
        this.put(line, { x: at + column + 10, font });
        this.down(16);
      }
    }
    this.down(6);
  }

  /** The place of the signature lies at the foot of the page; a text that reaches down to it turns the page. */
  foot(lines) {
    if (this.#y < 262) this.down(this.#y);
    this.#y = 238;
    lines.above.forEach((line, i) => this.centred(line, { from: 312, to: 532, font: i === lines.above.length - 1 ? 'F2' : 'F1' }));
    this.#y = 132;
    lines.below.forEach((line, i) => this.centred(line, { from: 312, to: 532, font: i === 0 ? 'F2' : 'F1' }));
  }
}

/** The bytes of the letter, and on how many pages it stands. */
export function paper({ title, office, address, place, heading = [], fields = [], addressee = [], body, signer, fiction }) {
  const sheet = new Paper();
  sheet.centred('PEMERINTAH KOTA PEKALONGAN', { size: 14 });
  sheet.centred(office.toUpperCase(), { font: 'F2', size: 17 });
  sheet.centred(address, { size: 9.5 });
  sheet.rule(2.2);
  sheet.down(3);
  sheet.rule(0.6);
  sheet.down(26);
  if (place) {
    sheet.put(place, { x: width - right - long(place, 'F1', 11.5) });
    sheet.down(22);
  }
  for (const line of heading) sheet.centred(line, { font: 'F2', size: 12.5 });
  if (heading.length > 0) sheet.down(12);
  if (fields.length > 0) sheet.fields(fields);
  for (const line of addressee) {
    sheet.put(line);
    sheet.down(16);
  }
  if (addressee.length > 0) sheet.down(10);
  for (const part of body) {
    if (Array.isArray(part)) sheet.fields(part, { at: left + 34, column: 84 });
    else if (typeof part === 'object') part.list.forEach((text, i) => sheet.paragraph(text, { indent: 0, at: left + 34, mark: `${i + 1}.` }));
    else sheet.paragraph(part);
  }
  sheet.foot(signer);
  for (const page of sheet.pages)
    page.push(`BT /F1 7.5 Tf 0.4 g ${((width - long(fiction, 'F1', 7.5)) / 2).toFixed(2)} 28 Td (${written(fiction)}) Tj ET`);
  return {
    bytes: fileOf(
      sheet.pages.map((page) => page.join('\n')),
      title,
    ),
    pages: sheet.pages.length,
  };
}

function fileOf(pages, title) {
  const pageAt = (i) => 6 + 2 * i;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /Lang (id) >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${pageAt(i)} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding /WinAnsiEncoding >>',
    `<< /Title (${written(title)}) /Producer (e-office) >>`,
    ...pages.flatMap((content, i) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${pageAt(i) + 1} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
  ];
  let file = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';
  const places = objects.map((object, i) => {
    const place = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const xref = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}
