interface ImportMetaEnv {
  readonly VITE_TOKEN?: string;
  readonly VITE_TENANT?: string;
}
