// <div data-security-key="create|get" data-options="{…}" data-origins="[…]" data-form="#answer">: when the form is sent, asks the key
// first and sends its answer in the form's field "code". What went wrong is said in [data-problem], in the words of the
// data-… attributes; [data-home] there leads to the address under which keys work.
const asked = document.querySelector("[data-security-key]");

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function known(list) {
  return (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
}

// Written out: browsers that can read and write this JSON by themselves are still too new, and password managers get it wrong.
function creation(options) {
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  };
}

function assertion(options) {
  return { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
}

function answer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    said.userHandle = response.userHandle?.byteLength ? text(response.userHandle) : null;
  }
  const id = text(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response: said });
}

class Key {
  constructor(element) {
    this.element = element;
    this.form = document.querySelector(element.dataset.form);
    this.problem = element.querySelector("[data-problem]");
    this.busy = element.querySelector("[data-busy]");
    this.form.addEventListener("submit", (event) => this.send(event));
    addEventListener("pageshow", () => { this.form.elements.code.value = ""; });
    this.look();
  }

  look() {
    const origins = JSON.parse(this.element.dataset.origins);
    if (!origins.includes(location.origin)) this.stop("elsewhere");
    else if (!globalThis.PublicKeyCredential) this.stop("unsupported");
  }

  stop(why) {
    this.say(why);
    this.stopped = true;
  }

  say(why) {
    this.problem.querySelector("p").textContent = why ? this.element.dataset[why] : "";
    this.problem.querySelector("[data-home]").hidden = why !== "elsewhere";
    this.problem.hidden = !why;
  }

  async send(event) {
    if (this.form.elements.code.value) return;
    event.preventDefault();
    if (this.stopped || this.asking) return;
    this.wait(true);
    try {
      this.form.elements.code.value = answer(await this.ask());
      this.form.requestSubmit(event.submitter);
    } catch (error) {
      this.say({ NotAllowedError: "refused", InvalidStateError: "taken", SecurityError: "elsewhere" }[error.name] ?? "failed");
    } finally {
      this.wait(false);
    }
  }

  ask() {
    const options = JSON.parse(this.element.dataset.options);
    const creating = this.element.dataset.securityKey === "create";
    return creating
      ? navigator.credentials.create({ publicKey: creation(options) })
      : navigator.credentials.get({ publicKey: assertion(options) });
  }

  wait(asking) {
    this.asking = asking;
    if (asking) this.say("");
    this.busy.hidden = !asking;
  }
}

if (asked) new Key(asked);
