/** What the browser says about pages that call programs on this computer; `unknown` where it has no such question. */
export type Permission = 'granted' | 'prompt' | 'denied' | 'unknown';

// `local-network-access` is what Chromium called it before 145. Firefox throws on names it does not know.
const names = ['loopback-network', 'local-network-access'];

/** Only explains a pending or failed call. Some browsers say `prompt` although the call goes through: never decide by it. */
export async function loopbackPermission(): Promise<Permission> {
  for (const name of names) {
    try {
      return (await navigator.permissions.query({ name: name as PermissionName })).state;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
