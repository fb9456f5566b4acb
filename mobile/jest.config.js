const shared = {
  testMatch: ["<rootDir>/tests/**/*.test.{ts,tsx}"],
  setupFilesAfterEnv: ["<rootDir>/tests/setup.ts"],
};

module.exports = {
  testTimeout: 30000,
  projects: [
    { ...shared, preset: "jest-expo/ios", displayName: "ios" },
    { ...shared, preset: "jest-expo/android", displayName: "android" },
  ],
};
