// A deleted source file must not live on in the package: every build starts from nothing.
import { rmSync } from 'node:fs';

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
