/**
 * The JUnit 5 extension and the assertions for tests of drivers. It may use the board and everything that the board
 * uses. Users' tests, scenarios and benchmarks use it, and nothing in Ferrite depends on it.
 */
package ferrite.testkit;
