import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("../src", import.meta.url)) } },
  build: { rollupOptions: { input: fileURLToPath(new URL("./plain.html", import.meta.url)) } },
});
