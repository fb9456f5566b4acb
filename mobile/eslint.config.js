const expo = require("eslint-config-expo/flat");

module.exports = [
  ...expo,
  { ignores: ["dist", "node_modules", "public", "src/services/schema.d.ts", "expo-env.d.ts"] },
  {
    files: ["**/*.ts", "**/*.tsx"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "import/no-cycle": "error",
      "import/namespace": "off", // TypeScript knows better what a module holds
      "max-len": ["error", { code: 100 }],
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      "no-empty": "error",
    },
  },
];
