/* The floating button of hosts that have pasted the script of Je donne mon avis: opens the form in a dialog. Reads the
   same attributes of its tag: `data-jdma-form-url` (on whatever host), `data-jdma-button-image`, -button-label,
   -position (bottom-right or bottom-left) and -anchor (where it stands in the order of the page; else at its end).

   It leaves one element behind, `.jdma-widget-trigger`, which hosts hide and move, and no name on the page. Nothing is
   fetched before the dialog opens. Styles are set by script, as strict policies allow. Where a browser knows no dialog,
   or the page forbids frames, there is a link to the form. */
(() => {
  "use strict";
  const tag = document.currentScript || document.querySelector("script[data-jdma-form-url]");
  const option = (name) => (tag && tag.getAttribute("data-jdma-" + name)) || "";
  const label = option("button-label") || "Je donne mon avis";
  const side = option("position") === "bottom-left" ? "left" : "right";
  const english = /^en/.test(((tag && tag.closest("[lang]")) || document.documentElement).lang);
  const words = english
    ? { close: "Close", loading: "Loading the form…", trouble: "The form cannot be shown here.", instead: "Open it in a new tab", tab: " – new tab" }
    : { close: "Fermer", loading: "Chargement du formulaire…", trouble: "Le formulaire ne peut pas s’afficher ici.", instead: "L’ouvrir dans un nouvel onglet", tab: " – nouvel onglet" };

  let form;
  try {
    form = new URL(option("form-url"));
  } catch (error) {
    console.error("jdma-modal-widget.js: data-jdma-form-url is no full address");
    return;
  }
  if (!/^https?:$/.test(form.protocol)) return;
  /* A page over TLS frames nothing that came without. */
  if (location.protocol === "https:") form.protocol = "https:";

  const style = `
:host { all: initial; position: fixed; z-index: 1700; bottom: 24px; ${side}: 24px }
* { box-sizing: border-box }
.trigger, p, button { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
.trigger { display: block; padding: 0; border: 0; background: none; cursor: pointer; min-width: 44px; min-height: 44px; border-radius: 22px; filter: drop-shadow(0 4px 12px rgb(8 14 28 / .2)) }
.trigger.words { padding: .625em 1.25em; border: 2px solid #fff; background: #23509a; color: #fff; font-weight: 600; text-decoration: none }
img { display: block; max-width: min(200px, 50vw); height: auto }
:focus-visible { outline: 3px solid #23509a; outline-offset: 3px; box-shadow: 0 0 0 3px #fff }
dialog { --ink: #18223a; --paper: #f4f6fa; --accent: #23509a; position: fixed; inset: auto; bottom: 24px; ${side}: 24px; flex-direction: column; width: min(500px, 100vw - 48px); max-width: none; max-height: calc(100vh - 48px); max-height: calc(100dvh - 48px); margin: 0; padding: 0; border: 1px solid #7d879c; border-radius: 16px; overflow: hidden; overscroll-behavior: contain; background: var(--paper); color: var(--ink); box-shadow: 0 12px 48px rgb(8 14 28 / .35) }
dialog[open] { display: flex }
dialog::backdrop { background: rgb(12 18 32 / .45) }
dialog button { flex: none; align-self: flex-end; display: flex; align-items: center; gap: .375em; min-height: 44px; margin: 4px; padding: 0 .75em; border: 0; border-radius: 10px; background: none; color: var(--accent); font-weight: 600; cursor: pointer }
dialog button:hover { text-decoration: underline }
svg { width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round }
p { margin: 0; padding: .75em 1.25em 1.25em }
p:empty { display: none }
p a { color: var(--accent) }
iframe { flex: 0 1 auto; display: block; width: 100%; height: 480px; min-height: 0; border: 0 }
:focus-visible:is(dialog *) { outline-color: var(--accent); outline-offset: -3px; box-shadow: none }
@media (max-width: 550px) { dialog { inset: auto 0 0; width: 100%; max-height: calc(100vh - 24px); max-height: calc(100dvh - 24px); border-radius: 16px 16px 0 0 } }
@media (prefers-color-scheme: dark) { dialog { --ink: #eef1f8; --paper: #0f131b; --accent: #92b9f7 } }`;

  const make = (name, attributes, ...children) => {
    const svg = name === "svg" || name === "path";
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    node.append(...children);
    return node;
  };
  const link = (content) => make("a", { href: form, target: "_blank", rel: "noopener" }, content);

  /* Below, browsers that know no dialog or adopt no style have the link. */
  let sheet;
  try {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
  } catch (error) {
    sheet = undefined;
  }
  const dialog = make("dialog", { "aria-label": label });
  const opens = sheet && dialog.showModal && "adoptedStyleSheets" in document;

  const image = option("button-image") && make("img", { src: option("button-image"), alt: label });
  const content = image || label;
  const trigger = opens ? make("button", { type: "button", "aria-haspopup": "dialog" }, content) : link(content);
  trigger.className = image ? "trigger" : "trigger words";
  if (!opens) trigger.title = label + words.tab;
  if (image) {
    /* Not there, or the page's policy does not allow it. */
    image.addEventListener("error", () => {
      trigger.className = "trigger words";
      image.replaceWith(label);
    });
  }
  const host = make("div", { class: "jdma-widget-trigger", "data-form": form });
  const root = host.attachShadow({ mode: "open" });
  root.append(trigger);

  /* A page that replaces its script, as those do that are drawn again, has one button all the same. */
  const place = () => {
    for (const old of document.querySelectorAll(".jdma-widget-trigger")) {
      if (old.dataset.form === host.dataset.form) old.remove();
    }
    let anchor;
    try {
      anchor = document.querySelector(option("anchor"));
    } catch (error) {
      /* No selector: as if there were none. */
    }
    if (!anchor) {
      host.setAttribute("role", "region");
      host.setAttribute("aria-label", label);
    }
    (anchor || document.body).append(host);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();

  if (!opens) return;
  root.adoptedStyleSheets = [sheet];

  const cross = make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, make("path", { d: "M6 6l12 12M18 6L6 18" }));
  const close = make("button", { type: "button" }, words.close, cross);
  const status = make("p", { role: "status" });
  dialog.append(close, status);
  root.append(dialog);

  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const nonce = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const framed = new URL(form);
  framed.search += (form.search ? "&" : "?") + "mode=widget&nonce=" + nonce;

  let frame, heard, submitted, forbidden;
  const instead = () => {
    const other = link(words.instead);
    other.autofocus = true;
    other.addEventListener("click", () => dialog.close());
    status.textContent = words.trouble + " ";
    status.append(other);
    if (dialog.open) other.focus();
  };

  const load = () => {
    heard = submitted = false;
    status.textContent = words.loading;
    frame = make("iframe", { src: framed, title: label, sandbox: "allow-scripts allow-forms allow-same-origin allow-popups" });
    /* What the collector sends tells its height before it has loaded. Silence is a page that did not come, or one
       that may not be framed here; what there is to see of it stays in sight. */
    for (const end of ["load", "error"]) {
      frame.addEventListener(end, () => setTimeout(() => heard || !frame || instead(), 3000));
    }
    dialog.append(frame);
  };

  trigger.addEventListener("click", () => {
    if (!frame && !forbidden) load();
    /* Safari gives no focus to what is clicked: the dialog gives it back to whatever had it. */
    trigger.focus({ preventScroll: true });
    dialog.showModal();
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (click) => {
    if (click.target === dialog) dialog.close();
  });
  /* What was begun waits for who comes back to it. What was given goes, and its receipt with it, before the next
     person on the same device opens the form. */
  dialog.addEventListener("close", () => {
    if (!submitted || !frame) return;
    frame.remove();
    frame = undefined;
  });

  addEventListener("message", ({ origin, data }) => {
    if (!frame || origin !== form.origin || !data || data.source !== "jdma-widget" || data.nonce !== nonce) return;
    heard = true;
    status.textContent = "";
    if (data.type === "resize" && data.height > 0) frame.style.height = data.height + "px";
    if (data.type === "submitted") submitted = true;
    if (data.type === "close") dialog.close();
  });
  document.addEventListener("securitypolicyviolation", (violation) => {
    if (!frame || heard || violation.effectiveDirective !== "frame-src" || !violation.blockedURI.startsWith(form.origin)) return;
    frame.remove();
    frame = undefined;
    forbidden = true;
    instead();
  });
})();
