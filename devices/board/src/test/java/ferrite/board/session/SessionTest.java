package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.RunControl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run without a debugger. */
class SessionTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Session session(BoardOptions options, String... script) throws IOException {
        return session(options, OutputStream.nullOutputStream(), script);
    }

    private Session session(BoardOptions options, OutputStream serial, String... script) throws IOException {
        return new Session(options, List.of(script), () -> null, new Session.Streams(OutputStream.nullOutputStream(),
                new PrintStream(err, true, StandardCharsets.UTF_8), serial, false), new ViolationText("")::of);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** As {@code --serial /dev/full}. */
    @Test
    void outputOfTheSerialLineThatIsLostIsToldAndIsAFailure() throws IOException {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        try (Session session = session(new BoardOptions().ram(8 << 20), full, "echo hi > /dev/ttyS0", "echo on")) {
            assertThat(session.run()).isEqualTo(ExitStatus.FAILED);
        }
        assertThat(err()).isEqualTo("output of the serial line was lost: No space left on device\n");
    }

    /** The probe of a driver may be under way. */
    @Test
    void theEndOfTheMachineDuringItsBootIsNoMistakeOfADriver() throws IOException {
        for (int instructions = 10_000; instructions < 60_000; instructions += 2_500) {
            try (Session session = session(new BoardOptions().ram(32 << 20).maxInstructions(instructions), "ls")) {
                assertThat(session.run()).isEqualTo(ExitStatus.NOT_FINISHED);
            }
        }
        assertThat(err().lines()).hasSize(20).allMatch(line -> line.startsWith("--max-instructions ran out after "));
    }

    @Test
    void aTimeLimitEndsARunThatIsHaltedWaitsForALineOrWorks() throws Exception {
        for (int kind = 0; kind < 3; kind++) {
            try (Session session = session(new BoardOptions().ram(32 << 20), "sleep 1", kind == 1 ? "halt" : "sleep 1",
                    "sha256sum /dev/zero")) {
                RunControl control = session.machine().control();
                if (kind == 0) {
                    control.halt();
                } else {
                    control.expectDebugger();
                }
                TimeLimitReached reached = new TimeLimitReached(1);
                Thread limit = new Thread(() -> {
                    try {
                        Thread.sleep(200);
                        TimeLimitReached.post(session.machine(), reached);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                limit.start();
                assertThat(session.run()).as("kind %d", kind).isEqualTo(ExitStatus.NOT_FINISHED);
                limit.join();
            }
        }
        assertThat(err().lines()).hasSize(3).containsOnly("--timeout ran out after 1 second of the host's time");
    }

    @Test
    void haltIsRefusedWhereNobodyCouldSayContinue() throws IOException {
        try (Session session = session(new BoardOptions().ram(8 << 20), "halt", "echo on")) {
            assertThat(session.run()).isEqualTo(ExitStatus.FAILED);
        }
    }
}
