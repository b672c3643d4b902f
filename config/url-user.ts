/** Whether a URL says who asks. Such a URL mostly holds a password as well, and URLs get into logs and messages. */
export function hasUser(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}
