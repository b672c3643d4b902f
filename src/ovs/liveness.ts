import { connect } from 'node:net';

/** OpenFlow message types (OpenFlow 1.5 §7.1.1) that keep a connection alive. */
const HELLO = 0;
const ECHO_REQUEST = 2;
const ECHO_REPLY = 3;
const OPENFLOW_15 = 6;
const HEADER = 8;

/**
 * Holds an OpenFlow connection to the bridge's management socket and resolves when it ends: then the switch daemon was
 * stopped or has crashed, and with it all flows. Calls `connected` once the switch has answered. Never rejects.
 */
export function untilSwitchEnds(path: string, connected: () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let pending = Buffer.alloc(0);
    const stop = (): void => {
      socket.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= HEADER) {
        const length = Math.max(pending.readUInt16BE(2), HEADER);
        if (pending.length < length) break;
        answer(pending.subarray(0, length));
        pending = pending.subarray(length);
      }
    });
    const answer = (message: Buffer): void => {
      const type = message.readUInt8(1);
      if (type === HELLO) connected();
      if (type !== ECHO_REQUEST) return;
      const reply = Buffer.from(message);
      reply.writeUInt8(ECHO_REPLY, 1);
      socket.write(reply);
    };
    socket.once('connect', () => socket.write(Buffer.from([OPENFLOW_15, HELLO, 0, HEADER, 0, 0, 0, 1])));
    // 'close' follows every error and says all that is needed.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
