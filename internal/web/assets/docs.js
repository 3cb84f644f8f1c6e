"use strict";
// The API's documentation, drawn from what the server says of itself.
window.addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({
    url: new URL("../openapi.json", location.href).href,
    dom_id: "#docs",
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false, // a token stays in this page
    validatorUrl: null, // no other host is asked
  });
});
