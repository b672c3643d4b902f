import { messageOf } from '#errors';

/** Repeats the check until it does not throw; rejects with its last error when the time is over. */
export async function eventually(check: () => void | Promise<void>, withinMs = 5000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error instanceof Error ? error : new Error(messageOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
