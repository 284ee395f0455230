package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.matrix.Axis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ferrite matrix --cell}. CommandLineErrorsTest has the mistakes, MatrixMachineTest a sample of all cells. */
class MatrixCommandTest {

    private static final String BOUNCED = "ram=64M,swiotlb=on,fill=dma,mask=24,gfp=GFP_KERNEL,order=3,"
            + "call=map_single,dir=from";
    private static final String REFUSED = "ram=64M,swiotlb=on,fill=empty,mask=24,gfp=GFP_KERNEL,order=0,"
            + "call=isa,dir=to,span=whole,context=task";

    @TempDir
    private static Path directory;
    private static List<Outcome> outcomes;

    @BeforeAll
    static void run() throws IOException, InterruptedException {
        outcomes = ManyCommandLines.run(directory, List.of(List.of("matrix", "--cell", BOUNCED),
                List.of("matrix", "--cell", REFUSED), List.of("matrix", "--json", "--cell", REFUSED),
                List.of("matrix", "--help"), List.of("--help")));
    }

    @Test
    void aCellIsPrintedWithItsStatementAndItsObservation() {
        assertThat(outcomes.get(0).status()).isZero();
        assertThat(outcomes.get(0).out()).startsWith(BOUNCED + ",span=whole,context=task\n")
                .contains("    stated    memory Normal; bounced; rules broken: none; the bytes arrive\n")
                .containsPattern("    observed  memory Normal at physical 0x[0-9a-f]+; bounced; rules broken: none; ")
                .endsWith("    differs   in nothing\n");
        assertThat(outcomes.get(0).err()).contains("software IO TLB: mapped").doesNotContain("violation");
    }

    @Test
    void aCellThatBreaksARuleShowsTheViolation() {
        assertThat(outcomes.get(1).status()).as("the rule is broken as stated").isZero();
        assertThat(outcomes.get(1).out()).contains("refused; rules broken: dma-above-reach; no byte moves\n");
        assertThat(outcomes.get(1).err()).contains("violation dma-above-reach: channel 1 was given a buffer")
                .contains("  again     ferrite matrix --cell " + REFUSED + "\n");
    }

    @Test
    void jsonIsOneLine() {
        assertThat(outcomes.get(2).status()).isZero();
        assertThat(outcomes.get(2).out()).hasLineCount(1).startsWith("{\"cells\":1,\"as_stated\":1,\"axes\":{")
                .contains("\"isa\":{\"cells\":1,\"no_memory\":0,\"direct\":0,\"bounced\":0,\"refused\":1,"
                        + "\"differ\":0}", "\"cell\":\"" + REFUSED + "\"", "\"differences\":[]");
    }

    @Test
    void theHelpNamesAllValuesOfEachAxis() {
        String help = outcomes.get(3).out().replaceAll("\\s+", " ");
        for (Axis axis : Axis.values()) {
            assertThat(help).contains(" " + axis.text() + " "
                    + axis.choices().stream().map(Object::toString).collect(Collectors.joining(" ")) + " ");
        }
    }

    @Test
    void theHelpHasExamples() {
        assertThat(outcomes.get(3).out()).contains("Examples:", "ferrite matrix --json", "--cell");
        assertThat(outcomes.get(4).out()).contains("matrix");
    }
}
