// Makes a photo small on the phone: drawn anew, upright, at most 1280 pixels, as JPEG. What the
// phone wrote into the file beside the picture (where, when) does not come along.
const SIDE = 1280;
const QUALITY = 0.7;

/** @param {Blob} file  @returns {Promise<Blob>} JPEG; `file` itself where the phone cannot do it. */
export async function shrink(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    // What is transparent becomes white, as on the server.
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return small ?? file;
  } catch {
    return file;
  }
}
