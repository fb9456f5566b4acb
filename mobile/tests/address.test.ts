import { normaliseAddress } from "../src/services/address";

test.each([
  ["plant.example", "https://plant.example"],
  ["  Plant.Example:8443/app/ ", "https://plant.example:8443"],
  ["http://192.168.0.7:8000", "http://192.168.0.7:8000"],
  ["https://[fe80::1]:8000/", "https://[fe80::1]:8000"],
])("%p is the server %p", (typed, server) => {
  expect(normaliseAddress(typed)).toBe(server);
});

test.each(["", "   ", "ftp://plant.example", "plant example", "engineer@plant.example", "https://"])(
  "%p is no server",
  (typed) => {
    expect(normaliseAddress(typed)).toBeNull();
  },
);
