// Reading a QR code with the camera. The decoder is loaded when it is first needed.
import { facts, part } from "./screen.js";

let stream = null;

function decoder() {
  if (window.jsQR) return Promise.resolve(window.jsQR);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = facts.scanner;
    script.addEventListener("load", () => resolve(window.jsQR));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

export function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  part("camera").srcObject = null;
}

// Calls `seen` with each text that is read, until it returns true. Throws where there is no camera or no permission.
export async function scan(seen) {
  stop();
  stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  const read = await decoder();
  const video = part("camera");
  video.srcObject = stream;
  await video.play();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const mine = stream;
  const look = () => {
    if (stream !== mine) return;
    if (video.videoWidth) {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      pen.drawImage(video, 0, 0);
      const frame = pen.getImageData(0, 0, canvas.width, canvas.height);
      const found = read(frame.data, frame.width, frame.height, { inversionAttempts: "dontInvert" });
      if (found && seen(found.data)) return stop();
    }
    setTimeout(look, 150);
  };
  look();
}
