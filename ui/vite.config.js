import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.WORKTRAIL_SERVER ?? "http://127.0.0.1:8700";

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: {
      "~": here("./src"),
      // RJSF's core names it in a helper of its own tests; ours stands in.
      "@rjsf/validator-ajv8": here("./src/components/form/validator.ts"),
    },
   },
  server: { host: "127.0.0.1", port: 5173, proxy: { "/api": server, "/realtime": server } },
  build: {
    outDir: here("../src/worktrail/web/static"),
    emptyOutDir: true,
    manifest: true, // read by the size check
    assetsInlineLimit: 0, // the content policy allows data: for images only
    target: "es2023",
    chunkSizeWarningLimit: 1000, // the first page has a limit of its own, gzipped (tools/ui.py)
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    css: { include: [/tokens\.css/] },
    server: { deps: { inline: [/@rjsf/] } },
  },
});
