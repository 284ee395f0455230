package ferrite.board.command;

import ferrite.kernel.check.Checks;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options about files for other programs with the violations of a run. */
final class ResultOptions {

    @Option(names = "--sarif", paramLabel = "FILE",
            description = "the violations as a SARIF 2.1.0 log, for code review tools; written when the run ends")
    private Path sarif;

    @Option(names = "--junit", paramLabel = "FILE", description = "the rules as JUnit's XML, for continuous builds: a "
            + "test case for each rule that is checked; written when the run ends")
    private Path junit;

    /**
     * Opens the files. They are empty until the run ends.
     *
     * @param command the command whose options these are
     */
    ResultFiles open(String command, Checks checks) throws InputException {
        return new ResultFiles(command, sarif, junit, checks);
    }
}
