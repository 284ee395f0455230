package ferrite.scenarios.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.scenarios.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A short run of {@code tests/scenarios/qemu-agreement}: QEMU and Ferrite do the same with random programs. */
class QemuAgreementTest {

    private static final int PROGRAMS = 300;
    private static final int TRANSLATED_BATCHES = Integer.getInteger("ferrite.translated.batches", 1);

    /** Uses the same programs each time, unless a seed is given: a new seed may meet an unknown departure of QEMU's. */
    @Test
    void qemuAndFerriteDoTheSame() throws IOException, InterruptedException {
        Tools.need(QemuRun.TOOL);
        long seed = Long.getLong("ferrite.seed", 1);
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        int differing = new QemuAgreement(seed, new PrintStream(report, true, StandardCharsets.UTF_8)).run(PROGRAMS);
        assertThat(differing).as(() -> "programs on which QEMU and Ferrite differ\n"
                + report.toString(StandardCharsets.UTF_8)).isZero();
    }

    /** What agrees with QEMU in the interpreter agrees in the translator, too. */
    @Test
    void theTranslatorDoesTheSame() {
        Seed seed = Seed.fresh();
        for (int batch = 0; batch < TRANSLATED_BATCHES; batch++) {
            int first = batch * ProgramGenerator.BATCH;
            List<Program> programs = IntStream.range(first, first + ProgramGenerator.BATCH)
                    .mapToObj(number -> ProgramGenerator.generate(seed.value(), number)).toList();
            byte[] image = ImagePacker.pack(programs, 1);
            Ended interpreted = OurRun.of(image, programs.size());
            Ended translated = OurRun.translated(image, programs.size());
            assertThat(translated.whole()).as(seed.replay(first)).isEqualTo(interpreted.whole());
            assertThat(Arrays.mismatch(translated.memory(), interpreted.memory())).as(seed.replay(first)).isEqualTo(-1);
        }
    }

    /**
     * A program must not write into the harness or into another program, because that would cause false differences.
     */
    @Test
    void programsLeaveEverythingElseAlone() {
        for (int number = 0; number < PROGRAMS; number++) {
            byte[] image = ImagePacker.pack(List.of(ProgramGenerator.generate(1, number)), 1);
            Ended ended = OurRun.of(image, 1);
            assertThat(ended.whole()).as("program %d ends", number).isTrue();
            int slot = SlotLayout.slot(1) - SlotLayout.RAM_BASE;
            assertThat(Arrays.mismatch(image, 0, slot, ended.memory(), 0, slot))
                    .as("program %d, before its slot", number).isEqualTo(-1);
            int after = slot + SlotLayout.SLOT_BYTES;
            assertThat(Arrays.mismatch(image, after, image.length, ended.memory(), after, image.length))
                    .as("program %d, after its slot", number).isEqualTo(-1);
        }
    }

    @Test
    void theReadmeHasEveryKnownDeparture() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        assertThat(Stream.of(KnownDeparture.values()).map(KnownDeparture::row))
                .allSatisfy(row -> assertThat(readme).contains(row));
    }
}
