// The page at / keeps the key that the user has entered there.
const key = sessionStorage.getItem("api-key");

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    const named = Object.keys(request.headers).some((name) => /^(authorization|x-api-key)$/i.test(name));
    const own = new URL(request.url, document.baseURI).origin === location.origin;
    if (key && own && !named) request.headers.Authorization = `Bearer ${key}`;
    return request;
  },
});
