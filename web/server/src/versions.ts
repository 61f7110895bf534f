/** Whether `version` comes before `minimum`, by its three numbers; what follows them (`-rc1`, `+build`) does not count. */
export function isOlder(version: string, minimum: string): boolean {
  const [a, b] = [numbers(version), numbers(minimum)];
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

function numbers(version: string): number[] {
  const parts = version.split(/[.+-]/).slice(0, 3).map(Number);
  return [0, 1, 2].map((i) => parts[i] || 0);
}
