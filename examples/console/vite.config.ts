import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The page and the gateway have one origin, so that no CORS is needed; the proxy passes event streams on as they come.
const proxy = { '/graphql': process.env.GATEWAY_URL ?? 'http://localhost:4000' };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
