/* <je-donne-mon-avis>: the button, and the way to the form behind it.
   One file, since a page's CSP may allow one; nothing is fetched before somebody shows an intent, nothing is kept on
   the device but an avis that could not be sent yet. The form opens in the page; where that forbids WebAssembly, the
   hosted form opens in a frame; where it forbids frames, or whatever else fails, the link inside the element is
   followed. On its own page, the form is what people came for: there alone it is fetched at once. */
const here = import.meta.url;
const at = (name) => new URL(name, here);
const { origin } = at("/");
const patience = 8000;
const words = { __LOADING__ };

const sheet = (css) => {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
};

/* The shape is drawn around the link without taking room, so that nothing on the page moves: a transform is no layout
   shift. A site that wants room for it gives the element a margin; a site that draws its own button (a background,
   padding, an image) keeps it as it is. */
const style = sheet(`
.box { position: relative; display: inline-block }
.drawn { isolation: isolate; cursor: pointer; transform: translateX(1.1em) }
.rtl { transform: translateX(-1.1em) }
.drawn::before { content: ""; position: absolute; z-index: -1; inset-block: -.7em; inset-inline: -1.1em -2.85em; border: 2px solid transparent; border-radius: .8em; background: var(--background-action-high-blue-france, #23509a) }
.drawn:hover::before { background: var(--background-action-high-blue-france-hover, #1a3f7d) }
:host(:focus-within) .drawn::before { outline: 3px solid currentColor; outline-offset: 3px }
.drawn ::slotted(a) { color: var(--text-inverted-blue-france, #fff) !important; background: none !important; outline: none !important; text-decoration: none !important }
.box svg { display: none; position: absolute; inset-inline-start: calc(100% + .6em); inset-block-start: calc(50% - .75em); width: 1.5em; height: 1.5em; fill: none; stroke: var(--text-inverted-blue-france, #fff); stroke-width: 3; stroke-linecap: round; pointer-events: none }
.drawn svg { display: block }
.busy { cursor: progress }
.box + span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (prefers-reduced-motion: no-preference) { .busy svg { animation: turn 1.2s ease-in-out infinite } @keyframes turn { to { transform: rotate(1turn) } } }
@media (forced-colors: active) { .box svg { stroke: LinkText } }
`);

/* A page that forbids WebAssembly lets it be validated, in WebKit even compiled: only instantiating tells. */
let forbidden = true;
const probe = () => {
  new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  forbidden = false;
};
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  forbidden ||= effectiveDirective === "connect-src" && blockedURI.startsWith(origin);
});

/* The code of the form: fetched once for all elements of the page. The browser compares the wasm with its digest; what
   import() brings, no browser compares with anything. So the pinned loader has the glue in it, and its one integrity
   covers all that runs. Then the words of the language that this element stands in. */
let code;
const load = async (element) => {
  const Form = await (code ??= (async () => {
    probe();
    const wasm = fetch(at("__WASM__"), { integrity: "__INTEGRITY__" });
    wasm.catch(() => {});
    const glue = await import(at("__GLUE__"));
    await glue.default({ module_or_path: wasm });
    return glue.Widget;
  })().catch(async (reason) => {
    /* That the page forbids it is told in a task of its own, behind the rejection. */
    await new Promise((then) => setTimeout(then, 99));
    /* What failed on the way may come the next time. */
    if (!forbidden) code = undefined;
    throw reason;
  }));
  if (element.spoken !== (element.spoken = element.speech)) element.words = new Promise((then) => Form.prepare(element, origin, then));
  await element.words;
  return Form;
};

/* An avis that could not be sent before its page was left waits in the tab. */
const waits = () => {
  try {
    return Object.keys(sessionStorage).some((key) => key.startsWith("avis/") && key.includes(` ${origin} `));
  } catch {}
};

