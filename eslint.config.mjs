// The report page's scripts are put into one: what one declares at its top is known to all others.
import { readdirSync, readFileSync } from "node:fs";
import js from "@eslint/js";
import globals from "globals";

const PAGE = "classifier/outputs/report/page";
const DECLARED = /^(?:const|let|class|(?:async )?function) (\w+)/gm;
const shared = readdirSync(PAGE)
  .filter((name) => name.endsWith(".js"))
  .flatMap((name) => [...readFileSync(`${PAGE}/${name}`, "utf8").matchAll(DECLARED)])
  .map(([, name]) => [name, "writable"]);

export default [
  {
    files: [`${PAGE}/*.js`],
    ...js.configs.recommended,
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: "script",
      globals: { ...globals.browser, ...Object.fromEntries(shared) },
    },
    rules: {
      ...js.configs.recommended.rules,
      "no-redeclare": ["error", { builtinGlobals: false }],
      "no-unused-vars": ["error", { vars: "local" }],
      // Text from articles reaches the page as text nodes only.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({
          property,
          message: "Make elements with el(): no text is read as markup.",
        })),
      ],
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-var": "error",
    },
  },
];
