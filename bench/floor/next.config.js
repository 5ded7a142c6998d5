/** Of the applications without the core. @type {import('next').NextConfig} */
const config = {
  output: 'standalone',
  typescript: { ignoreBuildErrors: true },
  experimental: { turbopackFileSystemCacheForBuild: false },
};

export default config;
