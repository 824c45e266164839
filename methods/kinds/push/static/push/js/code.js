// The six-digit code of an account (RFC 6238), which needs no network.
const STEP = 30000;

export async function code(seed, moment) {
  const step = Math.floor(moment / STEP);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setUint32(0, Math.floor(step / 2 ** 32));
  counter.setUint32(4, step % 2 ** 32);
  const mac = await crypto.subtle.sign("HMAC", seed, counter.buffer);
  const start = new Uint8Array(mac)[19] & 15;
  const number = new DataView(mac).getUint32(start) & 0x7fffffff;
  return String(number % 1e6).padStart(6, "0");
}

export function secondsLeft(moment) {
  return Math.ceil((STEP - (moment % STEP)) / 1000);
}

export function importSeed(base32) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(base32, (letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
}
