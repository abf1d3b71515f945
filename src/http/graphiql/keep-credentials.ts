/**
 * A script for the page of GraphiQL, where each tab has headers of its own. A credential header that is empty in one tab is sent
 * with the value that was sent last, from any tab. The values are kept in the memory of the page alone: a reload forgets them.
 */
export const keepCredentials = `<script>
(() => {
  const kept = new Map();
  const { fetch } = window;
  window.fetch = (target, options = {}) => {
    const headers = new Headers(options.headers);
    for (const [name, value] of [...headers]) {
      if (!name.startsWith('x-auth-token') && !name.startsWith('x-tenant-id')) continue;
      if (value !== '') kept.set(name, value);
      else if (kept.has(name)) headers.set(name, kept.get(name));
    }
    return fetch(target, { ...options, headers });
  };
})();
</script>`;
