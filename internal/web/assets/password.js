// The page behind an invitation or a reset link: sets an account's password.
// The link's secret stands after its "#", which browsers send to nobody; it
// goes to this server alone, in the body of one request. Everything that comes
// from the server is shown as text, never as markup.
"use strict";

(() => {
  const leastLength = 8; // characters; the server decides, this only says so earlier
  const root = new URL("../", document.currentScript.src);
  const find = (id) => document.getElementById(id);
  const form = find("set");
  const fields = { password: find("password"), again: find("again") };
  const askAnother = "Ask an administrator of this server for a new link.";

  const show = (id, text) => {
    find(id).textContent = text;
    find(id).hidden = text === "";
  };

  const token = () => new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

  // What stands in the address is no use any more: it shall not stay in the history.
  const forget = () => history.replaceState(null, "", location.pathname + location.search);

  const refuseLink = (why) => {
    form.hidden = true;
    form.reset();
    show("link-problem", `${why} ${askAnother}`);
  };

  const begin = () => {
    find("done").hidden = true;
    show("link-problem", "");
    show("problem", "");
    if (token() === "") {
      form.hidden = true;
      show("link-problem", `This link is not whole: it has nothing after “#token=”. Open it as it was given to you, to its last character. ${askAnother}`);
      return;
    }
    form.hidden = false;
  };

  const fieldProblem = (name, text) => {
    show(`${name}-problem`, text);
    fields[name].setAttribute("aria-invalid", String(text !== ""));
  };

  // Says what is wrong with the fields; the first wrong one is gone to.
  const problems = (wrong) => {
    for (const name of Object.keys(fields)) fieldProblem(name, wrong[name] ?? "");
    const first = Object.keys(fields).find((name) => wrong[name]);
    if (first) fields[first].focus();
    return first !== undefined;
  };

  const check = () => {
    const password = fields.password.value;
    if (password === "") return { password: "Type a new password." };
    if ([...password].length < leastLength) return { password: `This is too short: at least ${leastLength} characters are needed.` };
    if (fields.again.value !== password) return { again: "The two passwords differ." };
    return {};
  };

  const fail = (text) => {
    show("problem", text);
    find("problem").focus();
  };

  // The server's refusals, in plain words. Where it names no field of this page
  // the fault is the link's: nothing else was sent.
  const refused = async (response) => {
    let body = {};
    try {
      body = await response.json();
    } catch {
      // A proxy's page: the status has to do.
    }
    if (response.status === 400 && body.password) {
      problems({ password: [body.password].flat().join(" ") });
    } else if (response.status === 400 || response.status === 404) {
      forget();
      refuseLink("This link cannot be used any more: it was used already, its time is over, or a newer one was made.");
    } else if (response.status === 429) {
      const wait = Number(response.headers.get("Retry-After"));
      fail(`There were too many tries. ${wait > 0 ? `Try again in ${wait === 1 ? "a second" : `${wait} seconds`}` : "Wait a little, and try again"}; the link stays good.`);
    } else {
      const id = response.headers.get("X-Request-Id");
      fail(`The server could not do it (error ${response.status}${id ? `, request ${id}` : ""}). Try again later; if it stays so, tell an administrator.`);
    }
  };

  const send = async (password) => {
    let response;
    try {
      response = await fetch(new URL("users/set-password/", root), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: token(), password }),
        credentials: "omit",
        cache: "no-store",
      });
    } catch {
      fail("The server cannot be reached. Look at your connection, and try again; the link stays good.");
      return;
    }
    if (!response.ok) {
      await refused(response);
      return;
    }
    const whose = await response.json().then((body) => body.email, () => undefined);
    forget();
    form.reset();
    form.hidden = true;
    if (whose) find("whose").textContent = ` of ${whose}`;
    find("done").hidden = false;
    find("done").focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show("problem", "");
    if (problems(check())) return;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await send(fields.password.value);
    } finally {
      button.disabled = false;
    }
  });

  find("shown").addEventListener("change", (event) => {
    for (const field of Object.values(fields)) field.type = event.target.checked ? "text" : "password";
  });

  // Another link opened over this page changes what is after the "#" alone.
  window.addEventListener("hashchange", begin);
  form.noValidate = true; // the page says it itself, in one place and one voice
  begin();
})();
