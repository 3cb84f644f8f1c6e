// The start page: signs in against the API and lists the runs that the person
// may see. The token lives in this function and nowhere else. Everything that
// comes from the server is shown as text, never as markup.
"use strict";

(() => {
  const pageSize = 50;
  const find = (id) => document.getElementById(id);
  let token = null;
  let shown = 0;
  let turn = 0; // answers to an earlier sign-in are dropped

  find("url").textContent = new URL(".", location.href).href.replace(/\/$/, "");

  const show = (element, text) => {
    element.textContent = text;
    element.hidden = text === "";
  };

  // The API says what is wrong with a request in one of two forms.
  const problemOf = async (response) => {
    try {
      const body = await response.json();
      return body.detail ?? Object.values(body).flat().join(" ");
    } catch {
      return `The server answered ${response.status}.`;
    }
  };

  const request = async (path, options) => {
    let response;
    try {
      response = await fetch(path, { ...options, credentials: "omit", cache: "no-store" });
    } catch {
      throw new Error("The server cannot be reached.");
    }
    if (!response.ok) {
      const error = new Error(await problemOf(response));
      error.status = response.status;
      throw error;
    }
    return response.json();
  };

  const cell = (text, className) => {
    const td = document.createElement("td");
    td.textContent = text;
    if (className) td.className = className;
    return td;
  };

  const row = (run) => {
    const images = run.imageset?.images ?? [];
    const available = images.filter((image) => image.status.includes("A")).length;
    const tr = document.createElement("tr");
    const bar = document.createElement("progress");
    bar.max = Math.max(images.length, 1);
    bar.value = available;
    bar.setAttribute("aria-label", `${available} of ${images.length} available`);
    const barCell = cell("", "share");
    barCell.append(bar);
    tr.append(cell(run.label, "label"), cell(run.run_date ?? "unknown"), cell(`${available} / ${images.length}`, "number"), barCell);
    return tr;
  };

  const signOut = (problem) => {
    token = null;
    turn++;
    find("list").replaceChildren();
    find("signed-in").hidden = true;
    find("signed-out").hidden = false;
    show(find("sign-in-problem"), problem);
  };

  const load = async () => {
    const mine = turn;
    const more = find("more");
    more.disabled = true;
    show(find("list-problem"), "");
    try {
      const page = await request(`runs/?limit=${pageSize}&offset=${shown}`, { headers: { Authorization: `JWT ${token}` } });
      if (mine !== turn) return;
      find("list").append(...page.results.map(row));
      shown += page.results.length;
      more.hidden = page.next === null;
      find("list-note").textContent =
        page.count === 0 ? "There are no runs yet that you may see." : `${shown} of ${page.count} ${page.count === 1 ? "run" : "runs"}`;
    } catch (error) {
      if (mine !== turn) return;
      if (error.status === 401) signOut("You were signed out: please sign in again.");
      else show(find("list-problem"), error.message);
    } finally {
      more.disabled = false;
    }
  };

  find("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    const email = form.email.value;
    button.disabled = true;
    show(find("sign-in-problem"), "");
    try {
      const answer = await request("api-token-auth/", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ email, password: form.password.value }),
      });
      token = answer.token;
      turn++;
      shown = 0;
      form.reset();
      find("who").textContent = email;
      find("signed-out").hidden = true;
      find("signed-in").hidden = false;
      await load();
    } catch (error) {
      show(find("sign-in-problem"), error.message);
    } finally {
      button.disabled = false;
    }
  });

  find("sign-out").addEventListener("click", () => signOut(""));
  find("more").addEventListener("click", load);
})();
