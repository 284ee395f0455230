package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.SerialInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bare programs that never end: which are told so, and which may still be waiting. */
@Timeout(120)
class EndlessGuestsTest {

    /** More than the first moment at which a run is looked at. */
    private static final long LIMIT = 9_500_000;
    private static final String SPINS = "the program spins for ever: hart 0 at pc 0x8000000";

    /** Copies the serial line's input to its output, by polling. */
    private static final int[] ECHO = {
            0x10000537,         //    lui  a0, 0x10000
            0x00554583,         // 1: lbu  a1, 5(a0)        LSR
            0x0015f593,         //    andi a1, a1, 1
            0xfe058ce3,         //    beqz a1, 1b
            0x00054583,         //    lbu  a1, 0(a0)
            0x00b50023,         //    sb   a1, 0(a0)
            0xfedff06f          //    j    1b
    };
    /** Lets the serial line interrupt it, and does nothing else. The handler is the loop itself. */
    private static final int[] INTERRUPTED = {
            0x10000537,         //    lui  a0, 0x10000
            0x00100593,         //    addi a1, zero, 1
            0x00b500a3,         //    sb   a1, 1(a0)        IER
            0x0000006f          //    j    .
    };

    @TempDir
    private Path directory;

    /** A person who types a few bytes and then thinks, or leaves. */
    private static final class Person implements SerialInput {

        private final int afterwards;

        Person(int afterwards) {
            this.afterwards = afterwards;
        }

        @Override
        public boolean isPerson() {
            return true;
        }

        @Override
        public boolean isQuitting() {
            return false;
        }

        @Override
        public int take() {
            return afterwards;
        }

        @Override
        public long await(long nanoseconds) {
            return nanoseconds;
        }
    }

    private GuestRun run(int[] program, SerialInput input, Consumer<BareSession> change) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(4 * program.length).order(ByteOrder.LITTLE_ENDIAN);
        image.asIntBuffer().put(program);
        Path file = Files.write(directory.resolve("endless.bin"), image.array());
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).ram(8 << 20).harts(1).maxInstructions(LIMIT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(options, new GuestProgram(file, null, ""), control -> input, out,
                new PrintStream(err, true, StandardCharsets.UTF_8))) {
            change.accept(session);
            int status = session.run();
            return new GuestRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8),
                    session.machine().digest());
        }
    }

    @Test
    void aPollAfterTheEndOfInputIsToldAndTheSameEachTime() throws IOException {
        GuestRun run = run(ECHO, new GuestRun.Typed("hello"), session -> { });
        assertThat(run.out()).isEqualTo("hello");
        assertThat(run.err()).startsWith(SPINS).endsWith(" in a loop of 3 instructions; nothing changes, no event is "
                + "due, and the input has ended\n");
        assertThat(run.status()).isEqualTo(ExitStatus.NOT_FINISHED);
        assertThat(run(ECHO, new GuestRun.Typed("hello"), session -> { })).isEqualTo(run);
    }

    @Test
    void aProgramThatAByteMayInterruptIsNotToldUntilTheInputHasEnded() throws IOException {
        GuestRun waiting = run(INTERRUPTED, new Person(SerialInput.NOT_YET), session -> { });
        assertThat(waiting.err()).isEqualTo("--max-instructions ran out after " + LIMIT + " instructions\n");
        GuestRun over = run(INTERRUPTED, new Person(SerialInput.END), session -> { });
        assertThat(over.err()).startsWith(SPINS + "c in a loop of 1 instruction; ").endsWith("the input has ended\n");
    }

    @Test
    void aPanicLoopIsToldUnlessADebuggerMayCome() throws IOException {
        int[] panic = {0x0000006f};
        GuestRun run = run(panic, new Person(SerialInput.NOT_YET), session -> { });
        assertThat(run.err()).isEqualTo(SPINS + "0 in a loop of 1 instruction; nothing changes, no event is due, and "
                + "it waits for no input\n");
        assertThat(run(panic, new Person(SerialInput.NOT_YET), session ->
                session.machine().control().expectDebugger()).err()).startsWith("--max-instructions ran out");
    }
}
