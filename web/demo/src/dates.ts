const long = new Intl.DateTimeFormat('id-ID', { dateStyle: 'long', timeZone: 'Asia/Jakarta' });
const withTime = new Intl.DateTimeFormat('id-ID', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Jakarta' });

export function day(date: string): string {
  return long.format(new Date(date));
}

export function dateAndTime(time: string): string {
  return `${withTime.format(new Date(time))} WIB`;
}
