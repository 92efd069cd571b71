/* The form in the frame of a host that asked for it by `mode=widget`: tells the page around it how tall the form is,
   when answers were stored or could not be, and when the avis is given. To any origin, since the host's is not known here, and none of it says what was
   answered, about which avis, or to whom; the nonce, the host's own, comes back to it. */
const nonce = new URLSearchParams(location.search).get("nonce") || null;
const tell = (type, more) => parent.postMessage({ source: "jdma-widget", type, ...more, nonce }, "*");

/* The element, where it upgraded the form in place, else the page: what is in them changes from step to step. */
const form = document.querySelector("je-donne-mon-avis")?.shadowRoot ?? document;
const page = document.documentElement;
let submitted = false;
const look = () => {
  tell("resize", { height: Math.ceil(page.getBoundingClientRect().height) });
  if (submitted || !form.querySelector(".ticket")) return;
  submitted = true;
  tell("submitted");
};

look();
new ResizeObserver(look).observe(page);
new MutationObserver(look).observe(form, { childList: true, subtree: true });
/* What the element tells this page, and what a step that follows a stored one says by its address. */
for (const type of ["sent", "failed"]) addEventListener("avis:" + type, () => tell(type));
if (new URLSearchParams(location.search).has("suite")) tell("sent");
/* A key pressed in here never reaches the dialog around it. */
addEventListener("keydown", ({ key, isComposing }) => {
  if (key === "Escape" && !isComposing) tell("close");
});
