import { normalizeAddress } from "../../src/services/server/address";

test.each([
  ["plant.example", "https://plant.example"],
  ["  Plant.Example:8443/app/ ", "https://plant.example:8443"],
  ["http://192.168.0.7:8000", "http://192.168.0.7:8000"],
  ["https://[fe80::1]:8000/", "https://[fe80::1]:8000"],
])("%p is read as %p", (typed, server) => {
  expect(normalizeAddress(typed)).toBe(server);
});

const INVALID = [
  "",
  "   ",
  "ftp://plant.example",
  "plant example",
  "engineer@plant.example",
  "https://",
];

test.each(INVALID)(
  "%p is not an address",
  (typed) => {
    expect(normalizeAddress(typed)).toBeNull();
  },
);
