/** Programs of a hundred bytes that say who they are and then wait: what the images of real nodes run, with no compiler installed. */

export type Architecture = 'amd64' | '386' | 'arm64';

/** An ELF file that writes `words` to standard output and waits for ever. */
export function waitingProgram(architecture: Architecture, words: string): Buffer {
  const text = Buffer.from(`${words}\n`);
  switch (architecture) {
    case 'amd64':
      return elf64(62, [...amd64(text.length)], text);
    case 'arm64':
      return elf64(183, [...arm64(text.length)], text);
    case '386':
      return elf32([...i386(text.length)], text);
    default:
      return architecture satisfies never;
  }
}

const base = 0x400000;

function uint32(value: number): readonly number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return [...bytes];
}

/** write(1, text, length), then pause() again and again. */
function amd64(length: number): readonly number[] {
  const wait = [0xb8, ...uint32(34), 0x0f, 0x05, 0xeb, 0xf7];
  const write = [0xba, ...uint32(length), 0x0f, 0x05];
  const address = [0x48, 0x8d, 0x35, ...uint32(write.length + wait.length)];
  return [0xb8, ...uint32(1), 0xbf, ...uint32(1), ...address, ...write, ...wait];
}

function i386(length: number): readonly number[] {
  const wait = [0xb8, ...uint32(29), 0xcd, 0x80, 0xeb, 0xf7];
  const write = [0xba, ...uint32(length), 0xcd, 0x80];
  const before = [0xb8, ...uint32(4), 0xbb, ...uint32(1), 0xb9];
  const text = base + 84 + before.length + 4 + write.length + wait.length;
  return [...before, ...uint32(text), ...write, ...wait];
}

/** write(1, text, length), then ppoll(NULL, 0, NULL, NULL, 0) again and again. */
function arm64(length: number): readonly number[] {
  const move = (register: number, value: number) => 0xd2800000 + value * 32 + register;
  const call = 0xd4000001;
  const wait = [...[0, 1, 2, 3, 4].map((register) => move(register, 0)), move(8, 73), call];
  const loop = [...wait, 0x14000000 + ((-wait.length >>> 0) & 0x3ffffff)];
  const after = [move(2, length), move(8, 64), call];
  // adr x1: relative to itself, in bytes, which are a multiple of four here.
  const address = 0x10000001 + (after.length + loop.length + 1) * 32;
  return [move(0, 1), address, ...after, ...loop].flatMap(uint32);
}

function elf64(machine: number, code: readonly number[], text: Buffer): Buffer {
  const size = 120 + code.length + text.length;
  const header = Buffer.alloc(120);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(base + 120), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  // One segment, readable and executable: the whole file.
  header.writeUInt32LE(1, 64);
  header.writeUInt32LE(5, 68);
  header.writeBigUInt64LE(BigInt(base), 80);
  header.writeBigUInt64LE(BigInt(base), 88);
  header.writeBigUInt64LE(BigInt(size), 96);
  header.writeBigUInt64LE(BigInt(size), 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, Buffer.from(code), text]);
}

function elf32(code: readonly number[], text: Buffer): Buffer {
  const size = 84 + code.length + text.length;
  const header = Buffer.alloc(84);
  header.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(3, 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(base + 84, 24);
  header.writeUInt32LE(52, 28);
  header.writeUInt16LE(52, 40);
  header.writeUInt16LE(32, 42);
  header.writeUInt16LE(1, 44);
  header.writeUInt32LE(1, 52);
  header.writeUInt32LE(base, 60);
  header.writeUInt32LE(base, 64);
  header.writeUInt32LE(size, 68);
  header.writeUInt32LE(size, 72);
  header.writeUInt32LE(5, 76);
  header.writeUInt32LE(0x1000, 80);
  return Buffer.concat([header, Buffer.from(code), text]);
}
