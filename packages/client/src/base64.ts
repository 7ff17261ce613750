/** Bytes that are converted at a time: a multiple of 3, and few enough for the arguments of a call. */
const encodedAtATime = 3 * 8192;

/** Bytes as base64, on every platform. */
export function toBase64(bytes: Uint8Array): string {
  let base64 = '';
  for (let at = 0; at < bytes.length; at += encodedAtATime) {
    base64 += btoa(String.fromCharCode(...bytes.subarray(at, at + encodedAtATime)));
  }
  return base64;
}
