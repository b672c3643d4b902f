/** Root hooks of every suite: an unhandled rejection anywhere fails the run instead of passing unseen. */
export const mochaHooks = {
  beforeAll(): void {
    process.on('unhandledRejection', (reason) => {
      throw reason instanceof Error ? reason : new Error(String(reason));
    });
  },
};
