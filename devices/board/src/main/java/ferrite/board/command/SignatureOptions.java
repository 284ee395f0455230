package ferrite.board.command;

import ferrite.board.session.BareSession;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of {@code boot} about the results of architectural tests, as Spike and RISCOF use them. */
final class SignatureOptions {

    private static final int MAX_GRANULARITY = 64;

    @Option(names = "--signature", paramLabel = "FILE", description = "where the memory from the symbol "
            + "begin_signature to end_signature goes at the end of the run, whatever its status: hexadecimal lines")
    private Path file;

    @Option(names = "--signature-granularity", paramLabel = "N", description = "the bytes of each line of --signature, "
            + "a little-endian word with its highest digit first: 1, 2, 4, ... 64 (default: 4)")
    private Integer granularity;

    /** Checks the options before there is a machine. */
    void check() {
        if (granularity != null && file == null) {
            throw new UsageException("--signature-granularity " + granularity
                    + ": --signature FILE is missing, whose lines it describes");
        }
        if (granularity != null
                && (granularity < 1 || granularity > MAX_GRANULARITY || Integer.bitCount(granularity) != 1)) {
            throw new UsageException("--signature-granularity " + granularity + ": 1, 2, 4, 8, 16, 32 or 64 bytes "
                    + "would be right");
        }
    }

    /**
     * Opens the file, which is empty until the run ends.
     *
     * @throws InputException if the program has no signature, or the file cannot be written
     */
    SignatureFile open(BareSession session) throws InputException {
        return file == null ? SignatureFile.NONE : SignatureFile.open(file, granularity == null ? 4 : granularity,
                session);
    }
}
