// Enhances pages that already work: components that want JavaScript, and htmx where a page asks for it.
import { initAll } from "govuk-frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// A form that was refused is answered at its own address. Going back to that page asks for it anew: a browser
// would offer to send the form again instead, on a page of its own that frightens people.
history.replaceState(history.state, "", location.href);

// A message that the page opens with is read out and reached first, as the error summary is.
document.querySelector("[data-autofocus]")?.focus();

if (document.querySelector("form[data-envoi]")) {
  await import("./upload.js");
}

if (document.querySelector("[hx-get],[hx-post],[hx-boost]")) {
  await import("htmx.org");
}