const draw = (name, attributes, ...children) => {
  const svg = /svg|path|circle/.test(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
};

class JeDonneMonAvis extends HTMLElement {
  static observedAttributes = ["demarche", "bouton", "lang"];

  /* Another démarche or language is another form; the first one may come after the element. */
  attributeChangedCallback(_, old, now) {
    if (old === now || !this.isConnected) return;
    this.reset();
    this.connectedCallback();
  }

  connectedCallback() {
    if (!this.getAttribute("demarche")) return;
    if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
    if (this.inline && this.querySelector("form")) this.upgrade();
    else if (!this.box) this.drawButton();
    /* A dialog that was moved lies in the page, open and not modal any more. */
    for (const dialog of this.shadowRoot.querySelectorAll("dialog[open]")) {
      dialog.removeAttribute("open");
      dialog.showModal();
    }
  }

  /* A move takes an element out and puts it back at once; the form goes only with an element that stays away. */
  disconnectedCallback() {
    setTimeout(() => this.isConnected || this.reset());
  }

  /* Back to the button, where there was one. */
  reset() {
    this.form?.free();
    this.gone?.abort();
    this.form = this.gone = undefined;
    if (this.box) this.shadowRoot.prepend(this.box);
  }

  renew() {
    if (this.form?.given) this.reset();
    if (!this.form || !this.shadowRoot.querySelector(".end")) return;
    this.form.free();
    /* Or the new form would take over what the person before has picked. */
    this.querySelector("form")?.reset();
    this.form = new this.form.constructor(this, this.shadowRoot, origin);
  }

  get mode() {
    return this.getAttribute("mode");
  }

  get inline() {
    return this.mode === "inline";
  }

  get speech() {
    return this.closest("[lang]")?.lang ?? "";
  }

  get link() {
    return this.querySelector("a[href]");
  }

  /* What is in the element stays in sight until the form stands in its place, or for good: it does as well. */
  async upgrade() {
    if (this.form) return;
    const slot = this.shadowRoot.querySelector("slot") ?? this.shadowRoot.appendChild(draw("slot"));
    /* What was sent as HTML goes on as HTML: the form that took over would send it again under a key of its own. */
    let sent;
    this.addEventListener("submit", () => (sent = true));
    try {
      const Form = await load(this);
      if (sent || !this.isConnected || this.form) return;
      this.form = new Form(this, this.shadowRoot, origin);
      slot.remove();
    } catch {}
  }

  drawButton() {
    const slot = draw("slot");
    const face = draw("svg", { viewBox: "0 0 44 44", "aria-hidden": "true" },
      draw("circle", { cx: 22, cy: 22, r: 19.5 }),
      draw("path", { d: "M16 17v2M28 17v2M13.5 26c1.5 4.5 4.7 7 8.5 7s7-2.5 8.5-7" }));
    this.box = draw("span", { class: "box" }, slot, face);
    this.status = draw("span", { role: "status" });
    this.shadowRoot.append(this.box, this.status);

    slot.addEventListener("slotchange", () => this.dress());
    this.dress();
    for (const intent of ["pointerenter", "pointerdown", "touchstart", "focusin"]) {
      this.box.addEventListener(intent, () => this.mode === "frame" || load(this).catch(() => {}), { once: true, passive: true });
    }
    this.box.addEventListener("click", (click) => this.onClick(click));
    this.box.addEventListener("keydown", (key) => {
      if (key.key !== " " || this.plain) return;
      key.preventDefault();
      this.link?.click();
    });
    if (this.mode !== "frame" && waits()) load(this).then((Form) => this.isConnected && this.put(Form)).catch(() => {});
  }

  put(Form) {
    this.form ??= new Form(this, this.shadowRoot, origin);
    this.settle();
  }

  /* A form in the page stands where the button was. */
  settle() {
    if (!this.inline) return;
    this.box.remove();
    this.style.display ||= "block";
  }

  dress() {
    const link = this.link;
    if (!link || this.plain) return;
    link.setAttribute("role", "button");
    if (!this.inline) link.setAttribute("aria-haspopup", "dialog");
    const { backgroundColor, backgroundImage, direction, paddingTop } = getComputedStyle(link);
    const own = backgroundImage !== "none" || paddingTop !== "0px" || link.querySelector("img, svg") || !/, 0\)$|^transparent$/.test(backgroundColor);
    this.box.classList.toggle("drawn", !own);
    this.box.classList.toggle("rtl", !own && direction === "rtl");
  }

  async onClick(click) {
    const link = this.link;
    if (!link || this.plain || click.defaultPrevented) return;
    /* The drawn shape is larger than the link. A new tab or window is the person's own wish. */
    if (click.button || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    click.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.box.classList.add("busy");
    link.setAttribute("aria-busy", "true");
    if (!this.form) this.status.textContent = words[this.speech.slice(0, 2)] ?? words.fr;
    let failed;
    try {
      this.form ??= await Promise.race([this.make(), new Promise((_, late) => setTimeout(late, patience))]);
      /* Safari gives no focus to what is clicked: the dialog gives it back to whatever had it. */
      link.focus({ preventScroll: true });
      this.settle();
      if (this.isConnected) this.form.open();
      else this.reset();
    } catch {
      failed = true;
    }
    this.busy = false;
    this.box.classList.remove("busy");
    link.removeAttribute("aria-busy");
    this.status.textContent = "";
    /* An element that went meanwhile leads nowhere. */
    if (!failed || !this.gone) return;
    this.reset();
    this.plain = true;
    this.box.classList.remove("drawn");
    link.removeAttribute("role");
    link.removeAttribute("aria-haspopup");
    this.tell("avis:failed");
    location.href = link.href;
  }

  /* The form in the page; in a frame where the page forbids it. What fails in any other way would fail there as well. */
  async make({ signal } = (this.gone = new AbortController())) {
    const Form = this.mode === "frame" ? undefined : await load(this).catch((reason) => {
      if (!forbidden) throw reason;
    });
    if (signal.aborted) throw 0;
    if (Form) return (this.form ??= new Form(this, this.shadowRoot, origin));
    const { frame } = await import(at("__FRAME__"));
    return frame(this, draw, signal);
  }

  tell(type) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true }));
  }
}

/* A page that comes back from the browser's cache must not show the receipt of the person before on a shared device; a
   form that is not finished waits for who comes back to it. */
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) for (const element of document.querySelectorAll("je-donne-mon-avis")) element.renew?.();
});

customElements.get("je-donne-mon-avis") ?? customElements.define("je-donne-mon-avis", JeDonneMonAvis);
