package ferrite.board.command;

import ferrite.board.image.Signature;
import ferrite.board.session.BareSession;
import ferrite.board.session.ExitStatus;
import ferrite.hardware.bus.PhysicalBus;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file of {@code --signature}. It is opened before the run, so that a wrong name is noticed at once, and written at
 * its end.
 */
final class SignatureFile implements AutoCloseable {

    /** For a run without {@code --signature}. */
    static final SignatureFile NONE = new SignatureFile(null, null, 0, null, null);

    private static final String OPTION = "--signature ";

    private final Path file;
    private final OutputStream out;
    private final int granularity;
    private final Signature signature;
    private final PhysicalBus bus;

    private SignatureFile(Path file, OutputStream out, int granularity, Signature signature, PhysicalBus bus) {
        this.file = file;
        this.out = out;
        this.granularity = granularity;
        this.signature = signature;
        this.bus = bus;
    }

    static SignatureFile open(Path file, int granularity, BareSession session) throws InputException {
        Signature signature = session.board().signature();
        if (signature == null) {
            throw new InputException(OPTION + file + ": " + Signature.missing());
        }
        PhysicalBus bus = session.machine().bus();
        try {
            signature.requireIn(bus);
        } catch (IOException e) {
            throw new InputException(OPTION + file + ": " + e.getMessage());
        }
        try {
            return new SignatureFile(file, Files.newOutputStream(file), granularity, signature, bus);
        } catch (IOException e) {
            throw new InputException(cannotBeWritten(file, e));
        }
    }

    private static String cannotBeWritten(Path file, IOException why) {
        return OPTION + file + " cannot be written: " + HostFiles.reason(why);
    }

    /**
     * Writes the file, if there is one. A failure is told on {@code err}.
     *
     * @param status the run's exit status
     * @return the command's exit status
     */
    int write(int status, PrintStream err) {
        if (this == NONE) {
            return status;
        }
        try {
            OutputStream lines = new BufferedOutputStream(out);
            signature.write(bus, granularity, lines);
            lines.flush();
            return status;
        } catch (IOException e) {
            err.println("ferrite boot: " + cannotBeWritten(file, e));
            return status == ExitStatus.SUCCESS ? ExitStatus.FAILED : status;
        }
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
