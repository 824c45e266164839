// Accounts and their keys, in this browser alone. The keys can be used and never read (extractable: false).
function wished(wish) {
  return new Promise((resolve, reject) => {
    wish.onsuccess = () => resolve(wish.result);
    wish.onerror = () => reject(wish.error);
  });
}

async function rows(mode) {
  const wish = indexedDB.open("authenticator", 1);
  wish.onupgradeneeded = () => wish.result.createObjectStore("accounts", { keyPath: "device" });
  const database = await wished(wish);
  return database.transaction("accounts", mode).objectStore("accounts");
}

export async function accounts() {
  const all = await wished((await rows("readonly")).getAll());
  return all.sort((one, other) => one.added - other.added);
}

export async function keep(account) {
  await wished((await rows("readwrite")).put(account));
  navigator.storage?.persist?.();
}

export async function forget(device) {
  await wished((await rows("readwrite")).delete(device));
}
