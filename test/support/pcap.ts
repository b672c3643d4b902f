import { existsSync, readFileSync } from 'node:fs';
import { decodeFrame, type Frame } from './frame.js';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MICROSECONDS_LITTLE_ENDIAN = 0xa1b2c3d4;

/** A captured frame and when it was seen, in milliseconds since the epoch. */
export interface CapturedFrame extends Frame {
  readonly at: number;
}

/** Frames of a pcap file (the classic format of libpcap) that may still grow; a record written in part is left out. */
export function readCapture(file: string): readonly CapturedFrame[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  if (bytes.length < FILE_HEADER) return [];
  if (bytes.readUInt32LE(0) !== MICROSECONDS_LITTLE_ENDIAN) throw new Error(`${file} is no little-endian pcap file`);
  const frames: CapturedFrame[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const start = at + RECORD_HEADER;
    if (start + length > bytes.length) break;
    const milliseconds = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000;
    frames.push({ at: milliseconds, ...decodeFrame(bytes.subarray(start, start + length)) });
    at = start + length;
  }
  return frames;
}
