package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.Translation;
import ferrite.board.session.BareSession;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.turn.Interleavings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guest programs run the same when they are translated: output, status, memory and schedule. */
@Timeout(120)
class TranslatedRunsTest {

    private static final String INPUT = "typed while it polls\nand while it sleeps\nk";

    private record Ending(int status, String out, String err, Machine.Digest digest) { }

    /** The ticks that the last run has spent in translated code. */
    private long translated;

    @ParameterizedTest
    @ValueSource(strings = {"instructions", "privilege", "sv32", "serial", "smp", "hosted", "htif"})
    void aTranslatedProgramDoesTheSame(String name) throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        Interleavings[] interleavings = Interleavings.values();
        BoardKind board = BoardKind.values()[random.nextInt(BoardKind.values().length)];
        BoardOptions options = new BoardOptions().kind(board).ram(64 << 20).harts(1 + random.nextInt(4))
                .seed(random.nextLong()).interleaving(interleavings[random.nextInt(interleavings.length)])
                .maxInstructions(1_000_000).translation(Translation.OFF);
        Ending interpreted = run(name, options);
        assertThat(run(name, options.translation(Translation.EAGER))).as(seed.replay(name)).isEqualTo(interpreted);
    }

    /** A long run, in which the frequent code is found, and translated anew when it has learned where its jumps go. */
    @ParameterizedTest
    @ValueSource(strings = {"speed-compute", "speed-calls"})
    void aProgramWhoseFrequentCodeIsTranslatedDoesTheSame(String name) throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).ram(64 << 20).harts(1 + random.nextInt(2))
                .seed(random.nextLong()).maxInstructions(80_000_000)
                .translation(Translation.OFF);
        Ending interpreted = run(name, options);
        assertThat(translated).isZero();
        assertThat(run(name, options.translation(Translation.ON))).as(seed.replay(name)).isEqualTo(interpreted);
        assertThat(translated).as("ticks in translated code").isGreaterThan(1_000_000);
    }

    private Ending run(String name, BoardOptions options) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        GuestProgram program = new GuestProgram(GuestRun.program(name, options.kind()), null, "arguments");
        try (BareSession session = new BareSession(options, program, turn -> new GuestRun.Typed(INPUT), out,
                new PrintStream(err, true, StandardCharsets.UTF_8))) {
            int status = session.run();
            translated = session.machine().harts().stream().mapToLong(Hart::translatedTicks).sum();
            return new Ending(status, out.toString(StandardCharsets.ISO_8859_1),
                    err.toString(StandardCharsets.UTF_8).replaceAll(" --translate (off|eager)", ""),
                    session.machine().digest());
        }
    }
}
