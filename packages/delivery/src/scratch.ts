/** Memory that is used again and again: to take as much for each message would be work for the garbage collector. */

/** More than that is given back after its use. */
const keptBytes = 1024 * 1024;

/** A buffer that grows. What it holds is valid until its next use. */
export class Scratch {
  #buffer = Buffer.alloc(0);

  /** @returns at least that many bytes, of any content */
  atLeast(bytes: number): Buffer {
    if (bytes <= this.#buffer.length) return this.#buffer;
    const buffer = Buffer.allocUnsafeSlow(bytes);
    if (bytes <= keptBytes) this.#buffer = buffer;
    return buffer;
  }
}
