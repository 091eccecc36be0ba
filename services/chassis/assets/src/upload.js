// Sending files with a bar of what is sent, and once more after a cut without choosing them again. The form works
// without it: the same request, the same answer, whose content takes the place of the page's.
import { initAll } from "govuk-frontend";

const enhance = (form) => {
  const { enCours, controle, coupe, renvoyer } = form.dataset;
  const button = form.querySelector("button[type=submit]");
  const bar = Object.assign(document.createElement("progress"), { max: 100, hidden: true });
  bar.setAttribute("aria-label", enCours);
  const state = document.createElement("p");
  state.setAttribute("role", "status");
  button.before(bar, state);

  let sending = false;
  const said = (text, shown) => {
    state.textContent = text;
    bar.hidden = !shown;
  };
  const cut = (why = coupe) => {
    sending = false;
    said(why, false);
    button.textContent = renvoyer;
    button.focus();
  };

  form.addEventListener("submit", (event) => {
    if (!form.querySelector("input[type=file]").files.length) return; // the answer says what is missing
    event.preventDefault();
    if (sending) return;
    sending = true;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = Math.floor((100 * loaded) / total);
      // In steps, so that a screen reader is not talked over.
      if (bar.value < 100) said(`${enCours} : ${10 * Math.floor(bar.value / 10)} %`, true);
    });
    request.upload.addEventListener("load", () => said(controle, true));
    request.addEventListener("error", () => cut());
    request.addEventListener("abort", () => cut());
    request.addEventListener("load", () => {
      if (request.status >= 500 || request.status === 408) cut(reason(request));
      else show(request);
    });
    said(`${enCours} : 0 %`, true);
    request.send(new FormData(form));
  });
};

// Why it failed, as the answer's page says: the piece's, in its error summary, or an error's, in its first words. A file
// that cannot be checked is not to be sent again as it is.
const reason = (request) => {
  const main = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
  return (main?.querySelector(".govuk-error-summary__list li") ?? main?.querySelector("p"))?.textContent.trim() || undefined;
};

const show = (request) => {
  // The login had ended: its page is opened whole, since what is around the content says that one is logged in.
  if (new URL(request.responseURL).pathname === "/connexion") return location.assign(request.responseURL);
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const content = answer.querySelector("main");
  if (!content) return location.reload();
  const main = document.querySelector("main");
  main.replaceWith(content);
  document.title = answer.title;
  // After a refusal the address stays the piece's, since the answer's takes files only.
  if (request.status < 400) history.replaceState(null, "", request.responseURL);
  initAll({ scope: content });
  content.querySelectorAll("form[data-envoi]").forEach(enhance);
  (content.querySelector("[data-autofocus], .govuk-error-summary, .govuk-notification-banner[role=alert]") ?? content).focus();
};

document.querySelectorAll("form[data-envoi]").forEach(enhance);
