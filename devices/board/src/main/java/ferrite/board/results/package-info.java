/** The violations of a run as files for other programs: SARIF for code review, JUnit's XML for continuous builds. */
package ferrite.board.results;
