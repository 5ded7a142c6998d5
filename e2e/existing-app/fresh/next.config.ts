import type { NextConfig } from 'next';

const nextConfig: NextConfig = {
  output: 'standalone',
  // Both save the test time: types are checked by a test of their own, and this build is the first and the last.
  typescript: { ignoreBuildErrors: true },
  experimental: { turbopackFileSystemCacheForBuild: false },
};

export default nextConfig;
