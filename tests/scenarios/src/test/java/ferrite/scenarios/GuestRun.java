package ferrite.scenarios;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.hardware.Machine;
import ferrite.hardware.turn.RunControl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A bare program's run in this JVM, in the same way as by {@code ferrite boot}.
 *
 * @param status the exit status
 * @param out    the serial line's output
 * @param err    the host's messages
 * @param digest the fingerprints at the end
 */
record GuestRun(int status, String out, String err, Machine.Digest digest) {

    private static final Path PROGRAMS = Path.of("../../firmware-images/programs/images");
    private static final long MAX_INSTRUCTIONS = 200_000_000;

    /** Finds a program of firmware-images, built for a board. */
    static Path program(String name, BoardKind board) {
        return PROGRAMS.resolve(name + "-" + board.label() + ".elf");
    }

    /** Runs a program of firmware-images with some standard input. */
    static GuestRun of(String name, BoardOptions options, BoardKind board, String input) throws IOException {
        return of(new GuestProgram(program(name, board), null, ""), options.kind(board), input);
    }

    static GuestRun of(GuestProgram program, BoardOptions options, String input) throws IOException {
        return of(program, options.maxInstructions(MAX_INSTRUCTIONS), control -> new Typed(input));
    }

    static GuestRun of(GuestProgram program, BoardOptions options, Function<RunControl, SerialInput> input)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(options, program, input, out,
                new PrintStream(err, true, StandardCharsets.UTF_8))) {
            int status = session.run();
            return new GuestRun(status, out.toString(StandardCharsets.ISO_8859_1), err.toString(StandardCharsets.UTF_8),
                    session.machine().digest());
        }
    }

    /** Input that is complete from the start. */
    static final class Typed implements SerialInput {

        private final byte[] bytes;
        private int taken;

        Typed(String text) {
            bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public boolean isPerson() {
            return false;
        }

        @Override
        public boolean isQuitting() {
            return false;
        }

        @Override
        public int take() {
            return taken < bytes.length ? bytes[taken++] & 0xff : END;
        }

        @Override
        public long await(long nanoseconds) {
            throw new IllegalStateException("this input never makes a program wait");
        }
    }
}
