/* The hosted form in a frame, in a dialog or where the button is: what stands in for the form in the page where that
   forbids WebAssembly or asks for `mode="frame"`. A file of its own, since few pages need it. */
const words = { __CLOSE__ };

/* After a frame has loaded: what the form says, it has said before. */
const silence = 1000;

const style = new CSSStyleSheet();
style.replaceSync(`
.framed { all: initial; display: block; color-scheme: light dark }
.framed iframe { display: block; width: 100%; min-height: 0; border: 0 }
dialog.framed { --paper: #f4f6fa; --ink: #18223a; position: fixed; inset: auto 0 0; display: flex; flex-direction: column; box-sizing: border-box; width: 100%; max-width: none; max-height: calc(100% - 1.5em); margin: 0; border: 1px solid #7d879c; border-radius: 1.25em 1.25em 0 0; overflow: hidden; background: var(--paper); color: var(--ink); font: max(1rem, 16px)/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif; box-shadow: 0 1em 4em rgb(8 14 28 / .35) }
:host([theme=dark]) dialog.framed { --paper: #0f131b; --ink: #eef1f8 }
@media (prefers-color-scheme: dark) { :host(:not([theme=light])) dialog.framed { --paper: #0f131b; --ink: #eef1f8 } }
dialog.framed:not([open]) { display: none }
.framed::backdrop { background: rgb(12 18 32 / .55) }
.framed button { all: unset; flex: none; align-self: flex-end; display: flex; align-items: center; gap: .375em; min-height: 2.75em; margin: .25em .75em; padding: 0 .75em; font-weight: 600; cursor: pointer }
.framed button:hover { text-decoration: underline }
.framed button:focus-visible { outline: 3px solid; outline-offset: -3px; border-radius: .625em }
.framed svg { width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round }
@media (min-width: 36em) { dialog.framed { inset: 0; width: min(42em, calc(100% - 3em)); height: fit-content; max-height: calc(100% - 4em); margin: auto; border-radius: 1.25em } }
`);

/* The form of this element, once its frame says that it is there; rejected when it says nothing, as one does that this
   page or the collector forbids. It goes when `signal` says so. The frame's messages are known by their window, their
   origin and a nonce. */
export const frame = (element, draw, signal) => {
  if (signal.aborted) throw signal;
  const { link, speech, shadowRoot } = element;
  const nonce = crypto.getRandomValues(new Uint32Array(4)).join("");
  const address = new URL("/avis/" + encodeURIComponent(element.getAttribute("demarche")), import.meta.url);
  const bouton = element.getAttribute("bouton");
  address.search = new URLSearchParams({ ...(bouton && { bouton }), ...(speech && { lang: speech }), mode: "widget", nonce });

  const title = link.textContent.trim() || link.querySelector("[alt]")?.alt || link.title;
  /* It may not lead the page around it elsewhere. */
  const sandbox = "allow-scripts allow-forms allow-same-origin allow-popups";
  const frame = draw("iframe", { src: address, title, sandbox });
  const cross = draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: "M6 6l12 12M18 6L6 18" }));
  const close = draw("button", { type: "button" }, words[speech.slice(0, 2)] ?? words.fr, cross);
  const box = element.inline ? draw("div", {}, frame) : draw("dialog", { "aria-label": title }, close, frame);
  box.className = "framed";
  /* The form inside follows it, where engines let it. Anything but light and dark is no value, and changes nothing. */
  box.style.colorScheme = element.getAttribute("theme");

  const form = {
    /* Whether the avis is given: what was begun waits for who comes back to it, what was given goes, and its receipt. */
    given: false,
    open() {
      box.showModal?.();
      frame.focus();
      element.tell("avis:opened");
    },
    /* `signal` takes it out. */
    free() {},
  };
  close.addEventListener("click", () => box.close());
  box.addEventListener("close", () => form.given && element.reset());

  return new Promise((ready, fail) => {
    let sent;
    const hear = ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== address.origin || data.nonce !== nonce) return;
      if (data.height > 0) frame.style.height = data.height + "px";
      /* The hosted form says so on each of its pages. */
      if (data.type === "failed" || (data.type === "sent" && !sent)) element.tell("avis:" + data.type);
      sent ||= data.type === "sent";
      if (data.type === "submitted") form.given = true;
      if (data.type === "close") box.close?.();
      ready(form);
    };
    const forbidden = ({ effectiveDirective, blockedURI }) => {
      if (effectiveDirective === "frame-src" && blockedURI.startsWith(address.origin)) fail();
    };
    signal.addEventListener("abort", () => {
      box.remove();
      fail();
    });
    addEventListener("message", hear, { signal });
    document.addEventListener("securitypolicyviolation", forbidden, { signal });
    for (const end of ["load", "error"]) frame.addEventListener(end, () => setTimeout(fail, silence));
    shadowRoot.adoptedStyleSheets = [...new Set([...shadowRoot.adoptedStyleSheets, style])];
    shadowRoot.append(box);
  });
};
